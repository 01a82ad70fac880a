package rewrite

import (
	"bytes"

	"github.com/masker-project/masker/pkg/transform"
)

// prefetchBytes bounds the values of one request, as Batch bounds their number.
const prefetchBytes = 4 << 20

// prefetched is a transform.Program that asks for a whole block at once: while it notes, it collects
// values; then it fetches the answers; then it gives them in the order in which the values come again.
type prefetched struct {
	programs Programs
	command  transform.Command
	name     string // the column, for the program
	column   string // … and for errors
	noting   bool
	text     []byte // the noted values
	ends     []int
	answers  [][]byte
	next     int
}

// Treat implements transform.Program.
func (p *prefetched) Treat(value []byte) (out []byte, null bool, err error) {
	if p.noting {
		p.text = append(p.text, value...)
		p.ends = append(p.ends, len(p.text))
		return nil, false, transform.ErrPending
	}
	if p.next < len(p.answers) && bytes.Equal(p.noted(p.next), value) {
		out = p.answers[p.next]
		p.next++
		return out, out == nil, nil
	}
	// Not what was foreseen: what was asked for depends on an answer that was not there yet.
	one, err := p.ask([][]byte{value})
	if err != nil {
		return nil, false, err
	}
	return one[0], one[0] == nil, nil
}

func (p *prefetched) noted(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.text[from:p.ends[i]]
}

func (p *prefetched) note() {
	p.noting, p.text, p.ends, p.answers, p.next = true, p.text[:0], p.ends[:0], p.answers[:0], 0
	if cap(p.text) > keepScratch {
		p.text = nil
	}
}

// fetch asks for everything noted.
func (p *prefetched) fetch() error {
	p.noting = false
	var batch [][]byte
	size := 0
	for i := range p.ends {
		v := p.noted(i)
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

// prefetch lets programs treat a block's values before its rows are. It runs the cells that ask programs
// once for their questions; what they give then is thrown away, and what is wrong with a row is told
// when the row is treated.
func (r *Row) prefetch(block []byte) error {
	if len(r.asked) == 0 {
		return nil
	}
	before, observer := r.number, r.observer
	r.observer = nil // a question is no result
	for _, p := range r.asked {
		p.note()
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
			r.question(&r.cells[i])
		}
	}
	r.Begin()
	r.number, r.observer = before, observer
	for _, p := range r.asked {
		if err := p.fetch(); err != nil {
			return &RowError{Row: before + 1, Column: p.column, Treatment: "command", Err: err}
		}
	}
	return nil
}

func (r *Row) question(c *treated) {
	if !c.asks {
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
