package verify

import (
	"hash/maphash"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
	"github.com/masker-project/masker/pkg/verify/normal"
)

// Prober looks up values of the shadow, row by row. It belongs to one goroutine.
type Prober struct {
	s       *Set
	row     int64
	targets map[Place]*Target
	sums    map[catalog.Name]*Sum
	pending []seen // of the current row
	earlier []seen // scratch memory for earlier rows
	queue   queue
	settled normal.Text
	labels  []uint32
	form    []byte
	text    normal.Text
	begins  []uint32 // the tokens of the text with which a value may begin
	plain   []byte   // a text after its escapes were decoded
	objects []byte   // the JSON objects of a text in base64
	repeats repeats
}

// seen is a fingerprint that is in the current row and in the set.
type seen struct {
	target *Target
	label  uint32
	hash   uint64
	size   int // length of a run of words that was found in bytes; otherwise 0
}

// Prober returns a prober for one goroutine.
func (s *Set) Prober() *Prober {
	return &Prober{s: s, targets: map[Place]*Target{}, sums: map[catalog.Name]*Sum{}, repeats: newRepeats()}
}

// Target looks up the values of one place. It belongs to its prober's goroutine.
type Target struct {
	p       *Prober
	number  uint64 // no other target of the prober has this number
	found   *found
	control *control          // values that must be found here; nil if there are none
	invents bool              // a treatment may have invented words that are in the values
	draws   bool              // a treatment of the column draws from few results, so all different values are counted to compute the chance
	habit   fingerprint.Habit // how often values of the place come again
	typed   int64             // cells that were not looked up because of their type. The counts in found do not have them
	short   int64             // the same for cells that were too short
	bytes   bool              // the current text is read from bytes, which may be no text at all
	object  *maphash.Hash     // hash of a value that comes in pieces; nil before the first bytes
	tail    []byte            // the end of the last piece
}

// Target returns the Target of one place of the shadow. Another call with the same place returns the same Target. Such
// a call is cheap enough for each path of a document, but not for each cell of a column.
func (p *Prober) Target(place Place) *Target {
	if t, ok := p.targets[place]; ok {
		return t
	}
	t := &Target{p: p, number: uint64(len(p.targets)), found: newFound()}
	t.control = p.s.c.controls.byPlace[place]
	column := Place{place.Table, place.Column, ""}
	t.invents, t.draws = !p.s.c.kept[column], p.s.draws[column]
	p.targets[place] = t
	return t
}

// Row ends a row. The argument key is the text of the row's key, or nil if a report must not show the key. The key is
// copied only if the row may have a hit.
func (p *Prober) Row(key []byte) {
	p.row++
	q := &p.queue
	if len(p.pending) > 0 || len(q.list) >= mostWaiting || len(q.texts) > pieceSize {
		p.settle()
		p.complete(p.row, key)
	} else if p.waits() {
		row := ended{number: p.row, start: len(q.texts)}
		q.texts = append(q.texts, key...)
		row.end = len(q.texts)
		q.rows = append(q.rows, row)
	}
}

// complete counts the hits of a row.
func (p *Prober) complete(row int64, key []byte) {
	for _, found := range p.pending {
		h, ok := found.target.found.hits[found.label]
		if !ok {
			h = &hit{key: string(key)}
			found.target.found.hits[found.label] = h
		}
		h.values.add(found.hash)
		if found.size > 0 {
			h.ofSize(found.size).add(found.hash)
		}
		if h.row != row {
			h.row = row
			h.rows++
		}
	}
	p.pending = p.pending[:0]
}

// Found reports whether the current row has a hit so far.
func (p *Prober) Found() bool {
	if len(p.pending) == 0 && p.waits() {
		p.settle()
	}
	return len(p.pending) > 0
}

// MayFind reports whether the current row has a hit so far, or may have one that is not looked up yet. If MayFind
// returns false, Row does not need the key of the row.
func (p *Prober) MayFind() bool { return len(p.pending) > 0 || p.waits() }

// Close adds what the prober found to the set. The prober must not be used afterwards.
func (p *Prober) Close() {
	p.settle()
	p.pending = p.pending[:0] // hits of a row that has not ended do not count
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for place, t := range p.targets {
		if t.typed > 0 {
			t.found.not[OfType] += t.typed
		}
		if t.short > 0 {
			t.found.not[TooShort] += t.short
		}
		f, ok := p.s.places[place]
		if !ok {
			f = newFound()
			p.s.places[place] = f
		}
		f.merge(t.found)
	}
	for table, sum := range p.sums {
		total, ok := p.s.sums[table]
		if !ok {
			total = &tableSum{}
			p.s.sums[table] = total
		}
		total.add(sum.rowSum.tableSum)
	}
}

// Controlled reports whether a control of this place has not been found yet. As long as it is true, each cell has to be
// looked up by Cell or Text.
func (t *Target) Controlled() bool { return t.control != nil && t.control.missing() }

// Short counts a number that is too short to be a collected value. In a place with controls, Short counts it as looked
// up, because Cell and Text look up such numbers while a control is missing. In other places, Short counts it as too
// short.
func (t *Target) Short() {
	if t.control == nil {
		t.Skip(TooShort)
		return
	}
	t.found.cells++
}

// Skip counts a cell that is not looked up.
func (t *Target) Skip(why Reason) {
	switch why {
	case OfType: // most skipped cells have one of two reasons. Counting them in variables is faster than in a map
		t.typed++
	case TooShort:
		t.short++
	default:
		t.found.not[why]++
	}
}

// Cell looks up a whole value, as PostgreSQL prints it: a number, a uuid or a network address.
func (t *Target) Cell(value []byte) {
	t.found.cells++
	if len(value) > longestValue {
		return
	}
	p, before := t.p, len(t.p.pending)
	this, again := p.repeats.again(t, asCell, value)
	if again {
		return
	}
	form, shape := t.p.s.c.fold.Append(t.p.form[:0], value)
	t.p.form = form
	p.queue.begin(value)
	t.whole(form, shape.Letters == 0, t.draws, noWords())
	if shape.Looks == normal.Dialled {
		t.dialled(form)
	}
	p.finish(this, len(p.pending) > before)
}

// whole looks up the form of a whole cell. The argument digits is true if the form has only digits. The argument
// counted is true if chance depends on the number of different values in the place.
func (t *Target) whole(form []byte, digits, counted bool, of run) {
	if len(form) == 0 {
		return
	}
	s := t.p.s
	hash := s.c.keys.value.Hash(form)
	if t.Controlled() {
		t.control.meet(hash)
	}
	if !s.values.Samples(hash) {
		return
	}
	if counted {
		t.found.all.add(hash)
	}
	if digits {
		if !s.c.start.hasDigits(len(form)) {
			return
		}
		t.found.of(len(form)).add(hash)
	}
	t.look(hash, of)
}

// look looks up a fingerprint, or adds it to the fingerprints that wait. The argument of says which part of the current
// text has this fingerprint.
func (t *Target) look(hash uint64, of run) {
	if t.p.queue.open {
		t.p.queue.wait(t, hash, of)
		return
	}
	if before := len(t.p.pending); t.find(hash, of.alone) {
		t.invented(before, &t.p.text, of)
	}
}

// find looks up a fingerprint now, and reports whether it finds it. If the argument alone is false, the fingerprint is
// of a run of words within a text. find then ignores values that are one lone word.
func (t *Target) find(hash uint64, alone bool) bool {
	p, before := t.p, len(t.p.pending)
	p.labels = p.s.values.Find(p.labels[:0], hash)
	for _, l := range p.labels {
		if alone || p.s.c.labels[l].code != word {
			p.pending = append(p.pending, seen{target: t, label: l, hash: hash})
		}
	}
	return len(p.pending) > before
}

// dialled looks up the last digits of a phone number.
func (t *Target) dialled(digits []byte) {
	end := normal.Tail(digits)
	if !t.p.s.tails || end == nil {
		return
	}
	if hash := t.p.s.c.keys.tail.Hash(end); t.p.s.values.Samples(hash) {
		t.found.tails.add(hash)
		t.look(hash, noWords())
	}
}

// Bytes looks up the value of a bytea or a large object: its hash, and the readable texts in it. The value comes in one
// or more pieces. The argument last is true for the last piece.
func (t *Target) Bytes(piece []byte, last bool) {
	if t.object == nil {
		t.object = t.p.s.c.keys.raw.Stream()
	}
	_, _ = t.object.Write(piece) // never fails
	t.tail = append(t.tail, piece...)
	t.bytes = true
	t.text(t.tail, false)
	t.bytes = false
	t.tail = append(t.tail[:0], t.tail[max(len(t.tail)-overlap, 0):]...)
	if !last {
		return
	}
	t.found.cells++
	if hash := t.object.Sum64(); t.p.s.inBytes && t.p.s.values.Samples(hash) {
		t.look(hash, noWords())
	}
	t.object.Reset()
	t.tail = t.tail[:0]
}

// Sum adds up the kept cells of one table, row by row. The order of the rows does not matter.
type Sum struct{ rowSum }

// Sum returns the Sum of one table.
func (p *Prober) Sum(table catalog.Name) *Sum {
	s, ok := p.sums[table]
	if !ok {
		s = &Sum{newRowSum(p.s.c.keys.row)}
		p.sums[table] = s
	}
	return s
}

// Kept gets a run of kept cells of the current row, as COPY has them. The cells of a run are neighbours. The runs must
// be the same runs that the collector got.
func (s *Sum) Kept(run []byte) { s.write(run) }

// Skip ends a row whose kept cells were not read, because they are too large to be compared. The caller may call Row
// instead if it has passed more than 16 MiB of the row to Kept: Row does not compare such a row.
func (s *Sum) Skip() {
	s.bytes = mostSummed + 1
	s.row()
}

// Row ends a row.
func (s *Sum) Row() { s.row() }
