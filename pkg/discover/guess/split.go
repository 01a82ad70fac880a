package guess

import (
	"slices"
	"strings"
	"unicode"
)

// Tokens takes a name apart into words without case and accents. It splits at separators, at humps and at digits. Words
// that are written together are taken apart if the vocabulary knows all of them.
func (d *Detectors) Tokens(name string) []string {
	var out []string
	for _, part := range humps(name) {
		word := d.folded(part)
		if word == "" {
			continue
		}
		out = append(out, d.apart(word)...)
	}
	for i, w := range out {
		out[i] = d.singular(w)
	}
	return out
}

// humps splits a name at separators, before capital letters, and between letters and digits.
func humps(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	rs := []rune(name)
	for i, c := range rs {
		switch {
		case unicode.Is(unicode.Mn, c) && len(word) > 0: // an accent of its own
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			flush()
			continue
		case i > 0 && unicode.IsDigit(c) != unicode.IsDigit(rs[i-1]):
			flush()
		case i > 0 && unicode.IsUpper(c) && (unicode.IsLower(rs[i-1]) ||
			unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1])):
			flush()
		}
		word = append(word, c)
	}
	flush()
	return out
}

// The shortest words into which a longer word is taken apart. The last one can be shorter: phoneno, loginid.
const (
	shortestPart = 3
	shortestTail = 2
	shortestHead = 6 // of a German compound, whose first part is unknown
	longestSplit = 64
)

// apart takes a word apart.
func (d *Detectors) apart(word string) []string {
	if len(word) < shortestPart+shortestTail || len(word) > longestSplit || d.known[word] || d.known[d.singular(word)] || d.stemmed(word) {
		return []string{word}
	}
	if parts := d.segments(word); parts != nil {
		return parts
	}
	for i := shortestPart; i <= len(word)-shortestHead; i++ {
		if tail := word[i:]; d.known[tail] && len(d.phrases[tail]) > 0 || len(word)-i >= shortestHead && d.sets["@person"][tail] {
			return []string{word[:i], tail}
		}
	}
	return []string{word}
}

func (d *Detectors) stemmed(word string) bool {
	for i := range d.stems {
		if strings.HasPrefix(word, d.stems[i].text) {
			return true
		}
	}
	return false
}

// segments returns the fewest known words that make the word, or nil.
func (d *Detectors) segments(word string) []string {
	best := make([][]string, len(word)+1)
	best[0] = []string{}
	for end := shortestPart; end <= len(word); end++ {
		least := shortestPart
		if end == len(word) {
			least = shortestTail
		}
		for start := 0; start <= end-least; start++ {
			part := word[start:end]
			if len(part) < shortestPart && !slices.Contains([]string{"no", "nr", "id", "ip"}, part) {
				continue
			}
			if best[start] == nil || !d.known[part] && !d.known[d.singular(part)] || start == 0 && end == len(word) {
				continue
			}
			if best[end] == nil || len(best[start])+1 < len(best[end]) {
				best[end] = append(append([]string{}, best[start]...), part)
			}
		}
	}
	return best[len(word)]
}

// singular returns the form of a word that the vocabulary knows: the word itself, or the word without the ending of a plural.
func (d *Detectors) singular(word string) string {
	if d.known[word] {
		return word
	}
	for _, ending := range []struct{ plural, singular string }{{"ies", "y"}, {"es", ""}, {"s", ""}, {"n", ""}, {"en", ""}} {
		if stem, ok := strings.CutSuffix(word, ending.plural); ok && len(stem) >= shortestPart && d.known[stem+ending.singular] {
			return stem + ending.singular
		}
	}
	return word
}
