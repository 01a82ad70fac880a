package catalog

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"iter"
	"math/bits"
	"slices"
)

// Position is the place of a row in the heap of a table: the number of its block, and its number in the block. It is
// the ctid of PostgreSQL. It does not change while a snapshot and a lock on the table are held.
type Position uint64

// A block has fewer rows than 1 << lineBits. This holds for every block size with which PostgreSQL can be built.
const lineBits = 11

// At returns the position of a row. The result ok is false if a block cannot have a row with this number.
func At(block uint32, line uint16) (p Position, ok bool) {
	return Position(block)<<lineBits | Position(line), line < 1<<lineBits
}

// Block returns the number of the row's block.
func (p Position) Block() uint32 { return uint32(p >> lineBits) }

// Line returns the number of the row in its block.
func (p Position) Line() uint16 { return uint16(p & (1<<lineBits - 1)) }

// Rows is a set of rows of one ordinary table or one partition. The zero value is an empty set. The set is compressed:
// it keeps the positions of every 32 blocks as a list, or as a bitmap if these blocks have many rows of the set. Only
// one goroutine may change a set.
type Rows struct {
	pieces map[uint32]*piece
	order  []uint32 // the keys of pieces, sorted; nil if the order is not known
	n      int
}

// piece holds the positions that have the same upper bits. It is a list as long as the list needs no more memory
// than a bitmap.
type piece struct {
	list   []uint16 // sorted; nil if there is a bitmap
	bitmap *[1 << 10]uint64
}

const mostListed = 4096 // a list with this number of positions needs as much memory as a bitmap

// Len returns the number of rows. It is 0 for nil.
func (r *Rows) Len() int {
	if r == nil {
		return 0
	}
	return r.n
}

// Part estimates which part of an amount belongs to these rows. The argument n is the amount for the whole table,
// such as its bytes. The argument all is the number of rows in the table.
func (r *Rows) Part(n, all int64) int64 {
	rows := int64(r.Len())
	return int64(float64(n) * float64(rows) / float64(max(all, rows, 1)))
}

// Has reports whether a row is in the set.
func (r *Rows) Has(p Position) bool {
	c := r.pieces[uint32(p>>16)]
	if c == nil {
		return false
	}
	low := uint16(p)
	if c.bitmap != nil {
		return c.bitmap[low>>6]&(1<<(low&63)) != 0
	}
	_, ok := slices.BinarySearch(c.list, low)
	return ok
}

// Add adds a row. It returns false if the row was in the set before.
func (r *Rows) Add(p Position) bool {
	key, low := uint32(p>>16), uint16(p)
	c := r.pieces[key]
	if c == nil {
		if r.pieces == nil {
			r.pieces = map[uint32]*piece{}
		}
		c, r.order = &piece{}, nil
		r.pieces[key] = c
	}
	if !c.add(low) {
		return false
	}
	r.n++
	return true
}

func (c *piece) add(low uint16) bool {
	if c.bitmap == nil {
		i, ok := slices.BinarySearch(c.list, low)
		if ok {
			return false
		}
		if len(c.list) < mostListed {
			c.list = slices.Insert(c.list, i, low)
			return true
		}
		c.bitmap = new([1 << 10]uint64)
		for _, x := range c.list {
			c.bitmap[x>>6] |= 1 << (x & 63)
		}
		c.list = nil
	}
	word, bit := &c.bitmap[low>>6], uint64(1)<<(low&63)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// sorted returns the keys of the pieces in their order.
func (r *Rows) sorted() []uint32 {
	if r.order == nil {
		r.order = make([]uint32, 0, len(r.pieces))
		for key := range r.pieces {
			r.order = append(r.order, key)
		}
		slices.Sort(r.order)
	}
	return r.order
}

// Sort prepares the set for readers. After Sort, several goroutines may call Between, All and Has until the set
// changes.
func (r *Rows) Sort() { r.sorted() }

// All returns the rows in the order of the table.
func (r *Rows) All() iter.Seq[Position] { return r.Between(Pages{}) }

// Between returns the rows of some pages, in the order of the table.
func (r *Rows) Between(pages Pages) iter.Seq[Position] {
	return func(yield func(Position) bool) {
		if r == nil {
			return
		}
		from, to := Position(pages.From)<<lineBits, Position(pages.To)<<lineBits
		order := r.sorted()
		first, _ := slices.BinarySearch(order, uint32(from>>16))
		for _, key := range order[first:] {
			high := Position(key) << 16
			if to > 0 && high >= to {
				return
			}
			for low := range r.pieces[key].all() {
				p := high | Position(low)
				if p < from {
					continue
				}
				if to > 0 && p >= to || !yield(p) {
					return
				}
			}
		}
	}
}

func (c *piece) all() iter.Seq[uint16] {
	return func(yield func(uint16) bool) {
		for _, low := range c.list {
			if !yield(low) {
				return
			}
		}
		if c.bitmap == nil {
			return
		}
		for i, word := range c.bitmap {
			for ; word != 0; word &= word - 1 {
				if !yield(uint16(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// Take removes the first n rows from the set, or all rows if the set has fewer. It returns these rows. First means
// first in the order of the table, and the returned rows have this order.
func (r *Rows) Take(n int) []Position {
	list := make([]Position, 0, min(n, r.n))
	for p := range r.All() {
		if len(list) == n {
			break
		}
		list = append(list, p)
	}
	if len(list) == r.n {
		*r = Rows{}
		return list
	}
	for len(list) > 0 && len(r.order) > 0 && r.order[0] < uint32(list[len(list)-1]>>16) {
		delete(r.pieces, r.order[0])
		r.order = r.order[1:]
	}
	if len(list) > 0 { // the last piece may have rows left
		last := list[len(list)-1]
		key := uint32(last >> 16)
		left := &piece{}
		for low := range r.pieces[key].all() {
			if low > uint16(last) {
				left.add(low)
			}
		}
		r.pieces[key] = left
	}
	r.n -= len(list)
	return list
}

// MarshalJSON writes the distances between the positions, as varints in base64.
func (r *Rows) MarshalJSON() ([]byte, error) {
	data, last := []byte{}, Position(0)
	for p := range r.All() {
		data, last = binary.AppendUvarint(data, uint64(p-last)), p
	}
	return json.Marshal(data)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Rows) UnmarshalJSON(text []byte) error {
	var data []byte
	if err := json.Unmarshal(text, &data); err != nil {
		return err
	}
	*r = Rows{}
	for p := Position(0); len(data) > 0; {
		distance, n := binary.Uvarint(data)
		if n <= 0 || distance > 1<<(32+lineBits) {
			return errors.New("catalog: not a set of rows")
		}
		p, data = p+Position(distance), data[n:]
		if !r.Add(p) {
			return errors.New("catalog: not a set of rows")
		}
	}
	return nil
}
