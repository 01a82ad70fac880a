package rewrite

import (
	"bytes"

	"github.com/masker-project/masker/pkg/transform"
)

// prefetchBytes limits the size of one request's values, in bytes. transform.Command.Batch limits their number.
const prefetchBytes = 4 << 20

// prefetched is a transform.Program that sends the values of a whole block in few requests. It works in three steps.
// First it collects the values. Then it fetches the answers. Then Treat is called again with the same values in the
// same order, and returns their answers.
type prefetched struct {
	programs   Programs
	command    transform.Command
	name       string // the column's full name, for the program
	column     string // the column's name, for errors
	collecting bool
	text       []byte // the collected values
	ends       []int  // the end of each value in text
	answers    [][]byte
	next       int // index of the next answer
}

// Treat implements transform.Program.
func (p *prefetched) Treat(value []byte) (out []byte, null bool, err error) {
	if p.collecting {
		p.text = append(p.text, value...)
		p.ends = append(p.ends, len(p.text))
		return nil, false, transform.ErrPending
	}
	if p.next < len(p.answers) && bytes.Equal(p.value(p.next), value) {
		out = p.answers[p.next]
		p.next++
		return out, out == nil, nil
	}
	// The first pass did not collect this value, because the value depends on an answer that was not yet known.
	one, err := p.ask([][]byte{value})
	if err != nil {
		return nil, false, err
	}
	return one[0], one[0] == nil, nil
}

func (p *prefetched) value(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.text[from:p.ends[i]]
}

func (p *prefetched) collect() {
	p.collecting, p.text, p.ends, p.answers, p.next = true, p.text[:0], p.ends[:0], p.answers[:0], 0
	if cap(p.text) > keepScratch {
		p.text = nil
	}
}

// fetch requests the answers for all collected values.
func (p *prefetched) fetch() error {
	p.collecting = false
	var batch [][]byte
	size := 0
	for i := range p.ends {
		v := p.value(i)
		if len(batch) == p.command.Batch || len(batch) > 0 && size+len(v) > prefetchBytes {
			if err := p.send(batch); err != nil {
				return err
			}
			batch, size = batch[:0], 0
		}
		batch, size = append(batch, v), size+len(v)
	}
	if len(batch) == 0 {
		return nil
	}
	return p.send(batch)
}

func (p *prefetched) send(batch [][]byte) error {
	answers, err := p.ask(batch)
	p.answers = append(p.answers, answers...)
	return err
}

func (p *prefetched) ask(batch [][]byte) ([][]byte, error) {
	if p.programs == nil {
		return nil, errNoProgram
	}
	program, err := p.programs.Program(p.command)
	if err != nil {
		return nil, err
	}
	answers, err := program.Treat(p.name, batch)
	if err == nil && len(answers) != len(batch) {
		err = errAnswers
	}
	return answers, err
}

// prefetch requests the answers of programs for a block before the block's rows are treated. In a first pass, it runs
// the treatments that use programs, collects the values for the programs, and discards the results. It ignores errors
// in this pass. Append reports these errors when it treats the row.
func (r *Row) prefetch(block []byte) error {
	if len(r.prefetched) == 0 {
		return nil
	}
	before := r.number
	r.mute(true)
	for _, p := range r.prefetched {
		p.collect()
	}
	for len(block) > 0 {
		r.number++
		n, err := r.split.Split(r.spans, block)
		if err != nil || n > r.maxRow {
			break
		}
		r.row, block = block[:n:n], block[n:]
		r.text = r.text[:0]
		for i := range r.cells {
			r.collect(&r.cells[i])
		}
	}
	r.Begin()
	r.number = before
	r.mute(false)
	for _, p := range r.prefetched {
		if err := p.fetch(); err != nil {
			return &RowError{Row: before + 1, Column: p.column, Treatment: "command", Err: err}
		}
	}
	return nil
}

// mute hides the first pass from the Watcher, because it has no results.
func (r *Row) mute(on bool) {
	if r.watch != nil {
		r.watch.muted = on
	}
}

func (r *Row) collect(c *treated) {
	if !c.prefetches {
		return
	}
	in, err := r.decode(c.source)
	if err != nil {
		return
	}
	if out, _, err := r.apply(r.result[:0], c, in); err == nil {
		r.result = out
	}
}
