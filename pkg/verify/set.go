package verify

import (
	"strings"
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// Set holds the fingerprints that are looked for. It does not change, except that probers add what they found.
type Set struct {
	c       *Collection
	values  *fingerprint.Set
	treated map[Place][]*source
	draws   map[Place]bool // columns with a treatment that draws from few results
	longest int            // length in bytes of the longest value that is looked for within texts
	tails   bool           // the set has last digits of phone numbers
	inBytes bool           // the set has fingerprints of bytes

	mu     sync.Mutex // protects the fields below
	places map[Place]*found
	sums   map[catalog.Name]*tableSum
}

// found is what probers found in one place.
type found struct {
	cells  int64
	not    map[Reason]int64
	hits   map[uint32]*hit // by label, with or without maybeInvented
	digits map[int]*distinct
	tails  distinct
	all    distinct // whole values
	words  int64    // words in bytes, of which most may be noise
}

// maybeInvented is added to the label of a hit if a treatment may have invented the words. masker assumes this if all
// words are in dictionaries and the rules do not keep the column.
const maybeInvented = 1 << 31

// hit counts what was found of one label.
type hit struct {
	values distinct
	rows   int64
	row    int64 // the last row that was counted
	key    string
	sizes  map[int]*distinct // the values that were found as words in bytes, by the length of the words; nil if there are none
}

// ofSize returns the counter of the values that were found as words in bytes and have this length.
func (h *hit) ofSize(size int) *distinct {
	if h.sizes == nil {
		h.sizes = map[int]*distinct{}
	}
	n, ok := h.sizes[size]
	if !ok {
		n = &distinct{}
		h.sizes[size] = n
	}
	return n
}

func newFound() *found {
	return &found{not: map[Reason]int64{}, hits: map[uint32]*hit{}, digits: map[int]*distinct{}}
}

func (f *found) merge(o *found) {
	f.cells += o.cells
	for why, n := range o.not {
		f.not[why] += n
	}
	for l, h := range o.hits {
		mine, ok := f.hits[l]
		if !ok {
			mine = &hit{key: h.key}
			f.hits[l] = mine
		}
		mine.values.merge(&h.values)
		for size, n := range h.sizes {
			mine.ofSize(size).merge(n)
		}
		mine.rows += h.rows
		if mine.key == "" {
			mine.key = h.key
		}
	}
	for d, n := range o.digits {
		f.of(d).merge(n)
	}
	f.words += o.words
	f.tails.merge(&o.tails)
	f.all.merge(&o.all)
}

// of returns the counter of the different written forms that have d digits. It makes the counter if there is none.
func (f *found) of(d int) *distinct {
	n, ok := f.digits[d]
	if !ok {
		n = &distinct{}
		f.digits[d] = n
	}
	return n
}

func newSet(c *Collection, values *fingerprint.Set) *Set {
	s := &Set{c: c, values: values, treated: map[Place][]*source{}, draws: map[Place]bool{}, places: map[Place]*found{}, sums: map[catalog.Name]*tableSum{}}
	for _, source := range c.sources {
		s.treated[source.Place] = append(s.treated[source.Place], source)
		column := Place{source.Table, source.Column, ""}
		s.draws[column] = s.draws[column] || source.finite()
	}
	for i, l := range c.labels {
		s.tails = s.tails || l.code == tail && values.Outcomes[i].Rare > 0
		s.inBytes = s.inBytes || bytesOnly(l.code) && values.Outcomes[i].Rare > 0
	}
	for n := range c.start.lengths {
		if c.start.lengths[n].Load() {
			s.longest = n
		}
	}
	for d := range mostDigits + 1 {
		if c.start.hasDigits(d) {
			s.longest = max(s.longest, min(d, longestWindow))
		}
	}
	return s
}

func bytesOnly(k code) bool {
	return k == rawBytes || k == md5Bytes || k == sha1Bytes || k == sha256Bytes
}

// treatments returns the sources whose treatments make the values of a place of the target. If the rules do not name
// the path of the place itself, they may name a path above it, such as $.x.**.
func (s *Set) treatments(p Place) []*source {
	if p.Path == Statistics || p.Path == Unplaced {
		p.Path = ""
	}
	if own := s.treated[p]; len(own) > 0 || p.Path == "" {
		return own
	}
	for path := p.Path; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if own := s.treated[Place{p.Table, p.Column, path + ".**"}]; len(own) > 0 {
			return own
		}
	}
	return nil
}

// column returns what was found in the whole column of a place. The numbers in documents are counted for the whole
// column. column returns nil if the column was not looked at.
func (s *Set) column(p Place) *found { return s.places[Place{p.Table, p.Column, ""}] }
