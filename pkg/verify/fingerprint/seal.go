package fingerprint

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Rules say which entries are looked for.
type Rules struct {
	Classes []int                  // the class of each label. Subjects are counted over all labels of a class
	Exempt  func(hash uint64) bool // reports whether a value is not looked for; nil if no value is exempt
	Workers int                    // goroutines; at least one runs

	// People says for each label whether it is a label of people: each of its values belongs to one person, such as a
	// mail address. Then how often a table repeats a value says little about how many people have it. Rows is the
	// number of rows with a value of the label. Both may be nil.
	People []bool
	Rows   []int64

	// More returns more entries that are looked for, however many subjects they have. Seal calls More once, when the
	// rare values are known. The argument rare reports whether a value of a label is rare. More may be nil. Room is the
	// largest number of entries that More can return.
	More func(rare func(hash uint64, label uint32) bool) [][]Entry
	Room int

	usual []usual // for each label; nil if no label is of people
}

// Outcome counts the different values of one label.
type Outcome struct{ Rare, Common, Exempt int64 }

// Seal turns the store into a set of the rare values, in place. Before, the caller flushes all writers. After, it uses
// no writer. Each worker needs scratch memory for one partition.
func (s *Store) Seal(r Rules) *Set {
	s.makeRoom(int64(r.Room))
	set := &Set{sampling: s.Sampling(), Outcomes: make([]Outcome, len(r.Classes))}
	r.usual = s.usual(r)
	s.each(r, func(w *sealer, i int) { set.parts[i] = w.seal(&s.parts[i]) }, set)
	var more []divided
	if r.More != nil {
		more = divide(r.More(set.rare))
	}
	s.each(r, func(w *sealer, i int) { w.merge(&s.parts[i], more, i) }, set)
	filters := s.filters()
	s.each(r, func(_ *sealer, i int) { set.parts[i] = newSealed(&s.parts[i], filters[i]) }, set)
	s.free.chunks = nil
	set.peak = s.Peak()
	return set
}

// makeRoom drops entries until the store has room for n more.
func (s *Store) makeRoom(n int64) {
	for s.used.Load()+n>>s.Sampling()/chunkSize > s.most && s.Sampling() < mostSampling {
		s.halve()
	}
}

// each calls a function for every partition, in several goroutines, and then adds the figures to the set.
func (s *Store) each(r Rules, do func(w *sealer, partition int), set *Set) {
	var next atomic.Int64
	var wait sync.WaitGroup
	var merge sync.Mutex
	for range max(r.Workers, 1) {
		wait.Go(func() {
			w := newSealer(s, r)
			for i := next.Add(1) - 1; i < partitions; i = next.Add(1) - 1 {
				do(w, int(i))
			}
			merge.Lock()
			defer merge.Unlock()
			for label, o := range w.outcomes {
				set.Outcomes[label].Rare += o.Rare
				set.Outcomes[label].Common += o.Common
				set.Outcomes[label].Exempt += o.Exempt
			}
		})
	}
	wait.Wait()
}

// rare reports whether a value of a label is in the set. It does not use the filters, which are made later.
func (s *Set) rare(hash uint64, label uint32) bool {
	z := &s.parts[hash>>56]
	for i := z.search(hash); i < z.n && z.at(i).Hash == hash; i++ {
		if z.at(i).Mark.Label() == label {
			return true
		}
	}
	return false
}

// divided is a list of entries in the order of their partitions.
type divided struct {
	list  []Entry
	first [partitions + 1]int // for each partition, the index of its first entry
}

// divide brings the entries of each list into the order of their partitions. It writes each list to the memory of the
// list before, so it needs memory for one more list only.
func divide(lists [][]Entry) []divided {
	all := make([]divided, len(lists))
	var spare []Entry
	for i, list := range lists {
		all[i].fill(slices.Grow(spare[:0], len(list))[:len(list)], list)
		spare = list
	}
	return all
}

func (d *divided) fill(to, from []Entry) {
	d.list = to
	for _, e := range from {
		d.first[e.Hash>>56+1]++
	}
	for i := range partitions {
		d.first[i+1] += d.first[i]
	}
	next := d.first
	for _, e := range from {
		at := &next[e.Hash>>56]
		d.list[*at] = e
		*at++
	}
}

// merge adds the entries of the lists that belong to a partition. It leaves out entries that are not in the sample, and
// adds each entry once.
func (w *sealer) merge(p *partition, lists []divided, number int) {
	w.extra.n = 0
	for i := range lists {
		d := &lists[i]
		for _, e := range d.list[d.first[number]:d.first[number+1]] {
			if e.Hash&w.mask == 0 {
				w.extra.add(e, func() *chunk { return new(chunk) })
			}
		}
	}
	w.sort(&w.extra)
	slices.SortFunc(w.scratch, order) // the entries are nearly in order
	more := slices.Compact(w.scratch)
	for _, e := range more {
		w.outcomes[e.Mark.Label()].Rare++
	}
	p.merge(w.s, more)
}

// merge adds entries to a partition. Both are in order.
func (p *partition) merge(s *Store, more []Entry) {
	i, j := p.n-1, len(more)-1
	for p.n += len(more); p.n > len(p.chunks)*chunkSize; {
		p.chunks = append(p.chunks, s.take())
	}
	for k := p.n - 1; j >= 0; k-- {
		e := more[j]
		if i >= 0 && order(p.at(i), e) > 0 {
			e = p.at(i)
			i--
		} else {
			j--
		}
		p.chunks[k/chunkSize][k%chunkSize] = e
	}
}

// sealer seals partitions, one after the other.
type sealer struct {
	s        *Store
	rules    Rules
	mask     uint64
	scratch  []Entry
	extra    partition // entries that are merged into a partition
	starts   []uint32
	outcomes []Outcome
	group    uint64  // number of the current group of equal hashes
	counts   []count // one for each class
	seen     []count // one for each label; nil if no label is of people
	labels   []uint32
}

func newSealer(s *Store, r Rules) *sealer {
	classes := 0
	for _, class := range r.Classes {
		classes = max(classes, class+1)
	}
	w := &sealer{s: s, rules: r, mask: s.mask.Load(), outcomes: make([]Outcome, len(r.Classes)), counts: make([]count, classes)}
	if r.People != nil {
		w.seen = make([]count, len(r.Classes))
	}
	return w
}

// seal sorts a partition, and leaves one entry for each rare value and label.
func (w *sealer) seal(p *partition) sealed {
	if w.mask != 0 {
		p.keep(w.s, func(e Entry) bool { return e.Hash&w.mask == 0 })
	}
	n := 0
	for group := range w.groups(p) {
		w.judge(group)
		for _, label := range w.labels {
			p.chunks[n/chunkSize][n%chunkSize] = Entry{group[0].Hash, NewMark(0, label)}
			n++
		}
	}
	p.cut(w.s, n)
	return sealed{chunks: p.chunks, n: n}
}

// groups sorts a partition into the scratch memory, and returns its groups of equal hashes.
func (w *sealer) groups(p *partition) iter.Seq[[]Entry] {
	return func(yield func([]Entry) bool) {
		w.sort(p)
		for first := 0; first < len(w.scratch); {
			end := first + 1
			for end < len(w.scratch) && w.scratch[end].Hash == w.scratch[first].Hash {
				end++
			}
			w.group++
			if !yield(w.scratch[first:end]) {
				return
			}
			first = end
		}
	}
}

// judge sets labels to the labels of the rare values in a group, each label once. It never sets more labels than the
// group has entries.
func (w *sealer) judge(group []Entry) {
	w.labels = w.labels[:0]
	exempt := w.rules.Exempt != nil && w.rules.Exempt(group[0].Hash)
	if len(group) == 1 && !exempt { // most groups
		w.labels = append(w.labels, group[0].Mark.Label())
		w.outcomes[w.labels[0]].Rare++
		return
	}
	for _, e := range group {
		w.count(e.Mark)
		w.labels = append(w.labels, e.Mark.Label())
	}
	slices.Sort(w.labels)
	w.labels = slices.Compact(w.labels)
	w.unusual()
	w.labels = slices.DeleteFunc(w.labels, func(label uint32) bool {
		o := &w.outcomes[label]
		switch {
		case exempt:
			o.Exempt++
		case w.counts[w.rules.Classes[label]].common():
			o.Common++
		default:
			o.Rare++
			return false
		}
		return true
	})
}

// perBucket is the intended number of entries in a bucket. Buckets with more entries than mostInserted are sorted in
// another way. They have many entries of one value.
const (
	perBucket    = 2
	mostInserted = 32
)

// lists returns the entries of a partition, a chunk at a time.
func (p *partition) lists() iter.Seq[[]Entry] {
	return func(yield func([]Entry) bool) {
		for i, c := range p.chunks {
			if n := min(p.n-i*chunkSize, chunkSize); n <= 0 || !yield(c[:n]) {
				return
			}
		}
	}
}

// sort copies the entries of a partition to the scratch memory, ordered by hash. The highest bits of a hash choose the
// partition, and the next bits choose a bucket. Hashes are spread evenly, so the buckets are small, and each bucket is
// sorted by itself.
func (w *sealer) sort(p *partition) {
	width := bits.Len(uint(p.n / perBucket))
	bucket := func(e *Entry) int { return int(e.Hash << 8 >> 1 >> ((63 - width) & 63)) }
	w.starts = slices.Grow(w.starts[:0], 1<<width+1)[:1<<width+1]
	clear(w.starts)
	w.scratch = slices.Grow(w.scratch[:0], p.n)[:p.n]
	for list := range p.lists() {
		for i := range list {
			w.starts[bucket(&list[i])+1]++
		}
	}
	for i, before := 1, uint32(0); i < len(w.starts); i++ {
		before += w.starts[i]
		w.starts[i] = before
	}
	for list := range p.lists() {
		for i := range list {
			at := &w.starts[bucket(&list[i])]
			w.scratch[*at] = list[i]
			*at++
		}
	}
	first := uint32(0)
	for _, end := range w.starts[:1<<width] {
		sortBucket(w.scratch[first:end])
		first = end
	}
}

func order(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Mark, b.Mark))
}

// sortBucket sorts the entries of a bucket by hash.
func sortBucket(b []Entry) {
	if len(b) > mostInserted {
		slices.SortFunc(b, func(a, b Entry) int { return cmp.Compare(a.Hash, b.Hash) })
		return
	}
	for i := 1; i < len(b); i++ {
		e, j := b[i], i
		for ; j > 0 && e.Hash < b[j-1].Hash; j-- {
			b[j] = b[j-1]
		}
		b[j] = e
	}
}
