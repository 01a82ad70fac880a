package transform

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folding compares names as readers do: without case, accents, and characters nobody sees. It is made once per
// compiled treatment and never written after.
type folding struct{ low [foldLow]folded }

// foldLow ends the scripts that are looked up in a table: Latin, Greek, Cyrillic, Armenian.
const foldLow = 0x590

// folded is what a rune is to a reader.
type folded struct {
	kind  runeKind
	r, r2 rune // r2 is 0 but for ß, æ, œ and their like
}

type runeKind byte

const zeroWidthSpace = 0x200b // invisible, but made to stand between words

const (
	runeOther runeKind = iota // stands between words
	runeWord                  // letters and digits
	runeNone                  // accents and invisible characters: part of a word, and nothing of it
	runeSolo                  // a word of its own, in scripts that do not put blanks between words
)

func newFolding() *folding {
	f := &folding{}
	for r := rune(0); r < foldLow; r++ {
		f.low[r] = foldRune(r)
	}
	return f
}

func (f *folding) of(r rune) folded {
	if r < foldLow {
		return f.low[r]
	}
	return foldRune(r)
}

func foldRune(r rune) folded {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return folded{kind: runeWord, r: r}
	case 'A' <= r && r <= 'Z':
		return folded{kind: runeWord, r: r + 'a' - 'A'}
	case r < utf8.RuneSelf:
		return folded{}
	case r == zeroWidthSpace:
		return folded{}
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		return folded{kind: runeNone}
	case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mc, r):
		return folded{}
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return folded{kind: runeSolo, r: r}
	}
	return foldLetter(unicode.ToLower(r))
}

// foldLetter takes the accents off a lower-case letter.
func foldLetter(r rune) folded {
	switch r {
	case 'ß':
		return folded{runeWord, 's', 's'}
	case 'æ':
		return folded{runeWord, 'a', 'e'}
	case 'œ':
		return folded{runeWord, 'o', 'e'}
	case 'þ':
		return folded{runeWord, 't', 'h'}
	case 'ø':
		return folded{kind: runeWord, r: 'o'}
	case 'ł':
		return folded{kind: runeWord, r: 'l'}
	case 'đ', 'ð':
		return folded{kind: runeWord, r: 'd'}
	case 'ı':
		return folded{kind: runeWord, r: 'i'}
	}
	var text [utf8.UTFMax]byte
	n := utf8.EncodeRune(text[:], r)
	if parts := norm.NFD.Properties(text[:n]).Decomposition(); len(parts) > 0 && !unicode.Is(unicode.Hangul, r) {
		base, _ := utf8.DecodeRune(parts)
		return folded{kind: runeWord, r: unicode.ToLower(base)}
	}
	return folded{kind: runeWord, r: r}
}

// word is a run of letters and digits in a text.
type word struct {
	start, end int
	hash       uint64 // of its folded runes
	less1      uint64 // the same without the last rune
	less2      uint64 // and without the last two: inflected words end in s or es
	runes      int    // folded
	digits     int
	ascii      bool
}

const (
	hashStart = 0xcbf29ce484222325
	hashPrime = 0x100000001b3
)

// wordAt reads the word that starts at i: b[i] must be part of one.
func (f *folding) wordAt(b []byte, i int) word {
	start, digits := i, 0
	hash, less1, less2 := uint64(hashStart), uint64(hashStart), uint64(hashStart) // apart from the word, so that they stay in registers
	for ; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			w := word{start: start, runes: i - start, digits: digits, hash: hash, less1: less1, less2: less2, ascii: true}
			return f.wideWord(b, i, w)
		}
		x := &f.low[c]
		if x.kind != runeWord {
			break
		}
		if c <= '9' {
			digits++
		}
		hash, less1, less2 = (hash^uint64(x.r))*hashPrime, hash, less1
	}
	return word{start: start, end: i, runes: i - start, digits: digits, hash: hash, less1: less1, less2: less2, ascii: true}
}

// wideWord goes on with a word at its first byte that is not ASCII.
func (f *folding) wideWord(b []byte, i int, w word) word {
	for i < len(b) {
		r, size := rune(b[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b[i:])
		}
		x := f.of(r)
		if x.kind == runeOther || x.kind == runeSolo && w.runes > 0 {
			break
		}
		i += size
		w.ascii = w.ascii && size == 1
		if x.kind == runeNone {
			continue
		}
		if '0' <= r && r <= '9' {
			w.digits++
		}
		w.add(x.r)
		if x.r2 != 0 {
			w.add(x.r2)
		}
		if x.kind == runeSolo {
			break
		}
	}
	w.end = i
	return w
}

func (w *word) add(r rune) {
	w.less2, w.less1, w.hash = w.less1, w.hash, (w.hash^uint64(r))*hashPrime
	w.runes++
}

// starts says whether b[i] is part of a word.
func (f *folding) starts(b []byte, i int) bool {
	if b[i] < utf8.RuneSelf {
		return f.low[b[i]].kind == runeWord
	}
	r, _ := utf8.DecodeRune(b[i:])
	return f.of(r).kind != runeOther
}

// appendFolded appends the folded runes of a word.
func (f *folding) appendFolded(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind != runeWord && x.kind != runeSolo {
			continue
		}
		dst = utf8.AppendRune(dst, x.r)
		if x.r2 != 0 {
			dst = utf8.AppendRune(dst, x.r2)
		}
	}
	return dst
}

// prefix compares the start of a word with folded runes and gives the offset behind them, or -1.
func (f *folding) prefix(text, runes []byte) int {
	i, j := 0, 0
	for j < len(runes) {
		if i == len(text) {
			return -1
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		x := f.of(r)
		if x.kind == runeNone {
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
		if f.of(r).kind != runeNone {
			break
		}
		i += size
	}
	return i
}

// hashFolded is the hash of a word whose folded runes these are.
func hashFolded(runes []byte) uint64 {
	h := uint64(hashStart)
	for len(runes) > 0 {
		r, size := utf8.DecodeRune(runes)
		h = (h ^ uint64(r)) * hashPrime
		runes = runes[size:]
	}
	return h
}

// glued says whether b[i] goes on with the word or number before it. Scripts without blanks between words do not.
func glued(b []byte, i int) bool {
	if i >= len(b) {
		return false
	}
	if c := b[i]; c < utf8.RuneSelf {
		return alnumByte(c)
	}
	r, _ := utf8.DecodeRune(b[i:])
	k := foldRune(r).kind
	return k == runeWord || k == runeNone
}

func digitByte(c byte) bool { return '0' <= c && c <= '9' }

func letterByte(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func alnumByte(c byte) bool { return digitByte(c) || letterByte(c) }
