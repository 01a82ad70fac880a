package integration

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform/library"
)

// sqlNull is how COPY text writes NULL. COPY escapes a value of these two characters.
const sqlNull = `\N`

// readRows reads columns of a table in the text format of COPY, in which equal values have equal texts. The argument
// from is the table's name. ONLY is before the name if the rows of inheritance children do not belong to the table.
func readRows(t *testing.T, conn *pgx.Conn, from string, columns []string) [][]string {
	t.Helper()
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = catalog.Quote(c)
	}
	var out bytes.Buffer
	_, err := conn.PgConn().CopyTo(t.Context(), &out, fmt.Sprintf("COPY (SELECT %s FROM %s) TO STDOUT", strings.Join(quoted, ", "), from))
	if err != nil {
		t.Fatalf("reading %s: %v", from, err)
	}
	var rows [][]string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// from returns the FROM item for the rows of a planned table. It reads partitions through their root, and other tables
// without their inheritance children.
func from(db *catalog.Database, name catalog.Name) string {
	if tab := db.Table(name); tab != nil && !tab.Partitioned {
		return "ONLY " + name.String()
	}
	return name.String()
}

// compareRows compares every planned table of the target with the source. The rows must agree in all kept columns.
// Treated values may equal their source only as often as the treatment allows. compareRows returns the number of
// treated columns.
func compareRows(t *testing.T, db *catalog.Database, p *plan.Plan, source, target *pgx.Conn) (treated int) {
	t.Helper()
	for _, tab := range p.Tables {
		if tab.Skip {
			if n := len(readRows(t, target, from(db, tab.Name), nil)); n != 0 {
				t.Errorf("%s is skipped and holds %d rows", tab.Name, n)
			}
			continue
		}
		c := comparison{table: tab.Name, db: db}
		var names []string
		for _, col := range tab.Columns {
			if col.Generated {
				continue // PostgreSQL computes it from the other columns
			}
			if col.Keeps() {
				c.kept = append(c.kept, len(names))
			} else {
				c.treated = append(c.treated, len(names))
			}
			c.columns = append(c.columns, col)
			names = append(names, col.Name)
		}
		treated += len(c.treated)
		c.compare(t, readRows(t, source, from(db, tab.Name), names), readRows(t, target, from(db, tab.Name), names))
	}
	return treated
}

type comparison struct {
	table         catalog.Name
	db            *catalog.Database
	columns       []plan.Column
	kept, treated []int // positions in columns
}

// compare groups rows by their kept cells. Most groups have a single row, because keys are kept. In a larger group any
// row of the source can belong to any row of the target.
func (c *comparison) compare(t *testing.T, source, target [][]string) {
	t.Helper()
	if len(source) != len(target) {
		t.Errorf("%s: %d rows, the source has %d", c.table, len(target), len(source))
	}
	before, after := c.group(source), c.group(target)
	for key, rows := range before {
		if len(after[key]) != len(rows) {
			t.Errorf("%s: a row with the same kept cells is %d times in the source and %d times in the target", c.table, len(rows), len(after[key]))
			return
		}
	}
	for _, i := range c.treated {
		c.compareColumn(t, i, before, after)
	}
}

func (c *comparison) group(rows [][]string) map[string][][]string {
	groups := make(map[string][][]string)
	for _, row := range rows {
		var key strings.Builder
		for _, i := range c.kept {
			key.WriteString(row[i] + "\t")
		}
		groups[key.String()] = append(groups[key.String()], row)
	}
	return groups
}

// compareColumn compares the number of unchanged cells in a treated column with the expected number.
func (c *comparison) compareColumn(t *testing.T, i int, before, after map[string][][]string) {
	t.Helper()
	col := c.columns[i]
	same, nulls, expected := 0, 0, 0.0
	space := 0.0
	if name := col.Use.Treatment; name == "token" || strings.HasPrefix(name, "fake.") {
		space = resultSpace(t, c.table, col)
	}
	for key, was := range before {
		for _, row := range was {
			if row[i] == sqlNull {
				nulls++
			}
		}
		for _, is := range after[key] {
			if is[i] == sqlNull {
				nulls--
				continue
			}
			others := slices.ContainsFunc(was, func(row []string) bool { return row[i] == is[i] })
			if others {
				same++
			}
			expected += chance(col, space, was, i, is[i])
		}
	}
	if nulls != 0 && !col.Use.Is("null") {
		t.Errorf("%s.%s: the number of NULLs has changed by %d", c.table, col.Name, -nulls)
	}
	// The number of unchanged cells is nearly Poisson-distributed, so its standard deviation is the square root of the
	// expected number. The limit is the expected number plus six standard deviations. If unchanged cells can occur by
	// chance, the test allows three more.
	allowed := expected + 6*math.Sqrt(expected)
	if expected > 1e-6 {
		allowed += 3
	}
	if float64(same) > allowed {
		t.Errorf("%s.%s (%s): %d cells are unchanged, want at most %.1f", c.table, col.Name, col.Use.Treatment, same, allowed)
	}
}

// resultSpace returns the number of different results that a treatment can give for a column.
func resultSpace(t *testing.T, table catalog.Name, col plan.Column) float64 {
	t.Helper()
	traits, err := library.Check(col.Target(table), col.Use)
	if err != nil {
		t.Fatalf("%s.%s: %v", table, col.Name, err)
	}
	return traits.Space
}

// chance returns the probability that a treated cell equals one of the source cells in its group.
func chance(col plan.Column, space float64, was [][]string, i int, is string) float64 {
	switch col.Use.Treatment {
	case "null":
		return 0
	case "constant", "redact": // all values have the same result, and a source cell can hold that result already
		if slices.ContainsFunc(was, func(row []string) bool { return row[i] == is }) {
			return 1
		}
		return 0
	case "mask", "json":
		if is == "" || len(was) > 1 {
			return 1
		}
		return 0
	case "shift":
		if len(was) == 1 {
			return 0 // shift never moves a date by zero days
		}
		return min(1, float64(len(was))/2)
	}
	return min(1, float64(len(was))/space)
}
