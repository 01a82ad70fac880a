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
	w := writer{t: t, near: true}
	for i := 0; i < len(text); {
		b := text[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			i += size
			w.add(f.of(r), r)
			continue
		}
		e := f.ascii[b]
		if e>>counted&1 == 0 {
			t.Escapes = t.Escapes || e>>escapes&1 == 1
			w.separate(b, e>>notDialled&1 == 0)
			i++
			continue
		}
		w.begin(byte(e))
		i += w.run(&f.ascii, text[i:])
	}
	w.end()
}

// token adds a token, and returns it. The caller sets the fields of this token in place, one by one. Making a token and
// then copying it takes several times as long, because the processor cannot quickly copy small fields that it has just
// written.
func (t *Text) token() *Token {
	n := len(t.Tokens)
	if n == cap(t.Tokens) {
		t.Tokens = append(t.Tokens, Token{})
	} else {
		t.Tokens = t.Tokens[:n+1]
	}
	return &t.Tokens[n]
}

// writer writes the tokens of a text.
type writer struct {
	t       *Text
	in      bool // the writer is within a token
	letters bool // the token has a character that is not a digit
	near    bool // all separators since the last token may divide a phone number
	gap     int  // separators since the last token
	last    byte // the last separator
}

// run adds the ASCII letters and digits at the beginning of a text, and returns their number.
func (w *writer) run(table *[utf8.RuneSelf]entry, text []byte) (n int) {
	start := len(w.t.Form)
	w.t.Form = slices.Grow(w.t.Form, len(text))
	out := w.t.Form[start : start+len(text)]
	var seen entry
	for n < len(text) && text[n] < utf8.RuneSelf {
		e := table[text[n]]
		if e>>counted&1 == 0 {
			break
		}
		out[n] = byte(e)
		seen |= e
		n++
	}
	w.t.Form = w.t.Form[:start+n]
	w.letters = w.letters || seen>>isLetter&1 == 1
	return n
}

// add adds a character that is not ASCII.
func (w *writer) add(c character, r rune) {
	switch c.kind {
	case ignored:
		return
	case separator:
		w.separate(' ', blank(r))
		return
	case single:
		w.end()
	}
	w.begin(c.text[0])
	w.t.Form = append(w.t.Form, c.text[:c.n]...)
	w.letters = w.letters || c.kind != digit
	if c.kind == single {
		w.end()
	}
}

func (w *writer) begin(first byte) {
	if w.in {
		return
	}
	t := w.t.token()
	t.Start, t.Near = len(w.t.Form), w.near && w.gap <= nearest
	t.Dials = first == '0' || w.gap > 0 && (w.last == '+' || w.last == '(')
	t.Dash = 0
	if w.gap == 1 {
		t.Dash = w.last
	}
	w.in, w.letters, w.near, w.gap, w.last = true, false, true, 0, 0
}

func (w *writer) separate(b byte, divides bool) {
	w.end()
	w.gap++
	w.last = b
	w.near = w.near && divides
}

func (w *writer) end() {
	if w.in {
		t := &w.t.Tokens[len(w.t.Tokens)-1]
		t.End, t.Digits = len(w.t.Form), !w.letters
		w.in = false
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
