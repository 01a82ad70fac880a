package folded

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// single returns the character that r is read as, apart from NFKC: digits of any script as 0 to 9, dashes of any length as
// a hyphen, the full stop of East Asia as a dot, dots in the middle of the line as *. Characters that are not visible are removed.
func single(r rune) rune {
	switch {
	case r < utf8.RuneSelf || 0xc0 <= r && r < 0x300:
		return r
	case r < 0xa0: // controls
		return removed
	case invisible(r):
		return removed
	case r == '。' || r == '｡':
		return '.'
	case r == '−' || r == '⁃' || unicode.Is(unicode.Pd, r):
		return '-'
	case r == '·' || r == '•' || r == '∙' || r == '‧' || r == '⋅':
		return '*'
	case r == '⁄' || r == '∕':
		return '/'
	case r == '\u2028' || r == '\u2029':
		return '\n'
	}
	return digit(r)
}

// invisible reports whether a character has no shape of its own: format characters, variation selectors, fillers.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// digit returns a decimal digit of any script as 0 to 9. Unicode lists the ten digits of a script in their order.
func digit(r rune) rune {
	if r < 0x660 || !unicode.Is(unicode.Nd, r) {
		return r
	}
	for _, in := range unicode.Nd.R16 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	for _, in := range unicode.Nd.R32 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	return r
}

// misread decodes a character whose bytes in UTF-8 were read as Windows-1252: ü became Ã¼. n is 0 for any other text. Only
// the first bytes of Latin and Cyrillic letters and of punctuation count, because É before a quotation mark is a letter.
func misread(b []byte, i int, first rune) (r rune, n int) {
	switch first {
	case 0xc2, 0xc3, 0xc4, 0xc5, 0xd0, 0xd1, 0xe2:
	default:
		return 0, 0
	}
	var buf [utf8.UTFMax]byte
	buf[0] = byte(first)
	n = utf8.RuneLen(first)
	for k := 1; k < len(buf) && i+n < len(b); k++ {
		next, size := utf8.DecodeRune(b[i+n:])
		c, ok := charmap.Windows1252.EncodeRune(next)
		if 0x80 <= next && next < 0xa0 {
			c, ok = byte(next), true
		}
		if !ok || c < 0x80 || c > 0xbf || first != 0xc3 && first != 0xe2 && unclear(b, i+n, next, size) {
			return 0, 0
		}
		buf[k] = c
		n += size
		if r, size := utf8.DecodeRune(buf[:k+1]); r != utf8.RuneError && size == k+1 {
			return r, n
		}
	}
	return 0, 0
}

// unclear reports whether a character after a letter with an accent can be what it looks like: a soft hyphen, or a quotation
// mark at the end of a word.
func unclear(b []byte, i int, r rune, size int) bool {
	switch r {
	case 0xad:
		return true
	case '‘', '’', '“', '”', '»', '«':
		next, _ := utf8.DecodeRune(b[i+size:])
		return !unicode.IsLetter(next)
	}
	return false
}
