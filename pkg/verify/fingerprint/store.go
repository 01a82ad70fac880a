package fingerprint

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

const (
	partitions = 256  // number of partitions; the highest bits of a hash choose one
	chunkSize  = 1024 // entries in a chunk, which has 16 KB
	burst      = 32   // number of entries that a writer collects for a partition before it adds them to the store
	entryBytes = 16

	chunksOfSlab = 256 // chunks that are made at a time. They have 4 MB, so that they can have large pages
)

type chunk [chunkSize]Entry

// Store collects entries of many writers in bounded memory. When the memory is full, the store drops about half of the
// entries: it keeps the entries whose hashes have one more low bit that is 0. From then on, it takes only such entries.
type Store struct {
	advise Advise
	most   int64 // chunks that may be in use
	used   atomic.Int64
	peak   atomic.Int64 // most chunks in use so far
	mask   atomic.Uint64
	grow   sync.Mutex // held while the sampling grows
	parts  [partitions]partition

	free struct {
		sync.Mutex
		chunks []*chunk
	}
}

// partition holds the entries whose hashes are in one part of the range of hashes.
type partition struct {
	sync.Mutex
	chunks []*chunk
	n      int // number of entries
}

func (p *partition) at(i int) Entry { return p.chunks[i/chunkSize][i%chunkSize] }

// add adds an entry. If it needs another chunk, it gets one from the argument.
func (p *partition) add(e Entry, take func() *chunk) {
	if p.n == len(p.chunks)*chunkSize {
		p.chunks = append(p.chunks, take())
	}
	p.chunks[p.n/chunkSize][p.n%chunkSize] = e
	p.n++
}

// addAll adds entries. It copies as many as possible at a time.
func (p *partition) addAll(entries []Entry, take func() *chunk) {
	for len(entries) > 0 {
		if p.n == len(p.chunks)*chunkSize {
			p.chunks = append(p.chunks, take())
		}
		n := copy(p.chunks[p.n/chunkSize][p.n%chunkSize:], entries)
		p.n += n
		entries = entries[n:]
	}
}

// NewStore returns a store. The argument memory limits the bytes of its entries, and later of its set. A store uses at
// least a chunk for each partition: 4 MB.
func NewStore(memory int64, advise Advise) *Store {
	// A set needs filterBytes more for each entry.
	return &Store{advise: advise, most: max(memory*entryBytes/(entryBytes+filterBytes)/(chunkSize*entryBytes), partitions)}
}

// Sampling returns k: the store keeps one in 2^k of all hashes. These are the hashes that end with k bits that are 0.
func (s *Store) Sampling() int { return bits.OnesCount64(s.mask.Load()) }

// Peak returns the largest number of bytes that entries have used so far.
func (s *Store) Peak() int64 { return s.peak.Load() * chunkSize * entryBytes }

// Writer adds entries. It belongs to one goroutine.
type Writer struct {
	s      *Store
	n      [partitions]uint8
	burst  [partitions][burst]Entry
	seen   [seenSlots]slot
	habits [habits]Habit
}

// Writer returns a new writer. Writers are large: they are reused for many tables.
func (s *Store) Writer() *Writer { return &Writer{s: s} }

// Takes reports whether a hash belongs to the sample. It does not matter whether somebody has added the hash. The
// answer can become false later, because a store that is too full halves its sample.
func (s *Store) Takes(hash uint64) bool { return hash&s.mask.Load() == 0 }

// Add adds a value of a subject.
func (w *Writer) Add(hash, subject uint64, label uint32) {
	if !w.s.Takes(hash) || w.known(hash, subject, label) {
		return
	}
	w.put(Entry{hash, NewMark(subject, label)})
}

func (w *Writer) put(e Entry) {
	p := e.Hash >> 56
	w.burst[p][w.n[p]] = e
	w.n[p]++
	if w.n[p] == burst {
		w.flush(int(p))
	}
}

// Flush adds to the store the entries that the writer still has.
func (w *Writer) Flush() {
	for p := range w.n {
		if w.n[p] > 0 {
			w.flush(p)
		}
	}
}

func (w *Writer) flush(p int) {
	w.s.add(p, w.burst[p][:w.n[p]])
	w.n[p] = 0
	if w.s.used.Load() > w.s.most {
		w.s.sampleMore()
	}
}

func (s *Store) add(p int, entries []Entry) {
	part := &s.parts[p]
	part.Lock()
	defer part.Unlock()
	mask := s.mask.Load()
	if mask == 0 {
		part.addAll(entries, s.take)
		return
	}
	for _, e := range entries {
		if e.Hash&mask == 0 {
			part.add(e, s.take)
		}
	}
}

// take returns an unused chunk.
func (s *Store) take() *chunk {
	used := s.used.Add(1)
	for {
		peak := s.peak.Load()
		if used <= peak || s.peak.CompareAndSwap(peak, used) {
			break
		}
	}
	s.free.Lock()
	defer s.free.Unlock()
	if len(s.free.chunks) == 0 {
		slab := MakeLarge[chunk](chunksOfSlab, s.advise)
		for i := range slab {
			s.free.chunks = append(s.free.chunks, &slab[i])
		}
	}
	n := len(s.free.chunks)
	c := s.free.chunks[n-1]
	s.free.chunks = s.free.chunks[:n-1]
	return c
}

// sampleMore drops about half of all entries, again and again, until the rest needs no more chunks than it may. It
// drops nothing if another writer has just done this.
func (s *Store) sampleMore() {
	s.grow.Lock()
	defer s.grow.Unlock()
	for s.used.Load() > s.most && s.Sampling() < mostSampling {
		s.halve()
	}
}

// mostSampling is the largest sampling.
const mostSampling = 32

// halve drops about half of all entries.
func (s *Store) halve() {
	mask := s.mask.Load()<<1 | 1
	s.mask.Store(mask)
	for i := range s.parts {
		s.parts[i].keep(s, func(e Entry) bool { return e.Hash&mask == 0 })
	}
}

// keep drops the entries that are not wanted, in place.
func (p *partition) keep(s *Store, wanted func(Entry) bool) {
	p.Lock()
	defer p.Unlock()
	n := 0
	for i := range p.n {
		if e := p.chunks[i/chunkSize][i%chunkSize]; wanted(e) {
			p.chunks[n/chunkSize][n%chunkSize] = e
			n++
		}
	}
	p.cut(s, n)
}

// cut leaves the first n entries, and frees the chunks that are not needed for them.
func (p *partition) cut(s *Store, n int) {
	needed := (n + chunkSize - 1) / chunkSize
	s.free.Lock()
	s.free.chunks = append(s.free.chunks, p.chunks[needed:]...)
	s.free.Unlock()
	s.used.Add(int64(needed - len(p.chunks)))
	clear(p.chunks[needed:])
	p.chunks, p.n = p.chunks[:needed], n
}
