package normal

import (
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Characters that are read eight at a time have the same role and the same form as each of them alone.
func TestBlocksReadWhatCharactersAre(t *testing.T) {
	f := NewFolding()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.ByteRange(0, 0x82), 1, 80).Draw(t, "text")
		var b block
		b.read(&f.ranges, text)
		want := 0
		for want < len(text) && want < blockSize && text[want] < utf8.RuneSelf {
			want++
		}
		if b.n != want {
			t.Fatalf("%q: %d characters, want %d", text, b.n, want)
		}
		for i, c := range text[:b.n] {
			role := f.low[c]
			counted, letter := b.counted>>i&1 == 1, b.letters>>i&1 == 1
			if counted != (role.kind != separator) || letter != (role.kind == part) || counted && b.low[i] != role.text[0] {
				t.Fatalf("character %d of %q: counted %v, a letter %v, %q, want %+v", i, text, counted, letter, b.low[i], role)
			}
		}
		if b.n < blockSize && (b.counted|b.letters)>>b.n != 0 {
			t.Fatalf("%q: bits after the last character", text)
		}
	})
}

// reference reads a text character by character. It is slow.
func reference(f *Folding, text []byte) (out Text, s Shape) {
	dialled := len(text) > 0 && dials(text)
	in, near, gap, last := false, true, 0, byte(0)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		c := f.of(r)
		divisor := r < utf8.RuneSelf && divides(byte(r)) || r >= utf8.RuneSelf && blank(r)
		dialled = dialled && (c.kind == digit || c.kind == ignored || divisor)
		if c.kind == ignored {
			continue
		}
		if in && (c.kind == separator || c.kind == single) {
			in, near, gap, last = false, true, 0, 0
		}
		if c.kind == separator {
			gap, near, last = gap+1, near && divisor, ' '
			if r < utf8.RuneSelf {
				last = byte(r)
				out.Escapes = out.Escapes || escape(last)
			}
			if r == '@' && len(out.Tokens) > 0 {
				s.Looks = Address
			}
			continue
		}
		if !in {
			next := Token{Start: uint32(len(out.Form)), Digits: true, Near: near && gap <= nearest, Dials: c.text[0] == '0' || gap > 0 && (last == '+' || last == '(')}
			if gap == 1 {
				next.Dash = last
			}
			out.Tokens = append(out.Tokens, next)
		}
		out.Form = append(out.Form, c.text[:c.n]...)
		t := &out.Tokens[len(out.Tokens)-1]
		t.End, t.Digits = uint32(len(out.Form)), t.Digits && c.kind == digit
		if in, near, gap, last = c.kind != single, true, 0, 0; c.kind == digit {
			s.Digits++
		} else {
			s.Letters += utf8.RuneCount(c.text[:c.n])
		}
	}
	s.Tokens = len(out.Tokens)
	if dialled && shortestDialled <= s.Digits && s.Digits <= longestDialled {
		s.Looks = Dialled
	}
	return out, s
}

func TestTextsAreReadAsCharactersAre(t *testing.T) {
	f := NewFolding()
	piece := rapid.OneOf(rapid.StringMatching(`[a-cXYZ]{1,20}`), rapid.StringMatching(`[0-9]{1,12}`), rapid.StringMatching(`[ @+()./%<-]{1,5}`),
		rapid.SampledFrom([]string{" ", "+", "ü", "ß", "王", "é", "\u00a0", "\u00ad", "\u2013", "д", "\xff", "½", "٣"}))
	rapid.Check(t, func(t *rapid.T) {
		var text []byte
		for _, s := range rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces") {
			text = append(text, s...)
		}
		want, shape := reference(f, text)
		var got Text
		f.Split(&got, text)
		if string(got.Form) != string(want.Form) || !slices.Equal(got.Tokens, want.Tokens) || got.Escapes != want.Escapes {
			t.Fatalf("%q:\ngot  %q %+v %v\nwant %q %+v %v", text, got.Form, got.Tokens, got.Escapes, want.Form, want.Tokens, want.Escapes)
		}
		form, s := f.Append([]byte("x"), text)
		if string(form) != "x"+string(want.Form) || s != shape {
			t.Fatalf("%q: %q %+v, want %q %+v", text, form, s, want.Form, shape)
		}
	})
}
