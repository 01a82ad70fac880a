package normal

import (
	"math/bits"
	"unicode/utf8"
)

// Shape says what a value consists of.
type Shape struct {
	Letters int // characters that are not digits
	Digits  int
	Tokens  int  // runs of letters and digits between separators; in scripts without blanks, each character is one
	Mail    bool // has an @ between tokens
	Dialled bool // looks like a phone number: begins with +, 00, 0 or (, and has digits and their usual separators only
}

// Kind says how likely it is that a value occurs somewhere else by chance.
type Kind uint8

// The kinds.
const (
	Nothing Kind = iota // no letter and no digit
	Digits              // digits only: the number of digits decides how often equal values occur by chance
	Word                // one short word of letters, or several very short ones. It may be ordinary words of a language
	Mixed               // anything else
	Mail
)

// The kind Word is for values that are often equal by chance. A word of longWord letters or more is rare, so it has
// another kind. Several words with fewer than fewLetters letters together have the kind Word.
const (
	longWord   = 12
	fewLetters = 6
)

// Kind returns the kind of a value with this shape.
func (s Shape) Kind() Kind {
	switch {
	case s.Letters+s.Digits == 0:
		return Nothing
	case s.Letters == 0:
		return Digits
	case s.Mail:
		return Mail
	case s.Digits == 0 && (s.Tokens == 1 && s.Letters < longWord || s.Letters < fewLetters):
		return Word
	}
	return Mixed
}

// Append appends the normal form of a value, and returns its shape.
func (f *Folding) Append(dst, value []byte) ([]byte, Shape) {
	s := Shape{Dialled: len(value) > 0 && dials(value)}
	var b block
	in := false // whether the character before belongs to a token
	for i := 0; i < len(value); {
		if value[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(value[i:])
			i += size
			c := f.of(r)
			dst = append(dst, c.text[:c.n]...)
			s.count(c, &in)
			s.Dialled = s.Dialled && (c.kind == digit || c.kind == ignored || blank(r))
			continue
		}
		b.read(&f.ranges, value[i:])
		dst = s.block(&f.ascii, &b, dst, value[i:i+b.n], &in)
		i += b.n
	}
	s.Dialled = s.Dialled && shortestDialled <= s.Digits && s.Digits <= longestDialled
	return dst, s
}

// block appends the letters and digits of a block.
func (s *Shape) block(table *[utf8.RuneSelf]entry, b *block, dst, value []byte, in *bool) []byte {
	dst = room(dst)
	first, before := s.Tokens == 0, b.counted<<1
	if *in {
		before |= 1
	}
	*in = b.counted>>(len(value)-1)&1 == 1
	s.Letters += bits.OnesCount64(b.letters)
	s.Digits += bits.OnesCount64(b.counted &^ b.letters)
	s.Tokens += bits.OnesCount64(b.counted &^ before)
	s.Dialled = s.Dialled && b.letters == 0
	for at := 0; at < len(value); {
		if n := b.run(at); n > 0 {
			dst = b.copyRun(dst, at, n)
			first = false
			at += n
		}
		for _, c := range value[at : at+b.gap(at)] {
			s.Mail = s.Mail || c == '@' && !first
			s.Dialled = s.Dialled && table[c]>>notDialled&1 == 0
			at++
		}
	}
	return dst
}

// count adds a character that is not ASCII to the shape.
func (s *Shape) count(c character, in *bool) {
	switch c.kind {
	case separator:
		*in = false
		return
	case ignored:
		return
	case digit:
		s.Digits++
	default:
		s.Letters += utf8.RuneCount(c.text[:c.n])
	}
	if !*in || c.kind == single {
		s.Tokens++
	}
	*in = c.kind != single
}

// The smallest and the largest number of digits in a phone number. The smallest number includes the digits of the area.
// The largest number includes the digits of the country, or the prefix 00. Tail returns the last tailDigits digits.
const (
	shortestDialled = 9
	longestDialled  = 17
	tailDigits      = 9
)

// Tail returns the last nine digits of a form of digits. Usually, the country code and the trunk digit of a phone
// number are not among them. If the form has fewer digits, Tail returns nil.
func Tail(form []byte) []byte {
	if len(form) < tailDigits {
		return nil
	}
	return form[len(form)-tailDigits:]
}

// dials reports whether a text begins as phone numbers do.
func dials(text []byte) bool { return text[0] == '+' || text[0] == '0' || text[0] == '(' }

// divides reports whether an ASCII character can stand between the digits of a phone number.
func divides(b byte) bool {
	switch b {
	case ' ', '-', '.', '/', '(', ')', '+':
		return true
	}
	return false
}

// blank reports whether a character that is not ASCII can stand between the digits of a phone number.
func blank(r rune) bool { return r == 0xa0 || 0x2000 <= r && r <= 0x2015 || r == 0x202f }

// padding is a number of zeros. If a number has so many zeros or more at one end, these zeros do not count as digits.
// Fewer zeros may belong to an identifier, so they count.
const padding = 3

// Significant returns the number of significant digits of a form of digits.
func Significant(form []byte) int {
	first, last := 0, len(form)
	for first < last && form[first] == '0' {
		first++
	}
	for last > first && form[last-1] == '0' {
		last--
	}
	n := last - first
	if first < padding {
		n += first
	}
	if zeros := len(form) - last; zeros < padding {
		n += zeros
	}
	return n
}
