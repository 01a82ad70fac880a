package verify

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/masker-project/masker/pkg/verify/fingerprint"
	"github.com/masker-project/masker/pkg/verify/normal"
)

// starts is a filter of the beginnings and lengths of all collected values. With it, a text is hashed only where a
// value may begin. The filter may say yes where no value begins.
type starts struct {
	first   []uint64    // bits of beginnings. Each beginning has two bits of one word
	long    [][8]uint64 // bits of beginnings together with lengths, as many elements as first. An element is one line of the processor's cache
	shift   uint        // how far a hash of a beginning is shifted right to get its index in first and long; less than 64
	lengths [longestWindow + 1]atomic.Bool
	digits  atomic.Uint64 // bit d: there are values of d digits
}

const (
	startBytes    = 6   // bytes of a value that count as its beginning
	longestWindow = 128 // bytes of the longest value that is found within a text
)

// newStarts returns starts that use at most this memory, in bytes.
func newStarts(memory int64, advise fingerprint.Advise) *starts {
	words := max(memory/8*8/9, 1<<10)
	size := bits.Len64(uint64(words)) - 4
	return &starts{
		first: fingerprint.MakeLarge[uint64](1<<size, advise), long: fingerprint.MakeLarge[[8]uint64](1<<size, advise), shift: uint(64 - size),
	}
}

func (s *starts) memory() int64 { return int64(len(s.first)) * (8 + 64) }

// startOf returns a hash of the first six bytes of a form. The form must have at least six bytes.
func startOf(form []byte) uint64 {
	return hashOfStart(uint64(binary.LittleEndian.Uint32(form)) | uint64(binary.LittleEndian.Uint16(form[4:]))<<32)
}

// hashOfStart returns a hash of the six low bytes of a word.
func hashOfStart(word uint64) uint64 { return (word & (1<<(8*startBytes) - 1)) * 0x9e3779b97f4a7c15 }

// beginnings returns the tokens of a text with which a value may begin, in the memory of list. The filter is large, so
// the processor waits for it. The loop has no branch that depends on the filter. So the processor goes on with the next
// tokens while it waits.
func (s *starts) beginnings(list []uint32, text *normal.Text) []uint32 {
	form, tokens, first, shift := text.Form, text.Tokens, s.first, s.shift
	n := 0
	list = slices.Grow(list[:0], len(tokens))[:len(tokens)]
	for i := range tokens {
		at := int(tokens[i].Start)
		var start uint64
		if at+8 <= len(form) {
			start = hashOfStart(binary.LittleEndian.Uint64(form[at:]))
		} else if at+startBytes <= len(form) {
			start = startOf(form[at:])
		} else {
			break
		}
		list[n] = uint32(i)
		word := atomic.LoadUint64(&first[start>>(shift&63)])
		n += int(word >> (start >> 35 & 63) & (word >> (start >> 29 & 63)) & 1)
	}
	return list[:n]
}

// at returns the index of a beginning in first and long.
func (s *starts) at(start uint64) uint64 { return start >> (s.shift & 63) }

// twoBits returns the bits of a beginning in its word of the field first. They come from bits of the hash that are not
// in the index. The method beginnings uses the same bits.
func twoBits(start uint64) uint64 { return 1<<(start>>35&63) | 1<<(start>>29&63) }

// bit returns the word of the field long to which a beginning with a length belongs, and its bit. All lengths of a
// beginning are in one element, so the processor waits for the memory only once.
func (s *starts) bit(start uint64, length int) (word *uint64, bit uint64) {
	hash := (start ^ uint64(length)*0xff51afd7ed558ccd) * 0xc4ceb9fe1a85ec53
	return &s.long[s.at(start)][hash>>61], 1 << (hash >> 55 & 63)
}

// add adds a value, unless it is too short or too long to be found within a text.
func (s *starts) add(form []byte) {
	if len(form) >= startBytes && len(form) <= longestWindow {
		s.put(beginning{startOf(form), len(form)})
	}
}

func (s *starts) put(b beginning) {
	set(&s.first[s.at(b.start)], twoBits(b.start))
	set(s.bit(b.start, b.length))
	if !s.lengths[b.length].Load() {
		s.lengths[b.length].Store(true)
	}
}

// beginning is the beginning of a value, and its length.
type beginning struct {
	start  uint64
	length int
}

// beginnings are values that wait until they are added to starts. The bits of starts are spread over a large memory, so
// the processor waits for each bit. If many bits are read together, the processor waits for all of them at the same
// time.
type beginnings struct {
	to   *starts
	list [64]beginning
	n    int
}

// add adds a value, unless it is too short or too long to be found within a text.
func (b *beginnings) add(form []byte) {
	if len(form) < startBytes || len(form) > longestWindow {
		return
	}
	if b.n == len(b.list) {
		b.flush()
	}
	b.list[b.n] = beginning{startOf(form), len(form)}
	b.n++
}

// flush adds the values that wait.
func (b *beginnings) flush() {
	s, fresh := b.to, 0
	for _, v := range b.list[:b.n] { // in this loop, the processor waits for many bits at the same time
		if !s.begins(v.start) || !s.has(v.start, v.length) {
			b.list[fresh] = v
			fresh++
		}
	}
	for _, v := range b.list[:fresh] {
		s.put(v)
	}
	b.n = 0
}

// addDigits adds the length of a value of d digits.
func (s *starts) addDigits(d int) {
	if s.digits.Load()>>min(d, 63)&1 == 0 {
		s.digits.Or(1 << min(d, 63))
	}
}

func (s *starts) hasDigits(d int) bool { return s.digits.Load()>>min(d, 63)&1 == 1 }

func (s *starts) begins(start uint64) bool { return isSet(&s.first[s.at(start)], twoBits(start)) }

func (s *starts) has(start uint64, length int) bool {
	return s.lengths[length].Load() && isSet(s.bit(start, length))
}

func set(word *uint64, ones uint64) {
	if atomic.LoadUint64(word)&ones != ones {
		atomic.OrUint64(word, ones)
	}
}

func isSet(word *uint64, ones uint64) bool { return atomic.LoadUint64(word)&ones == ones }
