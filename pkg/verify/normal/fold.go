// Package normal brings values and texts into the form in which the leak check compares them: letters and digits only,
// without case, accents and separators. It shares no code with the packages that treat values. A fault in shared code
// would change both sides of the comparison in the same way, so the comparison could not show it.
package normal

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folding maps characters to their folded form. It never changes after NewFolding. Any number of goroutines may share
// it.
type Folding struct {
	ranges ranges // of ASCII letters and digits
	ascii  [utf8.RuneSelf]entry
	low    [foldLow]character
}

// foldLow is the end of the scripts in the table: Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic.
const foldLow = 0x700

// entry says what an ASCII character becomes, in one word that can be read fast. The low byte is the folded letter or
// digit, or 0. The bits above it are listed below.
type entry uint

// The positions of the bits of an entry.
const (
	counted    = 8 + iota // a letter or digit
	notDialled            // not in any phone number
	escapes               // begins an escape
)

// character is what a character becomes.
type character struct {
	kind kind
	n    uint8   // length of text
	text [7]byte // folded letters and digits. Only a character outside of the table can need more
}

// kind is the role of a character in or between tokens.
type kind uint8

const (
	separator kind = iota // stands between tokens
	part                  // a letter, or a number that is not a decimal digit
	digit                 // a decimal digit of any script; its text is 0 to 9
	ignored               // an accent or invisible character, which neither counts nor separates
	single                // a token of its own, in scripts without blanks between words
)

// NewFolding builds the table.
func NewFolding() *Folding {
	f := &Folding{ranges: newRanges()}
	for r := rune(0); r < foldLow; r++ {
		f.low[r] = foldRune(r)
	}
	for r := range f.ascii {
		f.ascii[r] = entryOf(byte(r), f.low[r])
	}
	return f
}

func entryOf(b byte, c character) entry {
	e := entry(c.text[0])
	if c.kind != separator {
		e |= 1 << counted
	}
	if c.kind != digit && !divides(b) {
		e |= 1 << notDialled
	}
	if escape(b) {
		e |= 1 << escapes
	}
	return e
}

// of returns what a character becomes.
func (f *Folding) of(r rune) character {
	if r < foldLow {
		return f.low[r]
	}
	return foldRune(r)
}

// foldRune folds one character. It decomposes the character, drops accents, and folds the case of what is left. If a
// decomposition is unusually long, only its first letters are kept.
func foldRune(r rune) character {
	switch {
	case r < utf8.RuneSelf:
		return foldASCII(byte(r))
	case r == utf8.RuneError:
		return character{}
	case invisible(r):
		return character{kind: ignored}
	}
	var buf [utf8.UTFMax]byte
	whole := buf[:utf8.EncodeRune(buf[:], r)]
	p := norm.NFKD.Properties(whole)
	if parts := p.Decomposition(); parts != nil {
		whole = parts
	}
	c := character{kind: ignored}
	if unicode.Is(unicode.Hangul, r) {
		return letter(r, c)
	}
	for i := 0; i < len(whole); {
		part, size := utf8.DecodeRune(whole[i:])
		c = foldPart(part, norm.NFKD.Properties(whole[i:]).CCC() != 0, c)
		i += size
	}
	return c
}

// foldPart appends one part of a decomposed character.
func foldPart(r rune, accent bool, c character) character {
	switch {
	case r < utf8.RuneSelf:
		a := foldASCII(byte(r))
		if a.n == 0 {
			if c.n == 0 {
				c.kind = separator
			}
			return c
		}
		return c.add(a)
	case accent || invisible(r) || modifier(r):
		return c
	case unicode.Is(unicode.Nd, r):
		return c.add(foldASCII(value(r)))
	case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r):
		return letter(r, c)
	case c.n == 0:
		c.kind = separator
	}
	return c
}

func foldASCII(b byte) character {
	switch {
	case 'a' <= b && b <= 'z':
		return character{kind: part, n: 1, text: [7]byte{b}}
	case 'A' <= b && b <= 'Z':
		return character{kind: part, n: 1, text: [7]byte{b + 'a' - 'A'}}
	case '0' <= b && b <= '9':
		return character{kind: digit, n: 1, text: [7]byte{b}}
	}
	return character{}
}

// letter appends a letter without case. Some letters have no decomposition, but people write them with other letters,
// such as ss for ß. letter appends these other letters.
func letter(r rune, c character) character {
	if !unicode.Is(unicode.Hangul, r) {
		r = unicode.ToLower(r)
	}
	plain := ""
	switch r {
	case 'ß':
		plain = "ss"
	case 'æ':
		plain = "ae"
	case 'œ':
		plain = "oe"
	case 'þ':
		plain = "th"
	case 'ø':
		plain = "o"
	case 'ł':
		plain = "l"
	case 'đ', 'ð':
		plain = "d"
	case 'ħ':
		plain = "h"
	case 'ı':
		plain = "i"
	case 'ς':
		plain = "σ"
	default:
		return c.add(one(r))
	}
	a := character{kind: part}
	a.n = uint8(copy(a.text[:], plain))
	return c.add(a)
}

// one returns a character that becomes itself.
func one(r rune) character {
	c := character{kind: part}
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
		c.kind = single
	}
	c.n = uint8(utf8.EncodeRune(c.text[:], r))
	return c
}

// add appends the text of b. If a character consists of a digit and other characters, it does not count as a digit.
func (c character) add(b character) character {
	if int(c.n)+int(b.n) > len(c.text) {
		return c
	}
	copy(c.text[c.n:], b.text[:b.n])
	if c.n > 0 && b.kind != c.kind {
		c.kind = part
	} else {
		c.kind = b.kind
	}
	c.n += b.n
	return c
}

// invisible reports whether a character has no visible shape, such as a soft hyphen, a zero-width space or a variation
// selector.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// modifier reports whether a character is a modifier letter, such as ʻ in Hawaiʻi, or the tatweel, which only makes an
// Arabic word wider.
func modifier(r rune) bool { return 0x2b0 <= r && r < 0x300 || r == 'ـ' }

// value returns the digit 0 to 9 for a decimal digit of any script. The ten digits of a script stand in order in
// Unicode's table.
func value(r rune) byte {
	for _, in := range unicode.Nd.R16 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return byte('0' + (r-rune(in.Lo))%10)
		}
	}
	for _, in := range unicode.Nd.R32 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return byte('0' + (r-rune(in.Lo))%10)
		}
	}
	return 0
}
