package guess

import (
	"slices"
	"strings"
)

// shortForms finds the words of the vocabulary that short forms stand for.
type shortForms struct {
	words    []string          // sorted
	listed   map[string]string // the section @short
	skeleton map[string]string // maps the consonants of words to the word, or to "" if several words have them
}

// The shortest short forms, in bytes.
const (
	shortestSkeleton = 4 // hldr
	shortestStart    = 4 // gesl
)

// shortForms collects the words of the vocabulary.
func (d *Detectors) shortForms() shortForms {
	s := shortForms{words: make([]string, 0, len(d.known)), listed: d.short.listed, skeleton: make(map[string]string, len(d.known))}
	for w := range d.known {
		s.words = append(s.words, w)
	}
	slices.Sort(s.words)
	for _, w := range s.words {
		bones := skeleton(w)
		if len(bones) < shortestSkeleton || bones == w {
			continue
		}
		if other, have := s.skeleton[bones]; have && !strings.HasPrefix(w, other) {
			w = ""
		} else if have {
			continue // a plural
		}
		s.skeleton[bones] = w
	}
	return s
}

// spellings replaces letters that names without accents have in place of letters with accents. For example, oe stands
// for ö and ø, and becomes o as in the vocabulary.
var spellings = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// long returns the word of the vocabulary that a short form or a spelling without accents stands for: holder for hldr,
// geschlecht for geschl, korestol for koerestol. It returns other words unchanged.
func (d *Detectors) long(word string) string {
	if len(word) < min(shortestSkeleton, shortestStart) || d.known[word] || d.stemmed(word) {
		return word
	}
	if other := spellings.Replace(word); other != word {
		if other = d.singular(other); d.known[other] || d.stemmed(other) {
			return other
		}
	}
	if w := d.short.skeleton[word]; w != "" {
		return w
	}
	if len(word) < shortestStart {
		return word
	}
	return d.begun(word)
}

// begun returns the shortest word of the vocabulary that begins with a short form. It returns the short form itself if
// there is no such word, or if the words that begin with it do not all give the same kind.
func (d *Detectors) begun(short string) string {
	at, _ := slices.BinarySearch(d.short.words, short)
	found, kind := "", ""
	for _, w := range d.short.words[at:] {
		if !strings.HasPrefix(w, short) {
			break
		}
		k := d.kindOfWord(w)
		if rest := w[len(short):]; len(rest) >= shortestPart && d.known[rest] && !d.sets["@number"][rest] && !d.sets["@name"][rest] {
			return short // the first part of a compound: dateof is no short form of dateofbirth
		}
		if k == "" || kind != "" && k != kind {
			return short
		}
		if kind = k; found == "" || len(w) < len(found) {
			found = w
		}
	}
	if found == "" || d.special[kind] && len(short) <= shortestStart {
		return short // four letters are too few for health or faith
	}
	if len(found)-len(short) >= longestMissing && (d.unrelated(short[:len(short)-1]) || d.unrelated(short[:len(short)-2])) {
		return short // dateo is a date and a letter, and no short form of dateofbirth
	}
	return found
}

// longestMissing is the number of letters after which a short form is too short if it begins with another word.
const longestMissing = 4

// unrelated reports whether a word is in the vocabulary, but gives no kind.
func (d *Detectors) unrelated(word string) bool {
	return len(word) >= shortestStart && d.known[word] && len(d.phrases[word]) == 0
}

// written replaces the short forms that the section @short lists by their long forms: hourly rt becomes hourly rate. It
// returns nil if the section lists none of the words.
func (d *Detectors) written(words []string) []string {
	var out []string
	for i, w := range words {
		if full := d.short.listed[w]; full != "" {
			if out == nil {
				out = slices.Clone(words)
			}
			out[i] = full
		}
	}
	return out
}

// kindOfWord returns the kind that a word gives by itself, or "" if it gives none or several.
func (d *Detectors) kindOfWord(word string) string {
	kind := ""
	for _, e := range d.phrases[word] {
		if e.mark != enough || kind != "" && kind != e.kind.name {
			return ""
		}
		kind = e.kind.name
	}
	return kind
}

// skeleton returns the first letter of a word and the consonants after it. It returns one letter for a double letter.
func skeleton(word string) string {
	b := make([]byte, 0, longestSplit)
	for i := range len(word) {
		switch c := word[i]; {
		case i > 0 && strings.IndexByte("aeiouy", c) >= 0:
		case len(b) > 0 && b[len(b)-1] == c && word[i-1] == c:
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
