package folded

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// single returns the character that replaces r. It does the replacements that the normal form NFKC does not do. Digits
// of any script become 0 to 9. Dashes of any length and the minus sign become a hyphen. The full stop of East Asia (。)
// becomes a dot. Middle dots, such as ·, become an asterisk. The slashes of fractions become a slash, and Unicode's
// separators of lines and paragraphs become a line feed. Invisible characters are removed.
func single(r rune) rune {
	switch {
	case r < utf8.RuneSelf || 0xc0 <= r && r < 0x300:
		return r
	case r < 0xa0: // control characters
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

// invisible reports whether a character has no visible shape. Such characters are format characters, variation
// selectors and fillers.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// digit returns the digit 0 to 9 for a decimal digit of any script. The ten digits of a script are in order in
// Unicode's table. Other characters are returned unchanged.
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

// misread decodes a character whose UTF-8 bytes were read as Windows-1252, so that ü became Ã¼. The result n is 0 for
// any other text. misread decodes only Latin letters, Cyrillic letters and punctuation. Other first bytes may be
// correct text, for example É before a quotation mark.
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

// unclear reports whether a character after a letter with an accent may be correct text: a soft hyphen, or a quotation
// mark at the end of a word. Such a character does not show that bytes were misread.
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
