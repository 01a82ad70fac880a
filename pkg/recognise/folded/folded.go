// Package folded reads a text as a person reads it: every character in one form, without invisible characters, and with
// escapes decoded. It knows from which part of the text each byte of the result came.
package folded

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Text is a text and its folded form. It reuses its memory: one Text reads one text after the other, and allocates nothing
// once it has read a text of the largest size. It belongs to one goroutine.
type Text struct {
	special  [256]bool // bytes at which something may have to be folded
	entities map[string]string
	steps    [maxSteps]step
	used     int // number of steps that the last text needed
}

// maxSteps limits how often a text is folded. One step decodes %2540 to %40, and the next step decodes %40 to @. A text may
// need several, for example for an entity in JSON in a URL. A text with more layers stays as the last step left it.
const maxSteps = 6

// step is one pass over a text.
type step struct {
	out     []byte
	changes []change
	copied  int       // the text before copied is in out
	normal  int       // the text between the current position and normal is in NFKC
	iter    norm.Iter // unlike norm.Form.Append, it does not allocate
}

// change says that out[at:at+n] was made of text[from:to]. Between two changes, the text is copied.
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

// Read folds a text. The result is valid until the next call. It is the text itself if nothing was folded. The text must be
// UTF-8.
func (t *Text) Read(text []byte) []byte {
	t.used = 0
	for t.used < maxSteps && t.fold(&t.steps[t.used], text) {
		text = t.steps[t.used].out
		t.used++
	}
	return text
}

// Source returns the part of the text from which the part between start and end of the folded text came. start must be less
// than end.
func (t *Text) Source(start, end int) (from, to int) {
	for k := t.used - 1; k >= 0; k-- {
		s := &t.steps[k]
		start, _ = s.source(start)
		_, end = s.source(end - 1)
	}
	return start, end
}

// source returns the part of the text from which the byte at i was made.
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

// fold makes one pass over a text. It reports whether the pass changed anything. If not, s.out has no meaning.
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

// at folds what begins at i, and returns the offset after it.
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

// removed stands for no character.
const removed = -1

// change replaces b[from:to] by a character, which may be removed. It returns to.
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

// normalise writes the characters at i in NFKC, up to the next character that does not combine with them.
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
