package source

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A message to the server has few statements, because the server parses all of them before it executes the first one. A
// statement with joins reads several ranges.
func TestAMessageHasFewStatements(t *testing.T) {
	plain := catalog.Want{Table: catalog.Name{Schema: "public", Name: "t"}, Columns: []string{"a"}}
	joining := plain
	joining.Joins = []catalog.Join{{Path: "b", Parent: plain.Table, Key: "b"}}
	joining.Extras = []catalog.Extra{{Path: "b", Column: "c"}}
	e := catalog.Extent{Pages: measure{Heap: 1000 * 8192, Block: 8192}.pages(1000)}
	for _, c := range []struct {
		want               catalog.Want
		statements, ranges int // numbers in the first message
	}{{plain, 64, 1}, {joining, 16, 4}} {
		messages := slices.Collect(copySQL(c.want, e, "", func(n catalog.Name) string { return "ONLY " + n.String() }))
		first := strings.Split(messages[0], "; ")
		if len(messages) != 16 || len(first) != c.statements || strings.Count(first[0], "ctid >=") != c.ranges {
			t.Errorf("%d messages, the first with %d statements of %d ranges", len(messages), len(first), strings.Count(first[0], "ctid >="))
		}
		if all := strings.Join(messages, ""); strings.Count(all, "ctid >=") != 1000 || strings.Count(all, "ctid <") != 999 {
			t.Error("a range is missing, or the last one has an end")
		}
	}
}

// The stripes of a large table are 1 MiB long, and longer beyond 64 GiB. Smaller tables have shorter stripes. The
// smallest tables are not divided.
func TestStripesOfATable(t *testing.T) {
	for _, c := range []struct{ heap, total, stripes int64 }{
		{0, 0, 1},
		{1 << 19, 1 << 19, 1},
		{1 << 20, 1 << 20, 16},
		{4 << 20, 4 << 20, 64},
		{64 << 20, 64 << 20, 64},
		{1 << 30, 1 << 30, 1024},
		{1 << 20, 1 << 30, 16},
		{1 << 16, 1 << 30, 1},      // the server mixes the rows of each stripe
		{8 << 40, 8 << 40, 65_536}, // 8 TiB
	} {
		m := measure{Heap: c.heap, Total: c.total, Block: 8192, Cuttable: true}
		if got := m.stripes(); got != c.stripes {
			t.Errorf("%d bytes, %d with TOAST: %d stripes, want %d", c.heap, c.total, got, c.stripes)
		}
		if m.Cuttable = false; m.stripes() != 1 {
			t.Error("a table of another access method is read in stripes")
		}
	}
}
