// Package canon writes values in a canonical form. Values that are equal under their type have the same canonical form.
// The package also measures texts as PostgreSQL's types do.
package canon

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/masker-project/masker/pkg/catalog"
)

// Version must change when a golden vector of Append changes, because every seed changes too.
const Version = 1

// Append appends the canonical form of a value. Two values have the same canonical form if they are equal under the
// type's equality. This is also true for integers and numerics of different types. There are two exceptions:
// AppendFolded names one. The other is values that PostgreSQL prints in different forms although they are equal, such
// as the intervals 1 mon and 30 days. The argument text must be in the form that PostgreSQL prints under the settings
// that masker pins, with TimeZone UTC.
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

// TrimBlanks removes the trailing spaces that bpchar's equality ignores. It removes no other characters.
func TrimBlanks(text []byte) []byte {
	return bytes.TrimRight(text, " ")
}

// AppendFolded appends text with every letter in lower case, as citext's equality requires. If normalise is true,
// composed and decomposed letters also become equal, as in a nondeterministic collation. A collation may ignore accents
// too, but AppendFolded does not. Values that differ only in accents then get different results, and the check of a
// foreign key reports them.
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
			dst = append(dst, c) // not UTF-8: leave the byte unchanged
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

// AppendNumber appends a numeric without the trailing zeros that numeric's equality ignores, and writes -0 as 0. It
// leaves a number with an exponent unchanged. PostgreSQL prints numerics without one.
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

// Skip returns the offset after n characters. A byte that is not UTF-8 counts as one character.
func Skip(b []byte, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

// IsASCII reports whether a text holds only printable ASCII.
func IsASCII(s string) bool {
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

// Hash returns the FNV-1a hash of a number and a text.
func Hash(n uint64, text []byte) uint64 {
	const prime = 1099511628211
	sum := (14695981039346656037 ^ n) * prime
	for _, c := range text {
		sum = (sum ^ uint64(c)) * prime
	}
	return sum
}
