package verify

// A lookup of a fingerprint takes long: the set is large, so the processor waits for the memory. If many lookups follow
// directly one after the other, the processor waits for all of them at the same time. So a prober collects fingerprints
// until there are many, and then looks them up together. A fingerprint that is not looked up yet waits.

// waiting is a fingerprint of a cell that is looked up later.
type waiting struct {
	target *Target
	hash   uint64
	run    run
	row    int // index in queue.rows
	start  int // the text of the cell in queue.texts. start and end are equal if no treatment can have invented the value
	end    int
	last   bool   // it is the last fingerprint of its cell
	repeat uint64 // with last: the number that the prober remembers if nothing is found in the cell; 0 for none
}

// run is the part of a cell that has a fingerprint: the tokens from first to last. If the tokens do not matter, last is
// before first. The field alone is true if the part is the whole cell.
type run struct {
	first, last int
	alone       bool
}

// noWords returns the run of a whole cell whose words do not matter.
func noWords() run { return run{0, -1, true} }

// If at least mostWaiting fingerprints wait when a row ends, they are looked up together.
const mostWaiting = 48

// queue holds the fingerprints that wait, and the rows and texts that they need.
type queue struct {
	list   []waiting
	hashes []uint64 // the fingerprints in list
	rows   []ended  // rows that have ended
	texts  []byte   // texts of cells, and keys of rows
	open   bool     // fingerprints of the current cell may wait
	cell   int      // index in list of the first fingerprint of the current cell
	piece  []byte   // the current text of the cell: as it is, or without escapes
	copied bool     // the piece is already at the end of texts
	have   []bool   // for each fingerprint in list: whether the set may have it
}

// ended is a row that has ended and may have hits.
type ended struct {
	number     int64
	start, end int // the key in texts. Both are equal if a report must not show it
}

// begin begins a cell. Its fingerprints may wait if it is short.
func (q *queue) begin(cell []byte) {
	q.open = len(cell) <= longestValue
	q.cell = len(q.list)
}

// text begins a text of the current cell.
func (q *queue) text(text []byte) { q.piece, q.copied = text, false }

// wait adds a fingerprint of the current cell.
func (q *queue) wait(t *Target, hash uint64, of run) {
	q.list, q.hashes = grown(q.list), append(q.hashes, hash)
	w := &q.list[len(q.list)-1]
	w.target, w.hash, w.run, w.row, w.start, w.end, w.last, w.repeat = t, hash, of, len(q.rows), 0, 0, false, 0
	if t.invents && of.last >= of.first {
		if !q.copied {
			q.texts, q.copied = append(q.texts, q.piece...), true
		}
		w.start, w.end = len(q.texts)-len(q.piece), len(q.texts)
	}
}

// finish ends a cell. If nothing is found in it, the prober remembers the number repeat. The argument found is true if
// something was found already.
func (p *Prober) finish(repeat uint64, found bool) {
	q := &p.queue
	q.open = false
	if found {
		repeat = 0
	}
	if n := len(q.list); n > q.cell {
		q.list[n-1].last, q.list[n-1].repeat = true, repeat
	} else if !found {
		p.repeats.add(repeat)
	}
}

// waits reports whether fingerprints of the current row wait.
func (p *Prober) waits() bool {
	n := len(p.queue.list)
	return n > 0 && p.queue.list[n-1].row == len(p.queue.rows)
}

// settle looks up all fingerprints that wait, and completes the rows that have ended. Hits in the current row become
// pending.
func (p *Prober) settle() {
	q := &p.queue
	q.have = p.s.values.HasEach(q.have[:0], q.hashes)
	current, i := p.pending, 0
	p.pending = p.earlier[:0]
	for n, row := range q.rows {
		i = p.find(i, n)
		p.complete(row.number, q.texts[row.start:row.end])
	}
	p.earlier, p.pending = p.pending, current
	p.find(i, len(q.rows))
	q.list, q.hashes, q.rows, q.texts = q.list[:0], q.hashes[:0], q.rows[:0], q.texts[:0]
}

// find adds the hits of a row to pending. The argument i is the index of the row's first fingerprint in the list. The
// result is the index after its last.
func (p *Prober) find(i, row int) int {
	q, before := &p.queue, len(p.pending)
	for ; i < len(q.list) && q.list[i].row == row; i++ {
		w := &q.list[i]
		if q.have[i] {
			if n := len(p.pending); w.target.find(w.hash, w.run.alone) && w.end > w.start {
				p.s.c.fold.Split(&p.settled, q.texts[w.start:w.end])
				w.target.invented(n, &p.settled, w.run)
			}
		}
		if !w.last {
			continue
		}
		if len(p.pending) == before && w.repeat != 0 {
			p.repeats.add(w.repeat)
		}
		before = len(p.pending)
	}
	return i
}
