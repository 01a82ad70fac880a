package scrub

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/words"
)

// The fewest letters of a needle that counts as a part of a longer word. A needle with longInside letters counts
// anywhere, because few other words contain it. A needle with longPart letters counts at the beginning and at the end
// of a word. A shorter needle counts only if a name can begin before it and end after it (see opens and closes), as in
// Jürgen123, JürgenMüller and Jürgenchen. Beside a single letter, the needle also needs minInitial letters.
const (
	longPart   = 5 // at the beginning or the end of a word
	longInside = 6 // anywhere in a word
	minInitial = 4 // beside a single letter, as in jmüller and jürgenm
)

// trigram is a number that holds three folded runes.
type trigram uint64

const runeBits = 21

func (t trigram) with(r rune) trigram { return t<<runeBits | trigram(r) }

// head returns a hash of the trigram, with eight bits.
func (t trigram) head() uint64 { return uint64(t) * 0x9e3779b97f4a7c15 >> 56 }

func headOf(folded []byte) uint64 {
	var t trigram
	for range minPart {
		r, size := utf8.DecodeRune(folded)
		t, folded = t.with(r), folded[size:]
	}
	return t.head()
}

// pairs is a set of pairs of letters, without case: the pairs with which needles begin. No needle begins at another
// pair of letters, so most places of a text are skipped quickly.
type pairs [16]uint64

func (p *pairs) add(folded []byte) {
	at := uint(folded[0]&31)<<5 | uint(folded[1]&31)
	p[at>>6] |= 1 << (at & 63)
}

// mayBegin reports whether a needle may begin with the bytes x and y. It returns true if x or y is not ASCII, because
// letters that are not ASCII have many forms.
func (p *pairs) mayBegin(x, y byte) bool {
	at := uint(x&31)<<5 | uint(y&31)
	return (x|y) >= utf8.RuneSelf || p[at>>6]&(1<<(at&63)) != 0
}

// mayBegin reports whether a needle may begin at i.
func (m *mentions) mayBegin(b []byte, i int) bool {
	if i+1 >= len(b) || !m.pairs.mayBegin(b[i], b[i+1]) {
		return false
	}
	var t trigram
	for n := 0; n < minPart && i < len(b); {
		r, r2, size := m.fold.Fold(b, i)
		i += size
		for _, r := range [2]rune{r, r2} {
			if r != 0 && n < minPart {
				t, n = t.with(r), n+1
			}
		}
	}
	h := t.head()
	return m.heads[h>>6]&(1<<(h&63)) != 0
}

// within returns the offset of the first needle that begins inside the word w, or 0.
func (m *mentions) within(b []byte, w *words.Word) int {
	if w.Runes <= minPart {
		return 0
	}
	for i := w.Start + 1; i+1 < w.End; i++ {
		if m.pairs.mayBegin(b[i], b[i+1]) && utf8.RuneStart(b[i]) && m.mayBegin(b, i) && m.longest(b, i, w.End) != nil {
			return i
		}
	}
	return 0
}

// part returns the longest needle that is a part of the word w, at its beginning. It also returns a needle if the word
// is a pet form of the needle.
func (m *mentions) part(b []byte, w *words.Word) (best recognise.Value) {
	m.folded = m.fold.Append(m.folded[:0], b[w.Start:w.End])
	if n := m.longest(b, w.Start, w.End); n != nil {
		return n.found(w.Start + m.prefix(b[w.Start:w.End], n))
	}
	first, _ := utf8.DecodeRune(b[w.Start:])
	for i := range m.needles {
		if n := &m.needles[i]; n.runes > 0 && petForm(m.folded, m.word(n), unicode.IsUpper(first)) && !inWord(b, w.Start) {
			return n.found(w.End)
		}
	}
	return best
}

// word returns the folded form of a needle of one word.
func (m *mentions) word(n *needle) []byte { return m.text[n.from : n.to-1] }

func (m *mentions) prefix(text []byte, n *needle) int { return m.fold.Prefix(text, m.word(n)) }

// longest returns the longest needle that begins at offset start and may be a part of a word, or nil. The word ends at
// offset end.
func (m *mentions) longest(b []byte, start, end int) (best *needle) {
	for i := range m.needles {
		n := &m.needles[i]
		if n.runes == 0 || best != nil && n.runes <= best.runes {
			continue
		}
		if size := m.prefix(b[start:end], n); size > 0 && m.mayStand(b, n, start, start+size, end) {
			best = n
		}
	}
	return best
}

// mayStand reports whether a needle counts as a part of a word. The needle is between the offsets start and stop, and
// the word ends at the offset end.
func (m *mentions) mayStand(b []byte, n *needle, start, stop, end int) bool {
	if n.runes >= longInside {
		return true
	}
	left, right := m.opens(b, n, start), m.closes(b, n, stop, end)
	return left && right || (left || right) && n.runes >= longPart
}

// opens reports whether a name can begin at the offset start. A name can begin at the beginning of a word, and after a
// digit, another name, an initial, or an escape such as \n. It can also begin with a capital after a lower-case letter.
func (m *mentions) opens(b []byte, n *needle, start int) bool {
	if !inWord(b, start) || start == m.last {
		return true
	}
	before, size := utf8.DecodeLastRune(b[:start])
	first, _ := utf8.DecodeRune(b[start:])
	switch at := start - size; {
	case unicode.IsDigit(before), unicode.IsLower(before) && unicode.IsUpper(first):
		return true
	case at > 0 && b[at-1] == '\\':
		return true
	default:
		return n.runes >= minInitial && !inWord(b, at)
	}
}

// closes reports whether a name can end at the offset stop. The word ends at the offset end.
func (m *mentions) closes(b []byte, n *needle, stop, end int) bool {
	if stop == end {
		return true
	}
	rest := b[stop:end]
	last, _ := utf8.DecodeLastRune(b[:stop])
	next, size := utf8.DecodeRune(rest)
	switch {
	case unicode.IsDigit(next), unicode.IsLower(last) && unicode.IsUpper(next), inflection(rest):
		return true
	case size == len(rest):
		return n.runes >= minInitial
	}
	if len(rest) > maxEnding {
		return m.begins(rest)
	}
	m.folded = m.fold.Append(m.folded[:0], rest)
	return petEnding(m.folded) || m.begins(rest)
}

// begins reports whether a text begins with a needle.
func (m *mentions) begins(text []byte) bool {
	for i := range m.needles {
		if n := &m.needles[i]; n.runes > 0 && m.prefix(text, n) > 0 {
			return true
		}
	}
	return false
}

// inWord reports whether the offset at lies within a word.
func inWord(b []byte, at int) bool { return at > 0 && endsInWord(b[:at]) }

// petForm reports whether a word is a pet name: the beginning of a name and an ending, such as Jürgi for Jürgen or
// Tommy for Tom. If the word has a capital, the first three letters of the name are enough.
func petForm(word, name []byte, capital bool) bool {
	same, runes := 0, 0
	for same < len(word) && same < len(name) {
		r, size := utf8.DecodeRune(word[same:])
		if other, _ := utf8.DecodeRune(name[same:]); r != other {
			break
		}
		same, runes = same+size, runes+1
	}
	if runes < minPart || runes == minPart && !capital || same == len(word) {
		return false
	}
	rest := word[same:]
	return petEnding(rest) || rest[0] == word[same-1] && petEnding(rest[1:])
}

// maxEnding is the largest number of bytes that the ending of a pet name has in a text, with accents.
const maxEnding = 16

func petEnding(rest []byte) bool {
	switch string(rest) {
	case "i", "y", "ie", "ey", "li", "chen", "lein", "erl", "ito", "ita", "inho", "inha", "ino", "ina", "etto", "etta", "elchen", "ilein", "le", "chens", "leins", "is", "ys", "ies":
		return true
	}
	return false
}

// broken returns a needle that begins with the word w and continues in the next words. The text has a blank or a line
// break inside the needle, or the same sign between all its letters. The argument begins says whether a needle may
// begin with the first letters of w.
func (m *mentions) broken(b []byte, w *words.Word, begins bool) (best recognise.Value) {
	if w.End == len(b) {
		return best
	}
	line := b[w.End] == '\n' || b[w.End] == '\r'
	blank := begins && b[w.End] == ' '
	apart := w.Runes == 1 && w.End+1 < len(b) && !m.fold.Starts(b, w.End) && m.fold.Starts(b, w.End+1)
	if !line && !apart && !blank || inWord(b, w.Start) {
		return best
	}
	m.folded = m.fold.Append(m.folded[:0], b[w.Start:w.End])
	for i := range m.needles {
		n := &m.needles[i]
		if n.runes == 0 || blank && n.runes < longPart || !bytes.HasPrefix(m.word(n), m.folded) {
			continue
		}
		end := 0
		if line || blank {
			end = m.acrossLines(b, w.End, m.word(n)[len(m.folded):])
		} else {
			end = m.letters(b, w.End, m.word(n)[len(m.folded):])
		}
		if end > best.End {
			best = n.found(end)
		}
	}
	return best
}

// acrossLines returns the end of the rest of a name that follows after a blank or at the beginning of the next line, or
// 0.
func (m *mentions) acrossLines(b []byte, i int, rest []byte) int {
	for n := 0; i < len(b) && n < maxIndent && (b[i] <= ' ' || b[i] == '>'); n++ {
		i++
	}
	if i == len(b) || len(rest) == 0 || !m.fold.Starts(b, i) {
		return 0
	}
	w := m.fold.At(b, i)
	size := m.fold.Prefix(b[i:w.End], rest)
	if size < 0 || i+size < w.End && !inflection(b[i+size:w.End]) {
		return 0
	}
	return i + size
}

const maxIndent = 24

// letters returns the end of the rest of a name that has the same sign between all its letters, or 0.
func (m *mentions) letters(b []byte, i int, rest []byte) int {
	sign := b[i]
	for len(rest) > 0 {
		_, size := utf8.DecodeRune(rest)
		if i+1 >= len(b) || b[i] != sign || !m.fold.Starts(b, i+1) {
			return 0
		}
		w := m.fold.At(b, i+1)
		if w.Runes != 1 || m.fold.Prefix(b[w.Start:w.End], rest[:size]) < 0 {
			return 0
		}
		i, rest = w.End, rest[size:]
	}
	return i
}
