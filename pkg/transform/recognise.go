package transform

import "slices"

// Recogniser says what kinds of personal data a text seems to hold, by the patterns that scrub replaces. It is for texts
// that no treatment reaches, and belongs to one goroutine.
type Recogniser struct{ s *scrubber }

// NewRecogniser looks for every pattern.
func NewRecogniser() *Recogniser {
	f := newFolding()
	s := &scrubber{fold: f, months: newMonths(f), class: newClasses()}
	for i := range s.on {
		s.on[i] = true
	}
	s.mentions.fold = f
	s.mentions.begin()
	return &Recogniser{s}
}

// Kinds names what a text seems to hold, as the parameter patterns does: in that order, each once.
func (r *Recogniser) Kinds(text string) []string {
	s, b := r.s, appendValid(nil, []byte(text))
	var found [kinds]bool
	s.looked = 0
	s.nextMail(b, 0)
	for i := 0; i < len(b); {
		class := s.class[b[i]]
		if class == classNone && i != s.mail.start {
			i++
			continue
		}
		if i > s.mail.start {
			s.nextMail(b, i)
		}
		h, next := s.look(b, i, class)
		if h.end > 0 {
			found[h.kind], next = true, h.end
		}
		i = next
	}
	var names []string
	for k, name := range patternNames() {
		if found[k] {
			names = append(names, name)
		}
	}
	return slices.Clip(names)
}
