package transform

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/masker-project/masker/pkg/catalog"
)

// CanonVersion changes with any golden vector of AppendCanonical: every seed changes with it.
const CanonVersion = 1

// AppendCanonical appends the canonical form of a value: equal under the type's equality, and
// across the types a foreign key may join, means equal bytes. text is what PostgreSQL prints
// under the pinned settings (TimeZone UTC among them).
func AppendCanonical(dst []byte, t *catalog.Type, text []byte) []byte {
	switch t.Family {
	case catalog.Text:
		if t.Padded {
			text = trimBlanks(text)
		}
		if t.CaseInsensitive {
			return appendFolded(dst, text, t.Base != "citext")
		}
	case catalog.Numeric:
		return appendNumber(dst, text)
	case catalog.Float:
		if string(text) == "-0" {
			return append(dst, '0')
		}
	case catalog.UUID:
		for _, c := range text {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst
	}
	return append(dst, text...)
}

// trimBlanks cuts what bpchar's equality ignores: trailing spaces, and only spaces.
func trimBlanks(text []byte) []byte {
	return bytes.TrimRight(text, " ")
}

// appendFolded lowers every letter, as citext's equality does. A nondeterministic collation also
// takes composed and decomposed letters as equal. (One that ignores accents too is coarser than
// this: values that differ by accents alone get different results, which a foreign key's check finds.)
func appendFolded(dst, text []byte, normalise bool) []byte {
	ascii := true
	for _, c := range text {
		ascii = ascii && c < utf8.RuneSelf
	}
	start := len(dst)
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, c) // not UTF-8: the byte stands for itself
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	if ascii || !normalise {
		return dst
	}
	return append(dst[:start], norm.NFC.Bytes(dst[start:])...)
}

// appendNumber drops the zeros that numeric's equality ignores. PostgreSQL prints numerics
// without exponent; anything else stands for itself.
func appendNumber(dst, text []byte) []byte {
	if dot := bytes.IndexByte(text, '.'); dot >= 0 && !bytes.ContainsAny(text, "eE") {
		text = bytes.TrimRight(text, "0")
		text = bytes.TrimSuffix(text, []byte("."))
	}
	if string(text) == "-0" {
		text = text[1:]
	}
	return append(dst, text...)
}

// skip is the offset after n characters; a byte that is not UTF-8 counts as one.
func skip(b []byte, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

func ascii(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}
