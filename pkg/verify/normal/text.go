package normal

import (
	"slices"
	"unicode/utf8"
)

// Text is a text in its normal form, with its tokens. A Text is reused for many texts, and belongs to one goroutine.
type Text struct {
	Form    []byte
	Tokens  []Token
	Escapes bool // the text may have escapes, so it has to be given to Unescape
}

// Token is a run of letters and digits in a text.
type Token struct {
	Start, End int  // offsets in Form
	Digits     bool // digits only
	Near       bool // at most three characters are between this token and the token before, and all of them may divide a phone number
	Dash       byte // the character between this token and the token before, if there is only one; otherwise 0
	Dials      bool // a + or ( is before this token, or the token begins with 0
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
	w.end()
}

// writer writes the tokens of a text.
type writer struct {
	t *Text
	between
}

// between is where a writer is: within a token, or between two tokens. It has four fields, because the compiler keeps
// such a struct in the processor's registers.
type between struct {
	gap     int    // separators since the last token; negative within a token
	seen    entry  // the bits of these separators
	last    byte   // the last of these separators
	letters uint64 // not 0 if the token has a character that is not a digit
}

// begin begins a token at an offset of the form. It sets the fields of the token in place, one by one. Making a token
// and then copying it takes several times as long, because the processor cannot quickly copy small fields that it has
// just written.
func (v between) begin(t *Token, start int, first byte) between {
	t.Start, t.Near = start, v.seen>>notDialled&1 == 0 && v.gap <= nearest
	t.Dials = first == '0' || v.gap > 0 && (v.last == '+' || v.last == '(')
	t.Dash = 0
	if v.gap == 1 {
		t.Dash = v.last
	}
	return between{gap: -1}
}

// end ends the token.
func (v between) end(t *Token, end int) between {
	t.End, t.Digits = end, v.letters == 0
	return between{}
}

// block adds the characters of a block. A token may begin in one block and end in another.
func (w *writer) block(table *[utf8.RuneSelf]entry, b *block, text []byte) {
	form, tokens, v := room(w.t.Form), slices.Grow(w.t.Tokens, blockSize/2), w.between
	var seen entry
	for at := 0; at < len(text); {
		if n := b.run(at); n > 0 {
			if v.gap >= 0 {
				tokens = tokens[:len(tokens)+1]
				v = v.begin(&tokens[len(tokens)-1], len(form), b.low[at])
			}
			v.letters |= b.letters >> (at & 63) & (1<<n - 1)
			form = b.copyRun(form, at, n)
			if at += n; at == len(text) {
				break
			}
		}
		if v.gap < 0 {
			v = v.end(&tokens[len(tokens)-1], len(form))
		}
		for _, c := range text[at : at+b.gap(at)] {
			v = between{v.gap + 1, v.seen | table[c], c, 0}
			at++
		}
		seen |= v.seen
	}
	w.t.Form, w.t.Tokens, w.between = form, tokens, v
	w.t.Escapes = w.t.Escapes || seen>>escapes&1 == 1
}

// add adds a character that is not ASCII.
func (w *writer) add(c character, r rune) {
	switch c.kind {
	case ignored:
		return
	case separator:
		w.end()
		if w.gap++; !blank(r) {
			w.seen |= 1 << notDialled
		}
		w.last = ' '
		return
	case single:
		w.end()
	}
	if w.gap >= 0 {
		w.t.Tokens = slices.Grow(w.t.Tokens, 1)[:len(w.t.Tokens)+1]
		w.between = w.begin(&w.t.Tokens[len(w.t.Tokens)-1], len(w.t.Form), c.text[0])
	}
	w.t.Form = append(w.t.Form, c.text[:c.n]...)
	if c.kind != digit {
		w.letters = 1
	}
	if c.kind == single {
		w.end()
	}
}

// end ends the token, if the writer is within one.
func (w *writer) end() {
	if w.gap < 0 {
		w.between = w.between.end(&w.t.Tokens[len(w.t.Tokens)-1], len(w.t.Form))
	}
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
