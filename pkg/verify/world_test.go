package verify

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// world is a table of the source, and the rows that arrived in the target.
type world struct {
	columns []column
	rows    int
	subject func(row int) string // nil: rows have no subject
	waivers []Waiver
	hooks   bool
	options Options
	spoil   func(*Collection) // breaks a part of the verification
}

// column is one column of the world.
type column struct {
	Source
	before, after func(row int) string
}

var people = catalog.Name{Schema: "public", Name: "people"}

func place(column string) Place { return Place{Table: people, Column: column} }

// treated returns a column whose values the treatment replaces.
func treated(name, class string, before, after func(int) string) column {
	return column{Source{Place: place(name), Class: class, Treatment: "test", Label: "pseudonymised", Type: text(), Every: true}, before, after}
}

// kept returns a column that the rules keep. The argument arrives returns the values of the target. nil means that the
// target has the values of the source.
func kept(name string, before, arrives func(int) string) column {
	if arrives == nil {
		arrives = before
	}
	return column{Source{Place: place(name), Treatment: "keep", Type: text()}, before, arrives}
}

func text() catalog.Type { return catalog.Type{Name: "text", Base: "text", Family: catalog.Text} }

// collect collects the rows of the source with two collectors, in extents of 1000 rows.
func (w *world) collect(t testing.TB) *Collection {
	t.Helper()
	if w.options.Level == "" {
		w.options.Level = Strict
	}
	if w.options.Memory == 0 {
		w.options.Memory = 64 << 20
	}
	c := New(w.options)
	if w.spoil != nil {
		w.spoil(c)
	}
	var wait sync.WaitGroup
	for worker := range 2 {
		wait.Go(func() { w.work(c.Collector(people), worker) })
	}
	wait.Wait()
	return c
}

func (w *world) work(c *Collector, worker int) {
	leaves, controls := make([]*Leaf, len(w.columns)), make([]*Control, len(w.columns))
	for i, column := range w.columns {
		if column.Treatment == "keep" {
			controls[i] = c.Control(column.Place, column.Type)
		} else {
			leaves[i] = c.Leaf(column.Source)
		}
	}
	for extent := worker; extent*1000 < w.rows; extent += 2 {
		c.Begin(extent)
		for row := extent * 1000; row < min(w.rows, extent*1000+1000); row++ {
			for i, column := range w.columns {
				before := []byte(column.before(row))
				switch {
				case leaves[i] != nil:
					leaves[i].See(before, []byte(column.after(row)))
				default:
					c.Kept(append(before, '\t'))
					if controls[i] != nil && controls[i].Wanted() {
						controls[i].See([]byte(column.before(row)))
					}
				}
			}
			if w.subject != nil {
				c.Row([]byte(w.subject(row)))
			} else {
				c.Row(nil)
			}
		}
		c.Done()
	}
}

// probe gives the rows that arrived to a prober of the set.
func (w *world) probe(s *Set) {
	p := s.Prober()
	sum := p.Sum(people)
	targets := make([]*Target, len(w.columns))
	for i, column := range w.columns {
		targets[i] = p.Target(column.Place)
	}
	for row := range w.rows {
		for i, column := range w.columns {
			value := []byte(column.after(row))
			if column.Treatment == "keep" {
				sum.Kept(append([]byte(column.before(row)), '\t')) // other tests compare the kept cells
			}
			if column.Type.Family == catalog.Bytes {
				targets[i].Bytes(value, true)
			} else {
				targets[i].Text(value)
			}
		}
		p.Row([]byte(strconv.Itoa(row)))
		sum.Row()
	}
	p.Close()
}

func (w *world) report(t testing.TB) *Report {
	t.Helper()
	set, err := w.collect(t).Seal()
	if err != nil {
		t.Fatal(err)
	}
	w.probe(set)
	return set.Judge(Facts{Waivers: w.waivers, Hooks: w.hooks})
}

// told returns the hits in one line each.
func told(hits []Hit) (lines []string) {
	for _, h := range hits {
		line := string(h.Finding) + " " + h.Target.Column + h.Target.Path
		if h.Source != h.Target {
			line += " from " + h.Source.Column
		}
		if h.Form != "" {
			line += ", " + string(h.Form)
		}
		lines = append(lines, line)
	}
	return lines
}

// The invented values of the tests. Each is a function of the row.
func mail(row int) string {
	return fmt.Sprintf("Person.%c%06d@mail-%d.org", 'a'+row%26, row*7919%1000000, row%5)
}
func fakeMail(row int) string { return fmt.Sprintf("user%08d@example.com", draw(row, 1)%100000000) }
func phone(row int) string    { return fmt.Sprintf("+49 170 %07d", row*104729%10000000) }
func token(row int) string    { return fmt.Sprintf("T%016x", draw(row, 2)) }
func note(row int) string     { return fmt.Sprintf("Ticket %d was closed after %d days.", row, row%9) }

// draw returns a random number that depends on the row and a stream.
func draw(row int, stream uint64) uint64 {
	x := uint64(row)*0x9e3779b97f4a7c15 + stream*0xd1342543de82ef95
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
