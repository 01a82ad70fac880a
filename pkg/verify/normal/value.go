package normal

import (
	"slices"
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
	Word                // one short word of letters, which may be an ordinary word of a language
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
		var n int
		dst, n = s.ascii(&f.ascii, dst, value[i:], &in)
		i += n
	}
	s.Dialled = s.Dialled && shortestDialled <= s.Digits && s.Digits <= longestDialled
	return dst, s
}

// ascii appends the ASCII characters at the beginning of a value, and returns their number. The code has few branches. A
// branch that depends on a character is slow, because a processor cannot predict the characters of a value.
func (s *Shape) ascii(table *[utf8.RuneSelf]entry, dst, value []byte, in *bool) (out []byte, read int) {
	start := len(dst)
	dst = slices.Grow(dst, len(value))
	out = dst[start : start+len(value)]
	var seen entry
	var n, letters, tokens, before entry
	if *in {
		before = 1
	}
	for read < len(value) {
		b := value[read]
		if b >= utf8.RuneSelf {
			break
		}
		read++
		e := table[b]
		out[n] = byte(e)
		counts := e >> counted & 1
		n += counts
		letters += e >> isLetter & 1
		tokens += counts &^ before
		before = counts
		seen |= e
		if b == '@' && s.Tokens+int(tokens) > 0 {
			s.Mail = true
		}
	}
	*in = before == 1
	s.Letters += int(letters)
	s.Digits += int(n - letters)
	s.Tokens += int(tokens)
	s.Dialled = s.Dialled && seen>>notDialled&1 == 0
	return dst[:start+int(n)], read
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
// The largest number includes the digits of the country, or the prefix 00.
const (
	shortestDialled = 9
	longestDialled  = 17
	tailDigits      = 9
)

// Tail returns the last nine digits of a form of digits: a phone number without its country, area prefix or trunk digit.
// If the form has fewer digits, Tail returns nil.
func Tail(form []byte) []byte {
	if len(form) < tailDigits {
		return nil
	}
	return form[len(form)-tailDigits:]
}

// dials reports whether a text begins as phone numbers do.
func dials(text []byte) bool { return text[0] == '+' || text[0] == '0' || text[0] == '(' }

// divides reports whether an ASCII character stands between the digits of a phone number.
func divides(b byte) bool {
	switch b {
	case ' ', '-', '.', '/', '(', ')', '+':
		return true
	}
	return false
}

// blank reports whether a character that is not ASCII stands between the digits of a phone number.
func blank(r rune) bool { return r == 0xa0 || 0x2000 <= r && r <= 0x2015 || r == 0x202f }

// padding is a number of zeros. If a number has so many zeros or more at one end, these zeros do not count as digits. Fewer
// zeros may belong to an identifier, so they count.
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
