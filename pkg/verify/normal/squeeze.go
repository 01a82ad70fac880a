package normal

import (
	"encoding/binary"
	"math/bits"
)

// squeezed says what the ASCII characters at the beginning of a text are, at most blockSize. Each bit of the masks is
// for one character.
type squeezed struct {
	n       int    // number of characters
	counted uint64 // letters and digits
	letters uint64
	ats     uint64 // the character @
}

// squeeze appends the letters and digits at the beginning of a text to a form. It writes eight characters at a time,
// after it has removed those between them that are neither letters nor digits. The next characters overwrite what it
// writes after the end of the form.
func (r *ranges) squeeze(form, text []byte) ([]byte, squeezed) {
	form = room(form)
	end, to := len(form), form[:cap(form)]
	var b squeezed
	for b.n < blockSize && len(text) > 0 {
		eight, size := load(text)
		if other := eight & high; other != 0 {
			size = bits.TrailingZeros64(other) / 8
			eight &= 1<<(8*size) - 1
		}
		letters, digits := r.of(eight)
		counted := letters | digits
		folded := eight | letters>>2 // 0x80 >> 2 is the bit that makes a letter lower case
		if gaps := high >> (64 - 8*size) &^ counted; gaps != 0 {
			b.ats |= mask((high-(eight^'@'*each))&high) << b.n
			folded = without(folded, gaps)
		}
		binary.LittleEndian.PutUint64(to[end:], folded)
		among := mask(counted)
		end += bits.OnesCount8(uint8(among))
		b.letters |= mask(letters) << b.n
		b.counted |= among << b.n
		if b.n += size; size < 8 {
			break
		}
		text = text[8:]
	}
	return to[:end], b
}

// without removes characters from eight characters. The highest bit of each character that it removes is set in gaps.
func without(eight, gaps uint64) uint64 {
	for gaps != 0 {
		at := (63 - bits.LeadingZeros64(gaps)) &^ 7
		before := uint64(1)<<(at&63) - 1
		eight = eight&before | eight>>8&^before
		gaps &= before
	}
	return eight
}
