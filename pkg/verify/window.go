package verify

import (
	"iter"
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/verify/normal"
)

const (
	pieceSize = 64 << 10 // bytes of a text that are folded at a time
	overlap   = 1 << 10  // bytes that two neighbouring pieces share, so that no value is cut
)

// Text looks up a text: the whole text, and each run of words in it that could be a value. The text may have any size.
func (t *Target) Text(text []byte) {
	t.found.cells++
	p, before := t.p, len(t.p.pending)
	this, again := p.repeats.again(t, asText, text)
	if again {
		return
	}
	p.queue.begin(text)
	t.text(text, true)
	p.finish(this, len(p.pending) > before)
}

// Part looks up one piece of a text that comes in several pieces. The caller lets the pieces overlap. The whole text is
// counted as one cell, when its last piece comes.
func (t *Target) Part(piece []byte, last bool) {
	t.text(piece, false)
	if last {
		t.found.cells++
	}
}

// pieces cuts a text into parts that overlap. It cuts between words, unless a word is as long as the overlap.
func pieces(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > pieceSize {
			end := pieceSize
			for end > pieceSize-overlap && within(text[end-1], text[end]) {
				end--
			}
			if !yield(text[:end]) {
				return
			}
			next := end - overlap
			for next < end-1 && within(text[next-1], text[next]) {
				next++
			}
			text = text[next:]
		}
		yield(text)
	}
}

// within reports whether two neighbouring bytes may belong to one word.
func within(a, b byte) bool { return !divides(a) && !divides(b) }

func divides(b byte) bool {
	return b < utf8.RuneSelf && (b < '0' || '9' < b && b < 'A' || 'Z' < b && b < 'a' || 'z' < b) && b != '%' && b != '&' && b != '\\' && b != ';'
}

// text looks up a text of any size. The argument alone is true if the text is a whole cell.
func (t *Target) text(text []byte, alone bool) {
	if len(text) <= pieceSize { // nearly every text. It needs no iterator
		t.encoded(text, alone)
		return
	}
	for piece := range pieces(text) {
		t.encoded(piece, false)
	}
}

// encoded looks up a piece of a text. JSON objects that it has in base64 are looked up too.
func (t *Target) encoded(piece []byte, alone bool) {
	t.escaped(piece, alone)
	if t.p.objects = normal.Objects(t.p.objects[:0], piece); len(t.p.objects) > 0 {
		t.escaped(t.p.objects, false)
	}
}

// escaped looks up a piece of a text as it is, and once more with its escapes decoded.
func (t *Target) escaped(piece []byte, alone bool) {
	t.piece(piece, alone)
	if !t.p.text.Escapes {
		return
	}
	if t.p.plain = normal.Unescape(t.p.plain[:0], piece); len(t.p.plain) > 0 {
		t.piece(t.p.plain, alone)
	}
}

// piece looks up the runs of words of a text, and the whole text if it is a cell. It leaves the text's form in the
// prober.
func (t *Target) piece(text []byte, alone bool) {
	t.p.queue.text(text)
	t.p.s.c.fold.Split(&t.p.text, text)
	if !alone || len(text) > longestValue {
		t.runs(&t.p.text)
		return
	}
	switch tokens := t.p.text.Tokens; {
	case len(tokens) > 1:
		t.whole(t.p.text.Form, !slices.ContainsFunc(tokens, hasLetters), true, run{0, len(tokens) - 1, true})
		t.runs(&t.p.text)
	case len(tokens) == 1:
		t.whole(t.p.text.Form, tokens[0].Digits, true, noWords())
		if tokens[0].Digits {
			t.runs(&t.p.text)
		}
	}
}

func hasLetters(t normal.Token) bool { return !t.Digits }

// Has reports whether Text would find something in a text or in parts of it. A document is parsed only if Has returns
// true. Has counts numbers, because chance is computed from the count of all numbers. It counts nothing else.
func (t *Target) Has(text []byte) bool {
	p, found := t.p, false
	before := len(p.pending)
	look := func(text []byte) {
		p.s.c.fold.Split(&p.text, text)
		t.runs(&p.text)
		t.words(&p.text)
		found = found || len(p.pending) > before
		p.pending = p.pending[:before]
	}
	for piece := range pieces(text) {
		look(piece)
		if p.text.Escapes {
			p.plain = normal.Unescape(p.plain[:0], piece)
			look(p.plain)
		}
		if p.objects = normal.Objects(p.objects[:0], piece); len(p.objects) > 0 {
			look(p.objects)
		}
	}
	return found
}

// words looks up each word of a text as if it stood alone.
func (t *Target) words(text *normal.Text) {
	for _, token := range text.Tokens {
		hash := t.p.s.c.keys.value.Hash(text.Form[token.Start:token.End])
		if t.p.s.values.Samples(hash) {
			t.look(hash, noWords())
		}
	}
}

// runs looks up the runs of words that could be values: runs that have the beginning and the length of a collected
// value, and runs of digits.
func (t *Target) runs(text *normal.Text) {
	start := t.p.s.c.start
	if t.bytes {
		t.found.words += int64(len(text.Tokens))
	}
	for i := range text.Tokens {
		if text.Tokens[i].Digits {
			t.digits(text, i)
		}
	}
	t.p.begins = start.beginnings(t.p.begins, text)
	for _, i := range t.p.begins {
		first := text.Tokens[i].Start
		begin := startOf(text.Form[first:])
		for k := int(i); k < len(text.Tokens); k++ {
			size := int(text.Tokens[k].End - first)
			if size > t.p.s.longest {
				break
			}
			if size >= startBytes && start.has(begin, size) {
				t.window(text, int(i), k)
			}
		}
	}
}

// window looks up the run of words from one token to another.
func (t *Target) window(text *normal.Text, first, last int) {
	p, before := t.p, len(t.p.pending)
	start, end := int(text.Tokens[first].Start), int(text.Tokens[last].End)
	hash := p.s.c.keys.value.Hash(text.Form[start:end])
	if !p.s.values.Samples(hash) {
		return
	}
	t.look(hash, run{first, last, false})
	if t.bytes {
		for i := range p.pending[before:] {
			p.pending[before+i].size = end - start
		}
	}
}

// invented marks pending fingerprints if a treatment may have invented their words. It marks the fingerprints of
// p.pending[before:].
func (t *Target) invented(before int, text *normal.Text, of run) {
	if !t.invents || of.last < of.first || !t.known(text, text.Tokens[of.first:of.last+1]) {
		return
	}
	for i := range t.p.pending[before:] {
		t.p.pending[before+i].label |= maybeInvented
	}
}

// known reports whether all tokens are words of dictionaries.
func (t *Target) known(text *normal.Text, tokens []normal.Token) bool {
	return !slices.ContainsFunc(tokens, func(token normal.Token) bool {
		return !t.p.s.c.knows(t.p.s.c.keys.value.Hash(text.Form[token.Start:token.End]))
	})
}

// digits looks up the numbers that begin at a token: the token alone, and together with the tokens that follow closely.
// Dates are not numbers. Numbers are counted even if they are not found, because the expected number of chance hits
// depends on their count.
func (t *Target) digits(text *normal.Text, i int) {
	s, first := t.p.s, text.Tokens[i]
	phone := text.Dialled(i)
	for j := i; j < len(text.Tokens); j++ {
		token := text.Tokens[j]
		d := int(token.End - first.Start)
		if !token.Digits || d > s.longest || j > i && !token.Near || text.Date(j) {
			return
		}
		number := text.Form[first.Start:token.End]
		if s.c.start.hasDigits(d) {
			if hash := s.c.keys.value.Hash(number); s.values.Samples(hash) {
				t.found.of(d).add(hash)
				t.look(hash, run{0, -1, false})
			}
		}
		if j < phone {
			t.dialled(number)
		}
	}
}
