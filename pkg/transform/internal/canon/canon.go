// Package canon brings values into the one form that stands for all that are equal under their type, and counts texts as PostgreSQL's types do.
package canon

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/masker-project/masker/pkg/catalog"
)

// Version changes with any golden vector of AppendCanonical: every seed changes with it.
const Version = 1

// Append appends the canonical form of a value: equal under the type's equality, and
// across the types a foreign key may join, means equal bytes. text is what PostgreSQL prints
// under the pinned settings (TimeZone UTC among them).
func Append(dst []byte, t *catalog.Type, text []byte) []byte {
	switch t.Family {
	case catalog.Text:
		if t.Padded {
			text = TrimBlanks(text)
		}
		if t.CaseInsensitive {
			return AppendFolded(dst, text, t.Base != "citext")
		}
	case catalog.Numeric:
		return AppendNumber(dst, text)
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

// TrimBlanks cuts what bpchar's equality ignores: trailing spaces, and only spaces.
func TrimBlanks(text []byte) []byte {
	return bytes.TrimRight(text, " ")
}

// AppendFolded lowers every letter, as citext's equality does. A nondeterministic collation also
// takes composed and decomposed letters as equal. (One that ignores accents too is coarser than
// this: values that differ by accents alone get different results, which a foreign key's check finds.)
func AppendFolded(dst, text []byte, normalise bool) []byte {
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

// AppendNumber drops the zeros that numeric's equality ignores. PostgreSQL prints numerics
// without exponent; anything else stands for itself.
func AppendNumber(dst, text []byte) []byte {
	if dot := bytes.IndexByte(text, '.'); dot >= 0 && !bytes.ContainsAny(text, "eE") {
		text = bytes.TrimRight(text, "0")
		text = bytes.TrimSuffix(text, []byte("."))
	}
	if string(text) == "-0" {
		text = text[1:]
	}
	return append(dst, text...)
}

// Skip is the offset after n characters; a byte that is not UTF-8 counts as one.
func Skip(b []byte, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

// IsASCII says whether a text holds printable ASCII alone.
func IsASCII(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// Hash is FNV-1a of a number and a text.
func Hash(n uint64, text []byte) uint64 {
	const prime = 1099511628211
	sum := (14695981039346656037 ^ n) * prime
	for _, c := range text {
		sum = (sum ^ uint64(c)) * prime
	}
	return sum
}
