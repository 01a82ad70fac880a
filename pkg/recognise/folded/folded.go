// Package folded converts a text to the form in which a person reads it. In the folded text, each character has one
// form, invisible characters are removed, and escapes are decoded. The package knows from which part of the text each
// byte of the folded text came.
package folded

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a text and its folded form. A Text can read one text after the other, and reuses its memory. After the
// largest text, it allocates no more memory. A Text belongs to one goroutine.
type Text struct {
	special  [256]bool // bytes at which something may have to be folded
	entities map[string]string
	steps    [maxSteps]step
	used     int // number of steps that the last text needed
}

// maxSteps limits how often a text is folded. One step decodes %2540 to %40, and the next step decodes %40 to @. A text
// may need several steps, for example an entity in JSON in a URL. If a text needs more than maxSteps, the result is the
// text after the last step.
const maxSteps = 6

// step is one pass over a text, with the result of the pass.
type step struct {
	out     []byte
	changes []change
	copied  int       // the text before this offset is in out
	normal  int       // the text between the current position and this offset is already in NFKC
	iter    norm.Iter // unlike norm.Form.Append, it does not allocate
}

// change is one difference between text and out: out[at:at+n] was made from text[from:to]. The text between two changes
// is copied.
type change struct{ at, n, from, to int }

// New returns a Text.
func New() *Text {
	t := &Text{entities: newEntities()}
	for c := range t.special {
		t.special[c] = c >= utf8.RuneSelf || c < ' ' && (c < '\t' || c > '\r') || c == 0x7f
	}
	for _, c := range []byte("&%\\=([{<-") {
		t.special[c] = true
	}
	return t
}

// Read folds a text and returns the folded text. The folded text is valid until the next call of Read. If folding
// changes nothing, Read returns its argument. The text must be UTF-8.
func (t *Text) Read(text []byte) []byte {
	t.used = 0
	for t.used < maxSteps && t.fold(&t.steps[t.used], text) {
		text = t.steps[t.used].out
		t.used++
	}
	return text
}

// Source returns the part of the text that became the part [start, end) of the folded text. The offset start must be
// less than end.
func (t *Text) Source(start, end int) (from, to int) {
	for k := t.used - 1; k >= 0; k-- {
		s := &t.steps[k]
		start, _ = s.source(start)
		_, end = s.source(end - 1)
	}
	return start, end
}

// source returns the part of the step's input from which the byte at i of the step's output was made.
func (s *step) source(i int) (from, to int) {
	k := sort.Search(len(s.changes), func(k int) bool { return s.changes[k].at > i }) - 1
	if k < 0 {
		return i, i + 1
	}
	c := &s.changes[k]
	if i < c.at+c.n {
		return c.from, c.to
	}
	from = c.to + i - c.at - c.n
	return from, from + 1
}

// fold makes one pass over a text. It reports whether the pass changed anything. If nothing changed, s.out must not be
// used.
func (t *Text) fold(s *step, b []byte) bool {
	s.out, s.changes, s.copied = s.out[:0], s.changes[:0], 0
	s.normal = norm.NFKC.QuickSpan(b)
	for i := 0; i < len(b); {
		if !t.special[b[i]] && i != s.normal {
			i++
			continue
		}
		i = t.at(s, b, i)
	}
	if len(s.changes) == 0 {
		return false
	}
	s.out = append(s.out, b[s.copied:]...)
	return true
}

// at folds the character or escape that begins at i, and returns the offset after it.
func (t *Text) at(s *step, b []byte, i int) (next int) {
	if b[i] < utf8.RuneSelf {
		if r, size := t.escape(b, i); size > 0 {
			return s.change(b, i, i+size, r)
		}
		if r, from, end := bracketed(b, i, s.copied); end > 0 {
			return s.change(b, from, end, r)
		}
		if name, size := t.entity(b, i); size > 0 {
			return s.replace(b, i, i+size, name)
		}
		if i != s.normal {
			return i + 1
		}
	}
	r, size := utf8.DecodeRune(b[i:])
	if wide, n := misread(b, i, r); n > 0 {
		return s.change(b, i, i+n, wide)
	}
	if to := single(r); to != r {
		return s.change(b, i, i+size, to)
	}
	if i < s.normal {
		return i + size
	}
	return s.normalise(b, i)
}

// removed is returned instead of a character if the text at this place is removed.
const removed = -1

// change replaces b[from:to] by the character r. If r is the constant removed, change removes the text. It returns
// to.
func (s *step) change(b []byte, from, to int, r rune) int {
	s.copy(b, from)
	at := len(s.out)
	if r != removed {
		s.out = utf8.AppendRune(s.out, r)
	}
	return s.done(b, at, from, to)
}

// replace replaces b[from:to] by a text. It returns to.
func (s *step) replace(b []byte, from, to int, text string) int {
	s.copy(b, from)
	at := len(s.out)
	s.out = append(s.out, text...)
	return s.done(b, at, from, to)
}

func (s *step) copy(b []byte, to int) { s.out = append(s.out, b[s.copied:to]...) }

func (s *step) done(b []byte, at, from, to int) int {
	s.changes = append(s.changes, change{at, len(s.out) - at, from, to})
	s.copied = to
	if to > s.normal {
		s.normal = to + norm.NFKC.QuickSpan(b[to:])
	}
	return to
}

// normalise writes the characters from offset i on in the normal form NFKC. It stops before the next character that
// does not combine with them.
func (s *step) normalise(b []byte, i int) (next int) {
	next = i + norm.NFKC.NextBoundary(b[i:], true)
	s.copy(b, i)
	at := len(s.out)
	for s.iter.Init(norm.NFKC, b[i:next]); !s.iter.Done(); {
		s.out = append(s.out, s.iter.Next()...)
	}
	if string(s.out[at:]) == string(b[i:next]) {
		s.copied = next
		s.normal = next + norm.NFKC.QuickSpan(b[next:])
		return next
	}
	return s.done(b, at, i, next)
}
