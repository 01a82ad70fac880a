package verify

import (
	"sync"
	"sync/atomic"
)

// choice keeps some values of a source, each of them once. The verification also looks for other forms of these values,
// such as digests. The hash of a value decides whether it is kept. When a choice is full, or the memory of all choices
// is used up, it drops about half of its values. From then on, it takes only values whose hashes pass the same test as
// the hashes of the values that it kept. So a choice has enough values of a small source, and not too many of a large
// source. Many goroutines share a choice.
type choice struct {
	level atomic.Uint32
	known shared
	mu    sync.Mutex // protects the fields below, and all changes of the fields above
	list  []chosenValue
	texts []byte
}

// chosenValue is a value that a choice keeps.
type chosenValue struct {
	hash  uint64
	start uint32 // in the texts of the choice
	size  uint16
	code  code
}

const (
	leastChosen = 10_000              // about this many values stay when a full choice drops half of them
	mostChosen  = 2*leastChosen + 500 // a choice with more values drops half of them
	chosenFrom  = 40                  // the lowest of the bits of a hash that decide whether a value is kept
	mostLevel   = 16                  // the largest number of these bits
	fewChosen   = 64                  // a choice with so few values drops none, even if the budget is used up
	chosenBytes = 48                  // memory for a value apart from its text
)

// budget is the memory for the values of all choices.
type budget struct {
	left atomic.Int64
}

// passes reports whether a value may be kept.
func (c *choice) passes(hash uint64) bool {
	return hash>>chosenFrom&(1<<min(c.level.Load(), mostLevel)-1) == 0
}

// offer keeps a value, if it passes and is new. If there are then too many values, or if the budget is used up, offer
// drops about half of the values.
func (c *choice) offer(from *budget, hash uint64, k code, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.level.Load() >= mostLevel && len(c.list) >= mostChosen || !c.passes(hash) || !c.known.add(hash) {
		return
	}
	c.list = append(c.list, chosenValue{hash, uint32(len(c.texts)), uint16(len(text)), k})
	c.texts = append(c.texts, text...)
	left := from.left.Add(-int64(len(text) + chosenBytes))
	if len(c.list) > mostChosen || left < 0 && len(c.list) > fewChosen {
		c.halve(from)
	}
}

// halve drops about half of the values.
func (c *choice) halve(from *budget) {
	c.level.Add(1)
	c.known.keep(c.passes)
	list, texts := c.list[:0], c.texts[:0]
	for _, v := range c.list {
		text := c.text(v)
		if !c.passes(v.hash) {
			from.left.Add(int64(len(text) + chosenBytes))
			continue
		}
		v.start = uint32(len(texts))
		list, texts = append(list, v), append(texts, text...)
	}
	c.list, c.texts = list, texts
}

func (c *choice) text(v chosenValue) []byte { return c.texts[v.start : v.start+uint32(v.size)] }
