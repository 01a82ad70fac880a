package verify

import (
	"encoding/binary"
	"math/bits"
	"sync/atomic"
)

// starts is a filter of the beginnings and lengths of all collected values. With it, a text is hashed only where a value
// may begin. The filter may say yes where no value begins.
type starts struct {
	first   []uint64 // bits of beginnings
	long    []uint64 // bits of beginnings together with lengths
	shift   int      // how far a hash is shifted right to get the number of its bit in the field long. The field first has an eighth as many bits
	lengths [longestWindow + 1]atomic.Bool
	digits  atomic.Uint64 // bit d: there are values of d digits
}

const (
	startBytes    = 6   // bytes of a value that count as its beginning
	longestWindow = 128 // bytes of the longest value that is found within a text
)

// newStarts returns starts that use at most this memory, in bytes.
func newStarts(memory int64) *starts {
	words := max(memory/8*8/9, 1<<10)
	size := bits.Len64(uint64(words)) - 1
	return &starts{first: make([]uint64, 1<<(size-3)), long: make([]uint64, 1<<size), shift: 64 - size - 6}
}

func (s *starts) memory() int64 { return int64(len(s.first)+len(s.long)) * 8 }

// startOf returns a hash of the first six bytes of a form. The form must have at least six bytes.
func startOf(form []byte) uint64 {
	return (uint64(binary.LittleEndian.Uint32(form)) | uint64(binary.LittleEndian.Uint16(form[4:]))<<32) * 0x9e3779b97f4a7c15
}

func (s *starts) bit(start uint64, length int) uint64 {
	return (start ^ uint64(length)*0xff51afd7ed558ccd) * 0xc4ceb9fe1a85ec53 >> s.shift
}

// add adds a value of any length.
func (s *starts) add(form []byte) {
	if len(form) >= startBytes && len(form) <= longestWindow {
		s.put(beginning{startOf(form), len(form)})
	}
}

func (s *starts) put(b beginning) {
	set(s.first, b.start>>(s.shift+3))
	set(s.long, s.bit(b.start, b.length))
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

// add adds a value of any length.
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

func (s *starts) begins(start uint64) bool { return isSet(s.first, start>>(s.shift+3)) }

func (s *starts) has(start uint64, length int) bool {
	return s.lengths[length].Load() && isSet(s.long, s.bit(start, length))
}

func set(in []uint64, bit uint64) {
	if word := &in[bit/64]; atomic.LoadUint64(word)>>(bit%64)&1 == 0 {
		atomic.OrUint64(word, 1<<(bit%64))
	}
}

func isSet(in []uint64, bit uint64) bool { return atomic.LoadUint64(&in[bit/64])>>(bit%64)&1 == 1 }
