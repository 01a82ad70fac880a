package scrub

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/words"
)

// at returns the longest needle that starts with the word w. If no needle starts with this word, at looks for a needle
// that is a part of the word, or that is broken into several words.
func (m *mentions) at(b []byte, w *words.Word) (best recognise.Value) {
	if len(m.needles) == 0 {
		return best
	}
	best = m.whole(b, w)
	begins := best.End == 0 && w.Runes >= minPart && m.mayBegin(b, w.Start)
	if begins {
		best = m.part(b, w)
	}
	if best.End == 0 {
		best = m.broken(b, w, begins)
	}
	if best.End > 0 {
		m.last = best.End
	}
	return best
}

// whole returns the longest needle that starts with the word w and ends with a word.
func (m *mentions) whole(b []byte, w *words.Word) (best recognise.Value) {
	for _, h := range [3]uint64{w.Hash, w.Less1, w.Less2} {
		if m.seen[h>>6&3]&(1<<(h&63)) == 0 {
			continue
		}
		for i := range m.needles {
			n := &m.needles[i]
			if n.hash != h {
				continue
			}
			end := m.match(b, w, n)
			if end > best.End || end == best.End && end > 0 && best.Part >= 0 && n.part < 0 {
				best = n.found(end)
			}
		}
	}
	return best
}

func (n *needle) found(end int) recognise.Value {
	return recognise.Value{Index: n.mention, Part: n.part, Parts: n.parts, End: end}
}

// match returns the end of the needle in the text, or 0 if the text from w on does not equal the needle.
func (m *mentions) match(b []byte, w *words.Word, n *needle) int {
	if n.capital {
		if r, _ := utf8.DecodeRune(b[w.Start:]); !unicode.IsUpper(r) {
			return 0
		}
	}
	runes, at := m.text[n.from:n.to], *w
	for k := range n.words {
		blank := bytes.IndexByte(runes, ' ')
		end := m.fold.Prefix(b[at.Start:at.End], runes[:blank])
		if end < 0 {
			return 0
		}
		end += at.Start
		if k == n.words-1 {
			if rest := b[end:at.End]; len(rest) > 0 && (!n.inflects || !inflection(rest)) {
				return 0
			}
			return end
		}
		if end != at.End {
			return 0
		}
		if at.Start = m.gap(b, end); at.Start < 0 {
			return 0
		}
		at = m.fold.At(b, at.Start)
		runes = runes[blank+1:]
	}
	return 0
}

func inflection(rest []byte) bool {
	return len(rest) == 1 && rest[0]|0x20 == 's' || len(rest) == 2 && rest[0]|0x20 == 'e' && rest[1]|0x20 == 's'
}

// gap returns the start of the next word in the text b, from position i on. Between i and that word, b may hold blanks
// and at most three other characters. Otherwise gap returns -1.
func (m *mentions) gap(b []byte, i int) int {
	for marks := 0; i < len(b) && marks <= 3; {
		if m.fold.Starts(b, i) {
			return i
		}
		r, size := utf8.DecodeRune(b[i:])
		if !unicode.IsSpace(r) {
			marks++
		}
		i += size
	}
	return -1
}

// number finds a column whose digits are the first digits of r. The separators may differ.
func (m *mentions) number(r *recognise.Numerals) (best recognise.Value) {
	for _, i := range m.numbers {
		c := &m.columns[i]
		for k := 1; k <= r.Groups(); k++ {
			if !r.Complete(k) {
				continue
			}
			if end := r.End(k); end > best.End && sameNumber(r.Digits(k), c.digits[:c.nDigits], c.phone) {
				best = recognise.Value{Index: i, Part: -1, Parts: 1, End: end}
			}
		}
	}
	return best
}

// sameNumber compares digits. Telephone numbers may differ in the country code and in leading zeros.
func sameNumber(found, have []byte, phone bool) bool {
	if bytes.Equal(found, have) {
		return true
	}
	if !phone {
		return false
	}
	found, have = bytes.TrimLeft(found, "0"), bytes.TrimLeft(have, "0")
	if len(found) > len(have) {
		found, have = have, found
	}
	return len(found) >= 7 && len(have)-len(found) <= 4 && bytes.HasSuffix(have, found)
}

// date finds a column with this day.
func (m *mentions) date(day int64) (column int, ok bool) {
	for _, i := range m.dates {
		if m.columns[i].day == day {
			return i, true
		}
	}
	return 0, false
}

// same finds a column whose value has the same letters and digits as the argument found, which is the match of a
// pattern.
func (m *mentions) same(found []byte) (recognise.Value, bool) {
	for i := range m.columns {
		if source := m.columns[i].source; len(source) > 0 && sameCharacters(source, found) {
			return recognise.Value{Index: i, Part: -1, Parts: 1}, true
		}
	}
	return recognise.Value{}, false
}

// sameCharacters compares the ASCII letters, without case, and the digits of two texts. It ignores all other
// characters.
func sameCharacters(a, b []byte) bool {
	i, j, same := 0, 0, 0
	for {
		for i < len(a) && !words.IsAlnum(a[i]) {
			i++
		}
		for j < len(b) && !words.IsAlnum(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b) && same > 0
		}
		if a[i] != b[j] && (!words.IsLetter(a[i]) || a[i]|0x20 != b[j]|0x20) {
			return false
		}
		i, j, same = i+1, j+1, same+1
	}
}
