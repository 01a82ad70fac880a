package scrub

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// wordOf returns the word of a pseudonym that replaces one word of a value. If both have the same number of words, the
// words correspond one to one. Otherwise the last word replaces the last, and the first word replaces all others. If
// part is negative, the pseudonym replaces the whole value, and wordOf returns all its words.
func wordOf(made []byte, part, parts int) []byte {
	if part < 0 {
		return made
	}
	words := bytes.Count(made, []byte(" ")) + 1
	at := 0
	switch {
	case words == parts:
		at = part
	case part == parts-1:
		at = words - 1
	}
	for range at {
		made = made[bytes.IndexByte(made, ' ')+1:]
	}
	if end := bytes.IndexByte(made, ' '); end >= 0 {
		made = made[:end]
	}
	return made
}

// appendCased appends s in the case of another text, the argument like. If this text is all capitals, s becomes all
// capitals. If it is all lower case, s becomes all lower case. Otherwise s stays unchanged. It also stays if like has
// only one letter, or if s is not a name.
func appendCased(dst, s, like []byte) []byte {
	upper, lower := 0, 0
	for i := 0; i < len(like); {
		r, size := utf8.DecodeRune(like[i:])
		i += size
		if unicode.IsUpper(r) {
			upper++
		} else if unicode.IsLower(r) {
			lower++
		}
	}
	if upper > 0 && lower > 0 || upper+lower < 2 || !isNameText(s) {
		return append(dst, s...)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		i += size
		if lower == 0 {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// isNameText reports whether a text has only letters and the punctuation of names. In any other text, the case may have
// a meaning.
func isNameText(s []byte) bool {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		i += size
		if !unicode.IsLetter(r) && r != ' ' && r != '-' && r != '\'' && r != '.' {
			return false
		}
	}
	return true
}

func appendTitle(dst, name []byte) []byte {
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRune(name[i:])
		if i == 0 {
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}
