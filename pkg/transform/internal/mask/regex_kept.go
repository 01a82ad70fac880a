package mask

import (
	"regexp/syntax"
	"unicode/utf8"
)

const (
	specimenRepeats = 8      // repetitions of a part in a long specimen, within the limits of the pattern. In a short specimen, a part occurs once
	mostSteps       = 10_000 // largest number of parts of the pattern in one specimen. Nested repetitions of an empty part take steps, but add no text
	mostSpecimens   = 512
	lostPart        = 4 // of this number of variable bytes, at least one must be lost
)

// hides reports whether a result hides its value. The result shows the text of the groups in replace. The rest of the
// value is lost. hides makes short and long texts that match the pattern (specimens), for each combination of the
// pattern's alternatives. It runs the pattern on them. In each specimen, at least a quarter of the variable bytes must
// be lost. Text that every match has is not variable.
func (r *rewrite) hides(pattern string) bool {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	n := choicesOf(tree)
	for pick := range min(n, mostSpecimens) {
		for _, repeats := range []int{1, specimenRepeats} {
			for _, last := range []bool{false, true} {
				s := specimen{pick: pick, last: last, repeats: repeats}
				if !s.add(tree) || !r.loses(&s) {
					return false
				}
			}
		}
	}
	return n <= mostSpecimens
}

// loses reports whether enough of a specimen is lost in its result.
func (r *rewrite) loses(s *specimen) bool {
	at := r.re.FindSubmatchIndex(s.text)
	if at == nil {
		return false
	}
	variable, shown := 0, 0
	for i, v := range s.variable {
		if !v {
			continue
		}
		variable++
		for _, p := range r.parts {
			if p.group > 0 && at[2*p.group] <= i && i < at[2*p.group+1] {
				shown++
				break
			}
		}
	}
	return (variable-shown)*lostPart >= variable && variable > 0
}

// choicesOf returns how many values of specimen.pick are necessary for all combinations of a pattern's alternatives, or
// a number above mostSpecimens.
func choicesOf(re *syntax.Regexp) int {
	n := 1
	switch re.Op {
	case syntax.OpAlternate:
		n = len(re.Sub)
	case syntax.OpQuest:
		n = 2
	}
	for _, sub := range re.Sub {
		n = min(n*choicesOf(sub), mostSpecimens+1)
	}
	return n
}

// specimen is a text that matches a pattern. The method add makes the text.
type specimen struct {
	pick     int  // which alternatives to take, as the digits of a number
	last     bool // take the last character of a class, not the first
	repeats  int  // how often a repetition repeats, within the limits of the pattern
	steps    int
	text     []byte
	variable []bool // for each byte: whether other matches have another byte at this place
}

// add appends a text that matches a part of the pattern. It returns false if no text matches the part, or if too many
// steps are necessary.
func (s *specimen) add(re *syntax.Regexp) bool {
	if s.steps++; s.steps > mostSteps {
		return false
	}
	switch re.Op {
	case syntax.OpNoMatch:
		return false
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			s.put(c, false)
		}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			return false
		}
		first, last := re.Rune[0], re.Rune[len(re.Rune)-1]
		if s.last {
			s.put(last, first != last)
		} else {
			s.put(first, first != last)
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.put(map[bool]rune{false: 'a', true: '7'}[s.last], true)
	case syntax.OpAlternate:
		return s.add(re.Sub[s.choose(len(re.Sub))])
	case syntax.OpQuest:
		return s.choose(2) == 1 || s.add(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return s.repeat(re.Sub[0], s.repeats)
	case syntax.OpRepeat:
		n := max(re.Min, s.repeats)
		if re.Max >= 0 {
			n = min(n, re.Max)
		}
		return s.repeat(re.Sub[0], n)
	default: // a group, a sequence, or an empty match
		for _, sub := range re.Sub {
			if !s.add(sub) {
				return false
			}
		}
	}
	return true
}

// choose takes the next of n alternatives.
func (s *specimen) choose(n int) int {
	choice := s.pick % n
	s.pick /= n
	return choice
}

func (s *specimen) repeat(re *syntax.Regexp, n int) bool {
	for range n {
		if !s.add(re) {
			return false
		}
	}
	return true
}

func (s *specimen) put(c rune, variable bool) {
	before := len(s.text)
	s.text = utf8.AppendRune(s.text, c)
	for range len(s.text) - before {
		s.variable = append(s.variable, variable)
	}
}
