package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/labelled"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/discover/values"
	"github.com/masker-project/masker/pkg/source"
)

// nameless is a database whose columns are called c1, c2 and so on. Its rows are those of a real database.
type nameless struct {
	database *catalog.Database
	real     *source.Spread
	names    map[catalog.ColumnName]string // the real names
}

// renamed renames the columns of a database. Tables keep their names, because the survey reads no names of tables.
func renamed(db *catalog.Database, from *source.Spread) *nameless {
	n := &nameless{&catalog.Database{Name: db.Name}, from, map[catalog.ColumnName]string{}}
	for _, t := range db.Tables {
		table := &catalog.Table{Name: t.Name, Root: t.Root, Size: t.Size}
		for i, c := range t.Columns {
			at := catalog.ColumnName{Table: t.Name, Column: fmt.Sprintf("c%d", i+1)}
			n.names[at] = c.Name
			table.Columns = append(table.Columns, catalog.Column{Name: at.Column, Type: c.Type})
		}
		n.database.Tables = append(n.database.Tables, table)
	}
	return n
}

// Sample reads rows of the real table.
func (n *nameless) Sample(ctx context.Context, want catalog.Sampling, each func(row [][]byte)) error {
	want.Columns = slices.Clone(want.Columns)
	for i, c := range want.Columns {
		want.Columns[i] = n.names[catalog.ColumnName{Table: want.Table, Column: c}]
	}
	return n.real.Sample(ctx, want, each)
}

// found counts the columns of a database by what masker recognises from their values alone.
type found struct{ personal, found, others, wrong int }

// valuesAlone lets masker look at the values of a database whose columns have no names, and compares what it recognises
// with the labels. It returns the counts, and a line for each column that is missed or wrong.
func valuesAlone(t *testing.T, name string) (f found, list []string) {
	t.Helper()
	snapshot, err := source.Open(t.Context(), sample(t, name), source.Options{Look: true, Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	from := snapshot.Spread()
	defer from.Close()
	n := renamed(snapshot.Catalog(), from)
	s, err := survey.ByNames(n.database)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sample(t.Context(), n.database, n, values.New(survey.Lists(), 2026), 1000); err != nil {
		t.Fatal(err)
	}
	labels := map[string]labelled.Column{}
	schemas, err := labelled.Schemas()
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range schemas {
		for _, c := range schema.Columns {
			if schema.Name == name {
				labels[c.Table.String()+"."+c.Name] = c
			}
		}
	}
	for _, c := range s.Columns {
		schema, table, _ := strings.Cut(c.Table, ".")
		label, ok := labels[c.Table+"."+n.names[catalog.ColumnName{Table: catalog.Name{Schema: schema, Name: table}, Column: c.Name}]]
		if !ok || c.Looked == 0 {
			continue
		}
		switch suspect := c.Class != ""; {
		case label.Sensitive && suspect:
			f.personal, f.found = f.personal+1, f.found+1
		case label.Sensitive:
			f.personal++
			list = append(list, fmt.Sprintf("missed %s.%s (%s), %d values", c.Table, label.Name, label.Kind, c.Looked))
		case suspect:
			f.others, f.wrong = f.others+1, f.wrong+1
			list = append(list, fmt.Sprintf("wrong %s.%s: %s %v", c.Table, label.Name, c.Class, c.Values))
		default:
			f.others++
		}
	}
	return f, list
}

// Without names, the values of columns still tell of some personal data. A sample decides which rows are looked at, so
// the figures in docs/discovery.md vary a little.
func TestValuesAlone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]found{ // at least so many are found, and at most so many are wrong
		"pagila":         {personal: 15, found: 11, wrong: 0},
		"adventureworks": {personal: 42, found: 20, wrong: 2},
	} {
		got, list := valuesAlone(t, name)
		t.Logf("%s: %d of %d personal columns are found, and %d of %d others are wrong", name, got.found, got.personal, got.wrong, got.others)
		if got.personal != want.personal || got.found < want.found || got.wrong > want.wrong {
			t.Errorf("%s: %+v, want %+v\n%s", name, got, want, strings.Join(list, "\n"))
		}
	}
}
