package normal

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// Text is a text in its normal form, with its tokens. A Text is reused for many texts, and belongs to one goroutine.
type Text struct {
	Form    []byte
	Tokens  []Token
	Escapes bool // the text may have escapes, so it has to be given to Unescape
}

// Token is a run of letters and digits in a text. It is small, because a long text has many.
type Token struct {
	Start, End uint32 // offsets in Form
	Digits     bool   // digits only
	Near       bool   // at most three characters are between this token and the token before, and all of them may divide a phone number
	Dash       byte   // the character between this token and the token before, if there is only one; otherwise 0
	Dials      bool   // a + or ( is before this token, or the token begins with 0
}

// nearest is the largest number of separators between two parts of one number.
const nearest = 3

// Split replaces t by the normal form of a text and its tokens.
func (f *Folding) Split(t *Text, text []byte) {
	t.Form, t.Tokens, t.Escapes = t.Form[:0], t.Tokens[:0], false
	w := writer{t: t}
	var b block
	for i := 0; i < len(text); {
		if text[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			i += size
			w.add(f.of(r), r)
			continue
		}
		b.read(&f.ranges, text[i:])
		w.block(&f.ascii, &b, text[i:i+b.n])
		i += b.n
	}
}

// writer writes the tokens of a text.
type writer struct {
	t      *Text
	before between
	inside bool // the next letter or digit belongs to the last token
}

// between is the separators since the last token.
type between struct {
	gap  int   // their number
	seen entry // their bits
	last byte  // the last of them
}

// begin writes the token that begins after the separators. It sets the fields of the token in place, one by one. Making
// a token and then copying it takes several times as long, because the processor cannot quickly copy small fields that
// it has just written.
func (v between) begin(t *Token, start, end int, first byte, digits bool) {
	t.Start, t.End, t.Digits = uint32(start), uint32(end), digits
	t.Near = v.seen>>notDialled&1 == 0 && v.gap <= nearest
	t.Dials = first == '0' || v.last == '+' || v.last == '('
	t.Dash = 0
	if v.gap == 1 {
		t.Dash = v.last
	}
}

// block adds the characters of a block. A token may begin in one block and end in another.
func (w *writer) block(table *[utf8.RuneSelf]entry, b *block, text []byte) {
	form, tokens, v := room(w.t.Form), slices.Grow(w.t.Tokens, blockSize/2), w.before
	starts, ends, at, seen := b.starts(), b.ends(), 0, entry(0)
	if w.inside && starts&1 == 1 { // the last token goes on
		at = bits.TrailingZeros64(ends)
		form = b.copyRun(form, 0, at)
		t := &tokens[len(tokens)-1]
		t.End, t.Digits = uint32(len(form)), t.Digits && b.digits(0, at)
		starts, ends = starts&(starts-1), ends&(ends-1)
	}
	for ; starts != 0; starts, ends = starts&(starts-1), ends&(ends-1) {
		from, to := bits.TrailingZeros64(starts), bits.TrailingZeros64(ends)
		for _, c := range text[at:from] {
			v = between{v.gap + 1, v.seen | table[c], c}
		}
		tokens = tokens[:len(tokens)+1]
		v.begin(&tokens[len(tokens)-1], len(form), len(form)+to-from, b.low[from], b.digits(from, to))
		form = b.copyRun(form, from, to-from)
		seen, v, at = seen|v.seen, between{}, to
	}
	for _, c := range text[at:] {
		v = between{v.gap + 1, v.seen | table[c], c}
	}
	w.t.Form, w.t.Tokens, w.before, w.inside = form, tokens, v, at == len(text)
	w.t.Escapes = w.t.Escapes || (seen|v.seen)>>escapes&1 == 1
}

// add adds a character that is not ASCII.
func (w *writer) add(c character, r rune) {
	switch c.kind {
	case ignored:
		return
	case separator:
		if w.before.gap++; !blank(r) {
			w.before.seen |= 1 << notDialled
		}
		w.before.last, w.inside = ' ', false
		return
	}
	start := len(w.t.Form)
	w.t.Form = append(w.t.Form, c.text[:c.n]...)
	if w.inside && c.kind != single {
		t := &w.t.Tokens[len(w.t.Tokens)-1]
		t.End, t.Digits = uint32(len(w.t.Form)), t.Digits && c.kind == digit
		return
	}
	w.t.Tokens = slices.Grow(w.t.Tokens, 1)[:len(w.t.Tokens)+1]
	w.before.begin(&w.t.Tokens[len(w.t.Tokens)-1], start, len(w.t.Form), c.text[0], c.kind == digit)
	w.before, w.inside = between{}, c.kind != single
}

// Date reports whether a date in digits begins at token i: 2024-02-29 or 29.02.2024. Dates are not parts of numbers.
func (t *Text) Date(i int) bool {
	if i+2 >= len(t.Tokens) {
		return false
	}
	a, b, c := t.Tokens[i], t.Tokens[i+1], t.Tokens[i+2]
	if !a.Digits || !b.Digits || !c.Digits || b.Dash == 0 || b.Dash == ' ' || b.Dash != c.Dash || b.End-b.Start > 2 {
		return false
	}
	first, last := a.End-a.Start, c.End-c.Start
	return first == 4 && last <= 2 || first <= 2 && last == 4
}

// Dialled returns the index of the token after a phone number that begins at token i. It returns i if no phone number
// begins there.
func (t *Text) Dialled(i int) int {
	first := t.Tokens[i]
	if !first.Dials || !first.Digits || t.Date(i) {
		return i
	}
	end := i + 1
	for end < len(t.Tokens) && t.Tokens[end].Digits && t.Tokens[end].Near && t.Tokens[end].End-first.Start <= longestDialled {
		end++
	}
	if t.Tokens[end-1].End-first.Start < shortestDialled || t.Tokens[end-1].End-first.Start > longestDialled {
		return i
	}
	return end
}
