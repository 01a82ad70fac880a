package probe

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// looking is a Lookup that finds words in values as they are, and records everything that it gets.
type looking struct {
	words []string

	mu      sync.Mutex
	found   map[string]int    // rows with a word, by place and word
	keys    map[string]string // key of one of the rows
	cells   map[string][]string
	skipped map[string]int
	sums    map[string]int64 // number of rows, by table
	kept    map[string][]string
	large   int // rows that were not compared
}

func newLooking(words ...string) *looking {
	return &looking{
		words: words, found: map[string]int{}, keys: map[string]string{}, cells: map[string][]string{}, skipped: map[string]int{},
		sums: map[string]int64{}, kept: map[string][]string{},
	}
}

func (l *looking) Prober() Prober { return &fakeProber{l: l, row: map[string]bool{}} }

// places returns the places with a word.
func (l *looking) places() []string {
	var list []string
	for at := range l.found {
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

type fakeProber struct {
	l   *looking
	row map[string]bool // what was found in the current row
}

func (p *fakeProber) Target(place verify.Place) Target { return &fakeTarget{p, name(place)} }
func (p *fakeProber) MayFind() bool                    { return p.Found() }
func (p *fakeProber) Found() bool                      { return len(p.row) > 0 }
func (p *fakeProber) Close()                           {}

func (p *fakeProber) Sum(table catalog.Name) Sum { return &fakeSum{p.l, table.String(), nil} }

func (p *fakeProber) Row(key []byte) {
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	for at := range p.row {
		p.l.found[at]++
		p.l.keys[at] = string(key)
	}
	clear(p.row)
}

// name writes a place as table.column path.
func name(p verify.Place) string {
	s := ""
	if p.Table.Name != "" {
		s = p.Table.String()
	}
	if p.Column != "" {
		s += "." + catalog.Quote(p.Column)
	}
	return strings.TrimSpace(s + " " + p.Path)
}

type fakeTarget struct {
	p  *fakeProber
	at string
}

func (t *fakeTarget) Controlled() bool { return false }

func (t *fakeTarget) Has(text []byte) bool {
	return slices.ContainsFunc(t.p.l.words, func(w string) bool { return bytes.Contains(text, []byte(w)) })
}

func (t *fakeTarget) Cell(v []byte)             { t.see("", v) }
func (t *fakeTarget) Text(v []byte)             { t.see("", v) }
func (t *fakeTarget) Part(v []byte, last bool)  { t.see("part ", v) }
func (t *fakeTarget) Bytes(v []byte, last bool) { t.see("bytes ", v) }

func (t *fakeTarget) see(how string, v []byte) {
	for _, w := range t.p.l.words {
		if bytes.Contains(v, []byte(w)) {
			t.p.row[t.at+": "+w] = true
		}
	}
	t.p.l.mu.Lock()
	defer t.p.l.mu.Unlock()
	if len(t.p.l.cells[t.at]) < 100 && len(v) < 1000 {
		t.p.l.cells[t.at] = append(t.p.l.cells[t.at], how+string(v))
	}
}

func (t *fakeTarget) Short() { t.Skip(verify.TooShort) }

func (t *fakeTarget) Skip(why verify.Reason) {
	t.p.l.mu.Lock()
	defer t.p.l.mu.Unlock()
	t.p.l.skipped[fmt.Sprintf("%s: %s", t.at, why)]++
}

type fakeSum struct {
	l     *looking
	table string
	row   []byte
}

func (s *fakeSum) Kept(run []byte) { s.row = append(append(s.row, run...), '|') }

func (s *fakeSum) Row() {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	s.l.sums[s.table]++
	if len(s.l.kept[s.table]) < 100 {
		s.l.kept[s.table] = append(s.l.kept[s.table], string(s.row))
	}
	s.row = nil
}

func (s *fakeSum) Skip() {
	s.l.mu.Lock()
	defer s.l.mu.Unlock()
	s.l.sums[s.table]++
	s.l.large++
}
