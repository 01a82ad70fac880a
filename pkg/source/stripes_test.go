package source_test

import (
	"encoding/binary"
	"io"
	"slices"
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/wire"
)

// The stripes of a table cover it completely. An extent is read in the order of its stripes, in both formats, with and
// without joins.
func TestStripesAreReadInTheirOrder(t *testing.T) {
	_, url := database(t, "stripes", `CREATE TABLE parent (id int PRIMARY KEY, name text); CREATE TABLE big (id int, parent int, pad text); CREATE TABLE small (id int);
		INSERT INTO parent SELECT g, 'p' || g FROM generate_series(1, 1000) g; INSERT INTO small VALUES (1);
		INSERT INTO big SELECT g, g % 1000, repeat('x', 100) FROM generate_series(1, 100000) g; ANALYZE`)
	p := open(t, url, source.Options{})
	name := func(table string) catalog.Name { return catalog.Name{Schema: "public", Name: table} }
	big := catalog.Want{Table: name("big"), Columns: []string{"id"}, Stripes: true}
	inBinary, joining := big, big
	inBinary.Binary = true
	joining.Joins = []catalog.Join{{Path: "parent", Parent: name("parent"), Key: "id"}}
	joining.Extras = []catalog.Extra{{Path: "parent", Column: "name"}}
	for how, w := range map[string]catalog.Want{"text": big, "binary": inBinary, "joined": joining} {
		want := []catalog.Want{w, {Table: name("small"), Columns: []string{"id"}, Stripes: true}}
		cut, err := p.Cut(t.Context(), want, catalog.Sizes{Workers: 1, Bytes: 1 << 40})
		if err != nil {
			t.Fatal(err)
		}
		e := biggest(cut)
		if len(e.Pages) < 64 || e.Pages[len(e.Pages)-1].To != 0 || len(cut.Extents) != 2 {
			t.Fatalf("%s: %d extents, the larger one of %d stripes", how, len(cut.Extents), len(e.Pages))
		}
		e.Pages = slices.Clone(e.Pages)
		slices.Reverse(e.Pages)
		rows := idsOf(t, p, want, cut.Handle, e)
		if len(rows) != 100_000 || slices.IsSorted(rows) {
			t.Errorf("%s: %d rows, in the order of the table: %v", how, len(rows), slices.IsSorted(rows))
		}
		if falls := descents(rows); falls != len(e.Pages)-1 {
			t.Errorf("%s: the rows go back %d times, want %d", how, falls, len(e.Pages)-1)
		}
		slices.Sort(rows)
		if len(slices.Compact(rows)) != 100_000 {
			t.Errorf("%s: rows came twice", how)
		}
	}
}

func biggest(cut catalog.Cut) catalog.Extent {
	return slices.MaxFunc(cut.Extents, func(a, b catalog.Extent) int { return int(a.Bytes - b.Bytes) })
}

// descents counts the ids that are smaller than the id before them.
func descents(ids []int) (n int) {
	for i := 1; i < len(ids); i++ {
		if ids[i] < ids[i-1] {
			n++
		}
	}
	return n
}

// idsOf reads an extent and returns the first column of each row.
func idsOf(t *testing.T, p *source.Postgres, want []catalog.Want, h catalog.Handle, e catalog.Extent) (ids []int) {
	t.Helper()
	r, err := p.Open(t.Context(), want, h)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() // never fails
	blocks, err := r.Read(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	w := want[e.Want]
	format := wire.Text
	if w.Binary {
		format = wire.Binary
	}
	split, spans := wire.NewSplitter(format, len(w.Columns)+len(w.Extras), 1), make([]wire.Span, 1)
	for {
		block, err := blocks.Next()
		if err == io.EOF {
			return ids
		}
		for len(block) > 0 {
			n, err := split.Split(spans, block)
			if err != nil {
				t.Fatal(err)
			}
			cell := block[spans[0].Start:spans[0].End]
			id := 0
			if w.Binary {
				id = int(binary.BigEndian.Uint32(cell))
			} else if id, err = strconv.Atoi(string(cell)); err != nil {
				t.Fatal(err)
			}
			ids, block = append(ids, id), block[n:]
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
