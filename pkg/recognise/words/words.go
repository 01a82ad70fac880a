// Package words reads the words of a text as people do: without case, accents, and characters nobody sees.
package words

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folding compares words as readers do. It is a table that is made once and never written after: any number of
// goroutines may share it.
type Folding struct{ low [foldLow]folded }

// foldLow ends the scripts that are looked up in a table: Latin, Greek, Cyrillic, Armenian.
const foldLow = 0x590

// folded is what a rune is to a reader.
type folded struct {
	kind  Kind
	r, r2 rune // r2 is 0 but for ß, æ, œ and their like
}

// Kind is what a rune is to the word it stands in or beside.
type Kind byte

// The kinds of runes.
const (
	Between Kind = iota // stands between words
	Part                // letters and digits
	Unseen              // accents and invisible characters: part of a word, and nothing of it
	Alone               // a word of its own, in scripts that do not put blanks between words
)

const zeroWidthSpace = 0x200b // invisible, but made to stand between words

// KindOf is the kind of a rune.
func KindOf(r rune) Kind { return foldRune(r).kind }

// NewFolding makes the table.
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
		return folded{kind: Unseen}
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r):
		return folded{}
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return folded{kind: Alone, r: r}
	}
	return foldLetter(unicode.ToLower(r))
}

// foldLetter takes the accents off a lower-case letter.
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
		return folded{kind: Part, r: unicode.ToLower(base)}
	}
	return folded{kind: Part, r: r}
}

// Word is a run of letters and digits in a text.
type Word struct {
	Start, End int
	Hash       uint64 // of its folded runes
	Less1      uint64 // the same without the last rune
	Less2      uint64 // and without the last two: inflected words end in s or es
	Runes      int    // folded
	Digits     int    // 0 to 9 among them
	ASCII      bool   // nothing else stands in it
}

const (
	hashStart = 0xcbf29ce484222325
	hashPrime = 0x100000001b3
)

// At reads the word that starts at i: b[i] must be part of one.
func (f *Folding) At(b []byte, i int) Word {
	start, digits := i, 0
	hash, less1, less2 := uint64(hashStart), uint64(hashStart), uint64(hashStart) // apart from the word, so that they stay in registers
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

// wideWord goes on with a word at its first byte that is not ASCII.
func (f *Folding) wideWord(b []byte, i int, w Word) Word {
	for i < len(b) {
		r, size := rune(b[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b[i:])
		}
		x := f.of(r)
		if x.kind == Between || x.kind == Alone && w.Runes > 0 {
			break
		}
		i += size
		w.ASCII = w.ASCII && size == 1
		if x.kind == Unseen {
			continue
		}
		if '0' <= r && r <= '9' {
			w.Digits++
		}
		w.add(x.r)
		if x.r2 != 0 {
			w.add(x.r2)
		}
		if x.kind == Alone {
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

// Starts says whether b[i] is part of a word.
func (f *Folding) Starts(b []byte, i int) bool {
	if b[i] < utf8.RuneSelf {
		return f.low[b[i]].kind == Part
	}
	r, _ := utf8.DecodeRune(b[i:])
	return f.of(r).kind != Between
}

// Append appends the folded runes of a word.
func (f *Folding) Append(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind != Part && x.kind != Alone {
			continue
		}
		dst = utf8.AppendRune(dst, x.r)
		if x.r2 != 0 {
			dst = utf8.AppendRune(dst, x.r2)
		}
	}
	return dst
}

// Prefix compares the start of a word with folded runes and gives the offset behind them, or -1.
func (f *Folding) Prefix(text, runes []byte) int {
	i, j := 0, 0
	for j < len(runes) {
		if i == len(text) {
			return -1
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind == Unseen {
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
	for i < len(text) { // what nobody sees behind the last letter belongs to it
		r, size := utf8.DecodeRune(text[i:])
		if f.of(r).kind != Unseen {
			break
		}
		i += size
	}
	return i
}

// Hash is the hash of a word whose folded runes these are.
func Hash(runes []byte) uint64 {
	h := uint64(hashStart)
	for len(runes) > 0 {
		r, size := utf8.DecodeRune(runes)
		h = (h ^ uint64(r)) * hashPrime
		runes = runes[size:]
	}
	return h
}

// Continues says whether b[i] goes on with the word or number before it. Scripts without blanks between words do not.
func Continues(b []byte, i int) bool {
	if i >= len(b) {
		return false
	}
	if c := b[i]; c < utf8.RuneSelf {
		return IsAlnum(c)
	}
	r, _ := utf8.DecodeRune(b[i:])
	k := foldRune(r).kind
	return k == Part || k == Unseen
}

// IsDigit says whether c is one of 0 to 9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// IsLetter says whether c is a letter of ASCII.
func IsLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// IsAlnum says whether c is one or the other.
func IsAlnum(c byte) bool { return IsDigit(c) || IsLetter(c) }

// IsHex says whether c is a digit in base 16.
func IsHex(c byte) bool { return IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
