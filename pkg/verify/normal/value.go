package normal

import (
	"math/bits"
	"unicode/utf8"
)

// Shape says what a value consists of.
type Shape struct {
	Letters int // characters that are not digits
	Digits  int
	Tokens  int // runs of letters and digits between separators; in scripts without blanks, each character is one
	Looks   Looks
}

// Looks says what a value looks like.
type Looks uint8

// What a value may look like.
const (
	Other   Looks = iota
	Address       // has an @ between tokens
	Dialled       // a phone number: begins with +, 00, 0 or (, and has digits and their usual separators only
)

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
	case s.Looks == Address:
		return Mail
	case s.Digits == 0 && (s.Tokens == 1 && s.Letters < longWord || s.Letters < fewLetters):
		return Word
	}
	return Mixed
}

// Append appends the normal form of a value, and returns its shape.
func (f *Folding) Append(dst, value []byte) ([]byte, Shape) {
	var s Shape
	in := false // whether the character before belongs to a token
	dialled := len(value) > 0 && dials(value)
	for i := 0; i < len(value); {
		if value[i] >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(value[i:])
			i += size
			c := f.of(r)
			dst = append(dst, c.text[:c.n]...)
			s, in = s.character(c, in)
			dialled = dialled && (c.kind == digit || c.kind == ignored || blank(r))
			continue
		}
		var b squeezed
		dst, b = f.ranges.squeeze(dst, value[i:])
		s = s.block(b, in)
		in = b.counted>>(b.n-1)&1 == 1
		dialled = dialled && b.letters == 0 && f.dials(value[i:i+b.n])
		i += b.n
	}
	if dialled && shortestDialled <= s.Digits && s.Digits <= longestDialled {
		s.Looks = Dialled
	}
	return dst, s
}

// block returns the shape with the characters of a block. The argument in says whether the character before the block
// belongs to a token.
func (s Shape) block(b squeezed, in bool) Shape {
	before := b.counted << 1
	if in {
		before |= 1
	}
	if b.ats != 0 && (s.Tokens > 0 || b.ats>>bits.TrailingZeros64(b.counted) != 0) {
		s.Looks = Address
	}
	s.Letters += bits.OnesCount64(b.letters)
	s.Digits += bits.OnesCount64(b.counted &^ b.letters)
	s.Tokens += bits.OnesCount64(b.counted &^ before)
	return s
}

// character returns the shape with a character that is not ASCII, and whether the character belongs to a token. The
// argument in says whether the character before belongs to one.
func (s Shape) character(c character, in bool) (Shape, bool) {
	switch c.kind {
	case separator:
		return s, false
	case ignored:
		return s, in
	case digit:
		s.Digits++
	default:
		s.Letters += utf8.RuneCount(c.text[:c.n])
	}
	if !in || c.kind == single {
		s.Tokens++
	}
	return s, c.kind != single
}

// dials reports whether each of some ASCII characters can be in a phone number.
func (f *Folding) dials(text []byte) bool {
	for _, b := range text {
		if f.ascii[b]>>notDialled&1 == 1 {
			return false
		}
	}
	return true
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
