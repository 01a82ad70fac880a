package snapshottest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

// table is a table of the snapshot to test.
type table struct {
	name    catalog.Name
	columns []plan.Column
	rows    [][][]byte // cells as text; nil for NULL
}

const (
	bigRows  = 8000 // rows of about 400 bytes, which together are larger than a reader's buffers
	wideRow  = 600000
	wideRows = 4
)

func named(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }

// SQL returns statements that make the tables on a server.
func SQL() string {
	return fmt.Sprintf(`CREATE TABLE big (id int, t text); INSERT INTO big SELECT g, repeat('x', 380) || g FROM generate_series(1, %d) g;
		CREATE TABLE wide (id int, t text); ALTER TABLE wide ALTER t SET STORAGE EXTERNAL; INSERT INTO wide SELECT g, repeat('y', %d) FROM generate_series(1, %d) g;
		CREATE TABLE odd (id int, t text); INSERT INTO odd VALUES (1, E'a\tb\\N\n'), (2, NULL), (NULL, ''), (4, '\.');
		CREATE TABLE empty (id int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES`, bigRows, wideRow, wideRows)
}

// Tables returns the rows of the tables that SQL makes. It is for snapshots that do not come from a server.
func Tables() map[catalog.Name][][][]byte {
	all := map[catalog.Name][][][]byte{}
	for _, t := range tables() {
		all[t.name] = t.rows
	}
	return all
}

// Columns returns the columns of Tables.
func Columns() map[catalog.Name][]plan.Column {
	all := map[catalog.Name][]plan.Column{}
	for _, t := range tables() {
		all[t.name] = t.columns
	}
	return all
}

func tables() []table {
	id := plan.Column{Name: "id", Type: rewritetest.Type("int4", catalog.Integer)}
	text := plan.Column{Name: "t", Type: rewritetest.Type("text", catalog.Text)}
	big := table{name: named("big"), columns: []plan.Column{id, text}}
	for i := range bigRows {
		n := strconv.Itoa(i + 1)
		big.rows = append(big.rows, [][]byte{[]byte(n), []byte(strings.Repeat("x", 380) + n)})
	}
	wide := table{name: named("wide"), columns: []plan.Column{id, text}}
	for i := range wideRows {
		wide.rows = append(wide.rows, [][]byte{[]byte(strconv.Itoa(i + 1)), []byte(strings.Repeat("y", wideRow))})
	}
	odd := table{name: named("odd"), columns: []plan.Column{id, text}, rows: [][][]byte{
		{[]byte("1"), []byte("a\tb\\N\n")}, {[]byte("2"), nil}, {nil, {}}, {[]byte("4"), []byte(`\.`)},
	}}
	return []table{big, wide, odd, {name: named("empty"), columns: []plan.Column{id}}, {name: named("bare"), rows: [][][]byte{{}, {}}}}
}

// wants returns a Want for each table.
func wants(binary bool) []catalog.Want {
	var list []catalog.Want
	for _, t := range tables() {
		w := catalog.Want{Table: t.name, Columns: []string{}, Binary: binary}
		for _, c := range t.columns {
			w.Columns = append(w.Columns, c.Name)
		}
		list = append(list, w)
	}
	return list
}

// sorted returns each row as a text, sorted.
func (t table) sorted() []string {
	list := []string{}
	for _, row := range t.rows {
		line := ""
		for _, cell := range row {
			if cell == nil {
				line += "NULL "
			} else {
				line += strconv.Quote(string(cell)) + " "
			}
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}

// sortedRows decodes the COPY data in text. It returns each row as a text, sorted, as table.sorted does.
func sortedRows(t *testing.T, of table, binary bool, text string) []string {
	t.Helper()
	of.rows = rewritetest.Decode(t, format(binary && len(of.columns) > 0), of.columns, []byte(text))
	return of.sorted()
}

func format(binary bool) wire.Format {
	if binary {
		return wire.Binary
	}
	return wire.Text
}
