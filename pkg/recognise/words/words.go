// Package words reads the words of a text without regard to case, accents and invisible characters.
package words

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folding maps runes to their folded form: lower case without accents. It is a table that never changes after
// NewFolding. Any number of goroutines may share it.
type Folding struct{ low [foldLow]folded }

// foldLow is the end of the scripts in the table: Latin, Greek, Cyrillic and Armenian.
const foldLow = 0x590

// folded is the folded form of a rune.
type folded struct {
	kind  Kind
	r, r2 rune // r2 is 0 except for ß, æ, œ and similar letters
}

// Kind is the role of a rune in or between words.
type Kind byte

// The kinds of runes.
const (
	Separator Kind = iota // stands between words
	Part                  // a letter or digit
	Ignored               // an accent or invisible character: belongs to a word but does not count
	Single                // a word of its own, in scripts without blanks between words
)

const zeroWidthSpace = 0x200b // invisible, but separates words

// KindOf returns the kind of a rune.
func KindOf(r rune) Kind { return foldRune(r).kind }

// NewFolding builds the table.
func NewFolding() *Folding {
	f := &Folding{}
	for r := rune(0); r < foldLow; r++ {
		f.low[r] = foldRune(r)
	}
	return f
}

func (f *Folding) of(r rune) folded {
	if r < foldLow {
		return f.low[r]
	}
	return foldRune(r)
}

func foldRune(r rune) folded {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return folded{kind: Part, r: r}
	case 'A' <= r && r <= 'Z':
		return folded{kind: Part, r: r + 'a' - 'A'}
	case r < utf8.RuneSelf:
		return folded{}
	case r == zeroWidthSpace:
		return folded{}
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		return folded{kind: Ignored}
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r):
		return folded{}
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return folded{kind: Single, r: r}
	}
	return foldLetter(unicode.ToLower(r))
}

// foldLetter removes the accents from a lower-case letter. A letter that looks like a Latin letter becomes that letter.
func foldLetter(r rune) folded {
	switch r {
	case 'ß':
		return folded{Part, 's', 's'}
	case 'æ':
		return folded{Part, 'a', 'e'}
	case 'œ':
		return folded{Part, 'o', 'e'}
	case 'þ':
		return folded{Part, 't', 'h'}
	case 'ø':
		return folded{kind: Part, r: 'o'}
	case 'ł':
		return folded{kind: Part, r: 'l'}
	case 'đ', 'ð':
		return folded{kind: Part, r: 'd'}
	case 'ı':
		return folded{kind: Part, r: 'i'}
	}
	var text [utf8.UTFMax]byte
	n := utf8.EncodeRune(text[:], r)
	if parts := norm.NFD.Properties(text[:n]).Decomposition(); len(parts) > 0 && !unicode.Is(unicode.Hangul, r) {
		base, _ := utf8.DecodeRune(parts)
		return folded{kind: Part, r: latin(unicode.ToLower(base))}
	}
	return folded{kind: Part, r: latin(r)}
}

// latin returns the Latin letter that a Cyrillic or Greek letter looks like, in lower or in upper case. It returns
// other letters unchanged. Therefore a name is found even if some of its letters are from another script.
func latin(r rune) rune {
	const similar = "аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsһhԁdԛqԝwαaβbεeηhιiκkμmνnοoρpτtυyχx"
	if r < 0x370 || r > 0x52f {
		return r
	}
	of := rune(0)
	for i, letter := range similar {
		if i%3 == 0 {
			of = letter
		} else if of == r {
			return letter
		}
	}
	return r
}

// Word is a run of letters and digits in a text.
type Word struct {
	Start, End int
	Hash       uint64 // hash of the folded runes
	Less1      uint64 // hash without the last rune
	Less2      uint64 // hash without the last two runes: inflected words end in s or es
	Runes      int    // number of folded runes
	Digits     int    // number of digits from 0 to 9
	ASCII      bool   // the word is ASCII only
}

const (
	hashStart = 0xcbf29ce484222325
	hashPrime = 0x100000001b3
)

// At reads the word that starts at i. b[i] must be part of a word.
func (f *Folding) At(b []byte, i int) Word {
	start, digits := i, 0
	hash, less1, less2 := uint64(hashStart), uint64(hashStart), uint64(hashStart) // local variables and not fields of a Word, so that they stay in registers
	for ; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			w := Word{Start: start, Runes: i - start, Digits: digits, Hash: hash, Less1: less1, Less2: less2, ASCII: true}
			return f.wideWord(b, i, w)
		}
		x := &f.low[c]
		if x.kind != Part {
			break
		}
		if c <= '9' {
			digits++
		}
		hash, less1, less2 = (hash^uint64(x.r))*hashPrime, hash, less1
	}
	return Word{Start: start, End: i, Runes: i - start, Digits: digits, Hash: hash, Less1: less1, Less2: less2, ASCII: true}
}

// wideWord continues a word from its first byte that is not ASCII.
func (f *Folding) wideWord(b []byte, i int, w Word) Word {
	for i < len(b) {
		r, size := rune(b[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b[i:])
		}
		x := f.of(r)
		if x.kind == Separator || x.kind == Single && w.Runes > 0 {
			break
		}
		i += size
		w.ASCII = w.ASCII && size == 1
		if x.kind == Ignored {
			continue
		}
		if '0' <= r && r <= '9' {
			w.Digits++
		}
		w.add(x.r)
		if x.r2 != 0 {
			w.add(x.r2)
		}
		if x.kind == Single {
			break
		}
	}
	w.End = i
	return w
}

func (w *Word) add(r rune) {
	w.Less2, w.Less1, w.Hash = w.Less1, w.Hash, (w.Hash^uint64(r))*hashPrime
	w.Runes++
}

// Starts reports whether b[i] is part of a word.
func (f *Folding) Starts(b []byte, i int) bool {
	if b[i] < utf8.RuneSelf {
		return f.low[b[i]].kind == Part
	}
	r, _ := utf8.DecodeRune(b[i:])
	return f.of(r).kind != Separator
}

// Fold returns the folded form of the rune at i, and its size in the text. The result r is 0 for a rune of the kind
// Separator or Ignored. The result r2 is the second rune of the folded form, or 0 if there is none.
func (f *Folding) Fold(b []byte, i int) (r, r2 rune, size int) {
	r, size = rune(b[i]), 1
	if r >= utf8.RuneSelf {
		r, size = utf8.DecodeRune(b[i:])
	}
	x := f.of(r)
	return x.r, x.r2, size
}

// Append appends the folded runes of a word.
func (f *Folding) Append(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind != Part && x.kind != Single {
			continue
		}
		dst = utf8.AppendRune(dst, x.r)
		if x.r2 != 0 {
			dst = utf8.AppendRune(dst, x.r2)
		}
	}
	return dst
}

// Prefix compares the start of a text with folded runes. It returns the offset after these runes, or -1 if the text
// differs.
func (f *Folding) Prefix(text, runes []byte) int {
	i, j := 0, 0
	for j < len(runes) {
		if i == len(text) {
			return -1
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind == Ignored {
			continue
		}
		for _, want := range [2]rune{x.r, x.r2} {
			if want == 0 {
				continue
			}
			have, n := utf8.DecodeRune(runes[j:])
			if have != want {
				return -1
			}
			j += n
		}
	}
	for i < len(text) { // ignored runes after the last letter belong to that letter
		r, size := utf8.DecodeRune(text[i:])
		if f.of(r).kind != Ignored {
			break
		}
		i += size
	}
	return i
}

// Hash returns the hash of a word with these folded runes.
func Hash(runes []byte) uint64 {
	h := uint64(hashStart)
	for len(runes) > 0 {
		r, size := utf8.DecodeRune(runes)
		h = (h ^ uint64(r)) * hashPrime
		runes = runes[size:]
	}
	return h
}

// Continues reports whether b[i] continues the word or number before it. It returns false in scripts without blanks
// between words.
func Continues(b []byte, i int) bool {
	if i >= len(b) {
		return false
	}
	if c := b[i]; c < utf8.RuneSelf {
		return IsAlnum(c)
	}
	r, _ := utf8.DecodeRune(b[i:])
	k := foldRune(r).kind
	return k == Part || k == Ignored
}

// IsDigit reports whether c is one of 0 to 9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsLetter reports whether c is an ASCII letter.
func IsLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsAlnum reports whether c is an ASCII letter or a digit.
func IsAlnum(c byte) bool { return IsDigit(c) || IsLetter(c) }

// IsHex reports whether c is a digit in base 16.
func IsHex(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
