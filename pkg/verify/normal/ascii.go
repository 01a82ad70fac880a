package normal

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// ASCII characters are folded eight at a time: a word of 64 bits holds eight characters, and one operation works on all
// of them. This has two advantages over a loop that reads character by character. It needs fewer operations. And it has
// fewer branches that depend on a character: a processor cannot predict them, so each costs as much as many operations.

// blockSize is the largest number of characters in a block. Each character has one bit of a word.
const blockSize = 64

// slack is the number of bytes after the end of a form that copyRun may write. The next characters of the form
// overwrite them.
const slack = 16

// block is the ASCII characters at the beginning of a text, at most blockSize. Each bit of the masks is for one
// character.
type block struct {
	n       int    // number of characters
	counted uint64 // letters and digits
	letters uint64
	low     [blockSize + slack]byte // the characters, with the letters in lower case
}

const (
	each = 0x0101010101010101 // a bit of each character
	high = 0x80 * each        // the highest bit of each character, which no ASCII character has
)

// ranges holds four numbers. If one of them is added to eight characters, the highest bit of each character says
// whether the character is at or after the beginning of a range, or after its end. In a Folding that NewFolding did not
// make, all four are 0. Such a Folding drops every ASCII character.
type ranges struct{ fromA, afterZ, from0, after9 uint64 }

func newRanges() ranges {
	return ranges{fromA: (0x80 - 'a') * each, afterZ: (0x7f - 'z') * each, from0: (0x80 - '0') * each, after9: (0x7f - '9') * each}
}

// of says which of eight ASCII characters are letters, and which are digits, by their highest bits.
func (r *ranges) of(eight uint64) (letters, digits uint64) {
	lower := eight | 0x20*each
	return (lower + r.fromA) &^ (lower + r.afterZ) & high, (eight + r.from0) &^ (eight + r.after9) & high
}

// read reads the ASCII characters at the beginning of a text.
func (b *block) read(r *ranges, text []byte) {
	b.n, b.counted, b.letters = 0, 0, 0
	for b.n < blockSize && len(text) > 0 {
		eight, size := load(text)
		if other := eight & high; other != 0 {
			size = bits.TrailingZeros64(other) / 8
			eight &= 1<<(8*size) - 1
		}
		letters, digits := r.of(eight)
		binary.LittleEndian.PutUint64(b.low[b.n:], eight|letters>>2) // 0x80 >> 2 is the bit that makes a letter lower case
		b.letters |= mask(letters) << b.n
		b.counted |= mask(letters|digits) << b.n
		if b.n += size; size < 8 {
			break
		}
		text = text[8:]
	}
}

// load returns the first eight bytes of a text as a word, or all of its bytes if it has fewer.
func load(text []byte) (eight uint64, size int) {
	switch n := len(text); {
	case n >= 8:
		return binary.LittleEndian.Uint64(text), 8
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(text)) | uint64(binary.LittleEndian.Uint32(text[n-4:]))<<(8*(n-4)), n
	default:
		return uint64(text[0]) | uint64(text[n/2])<<(8*(n/2)) | uint64(text[n-1])<<(8*(n-1)), n
	}
}

// mask brings the highest bits of eight characters together: the bit of the first character becomes the lowest bit.
// All other bits must be 0.
func mask(eight uint64) uint64 { return eight >> 7 * 0x0102040810204080 >> 56 }

// starts returns the positions at which runs of letters and digits begin.
func (b *block) starts() uint64 { return b.counted &^ (b.counted << 1) }

// ends returns the positions after the runs of letters and digits. If a run ends with the largest block, its position
// is not in the result.
func (b *block) ends() uint64 { return b.counted << 1 &^ b.counted }

// digits reports whether a run has only digits.
func (b *block) digits(from, to int) bool { return b.letters>>(from&63)<<((from-to)&63) == 0 }

// copyRun appends a run of letters and digits of the block to a form. The form has room for a whole block and slack.
func (b *block) copyRun(form []byte, from, size int) []byte {
	n := len(form)
	if size > slack {
		return append(form, b.low[from:from+size]...)
	}
	to, text := form[n:n+slack], b.low[from:from+slack]
	binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(text))
	binary.LittleEndian.PutUint64(to[8:], binary.LittleEndian.Uint64(text[8:]))
	return form[:n+size]
}

// room returns a form with room for a whole block and slack.
func room(form []byte) []byte { return slices.Grow(form, blockSize+slack) }
