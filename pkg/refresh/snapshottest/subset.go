package snapshottest

import (
	"errors"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
)

// A snapshot that can search finds every row of a table, and reads exactly the rows that were selected.
func selectedRows(t *testing.T, s refresh.Snapshot) {
	finds, ok := s.(refresh.Finds)
	if !ok {
		t.Skip("this snapshot cannot search for rows")
	}
	f := finder(t, finds)
	for _, table := range tables() {
		every, half := &catalog.Rows{}, &catalog.Rows{}
		err := f.Find(t.Context(), catalog.Search{Table: table.name}, func(found catalog.Found) error {
			if found.Table != table.name || found.Excluded {
				t.Errorf("%s: found %+v", table.name, found)
			}
			if every.Add(found.At) && every.Len()%2 == 0 {
				half.Add(found.At)
			}
			return nil
		})
		if err != nil || every.Len() != len(table.rows) {
			t.Fatalf("%s: %d rows are found, want %d: %v", table.name, every.Len(), len(table.rows), err)
		}
		for what, rows := range map[string]*catalog.Rows{"all": every, "half": half, "none": {}} {
			got := readRows(t, s, table, rows)
			if len(got) != rows.Len() || what == "all" && !slices.Equal(got, table.sorted()) {
				t.Errorf("%s, %s: %d rows are read, want %d", table.name, what, len(got), rows.Len())
			}
			if what == "half" && !contains(table.sorted(), got) {
				t.Errorf("%s: rows are read that are not in the table, or twice", table.name)
			}
		}
	}
}

// readRows reads selected rows of one table, in small extents.
func readRows(t *testing.T, s refresh.Snapshot, table table, rows *catalog.Rows) []string {
	t.Helper()
	rows.Sort()
	w := wants(true)[slices.IndexFunc(wants(true), func(w catalog.Want) bool { return w.Table == table.name })]
	w.Rows = rows
	c, err := s.Cut(t.Context(), []catalog.Want{w}, catalog.Sizes{Workers: 2, Bytes: small})
	if err != nil {
		t.Fatal(err)
	}
	r, text := reader(t, s, []catalog.Want{w}, c.Handle), ""
	for _, e := range c.Extents {
		part, err := read(t.Context(), r, e)
		if err != nil {
			t.Fatal(err)
		}
		text += part
	}
	return sortedRows(t, table, true, text)
}

// contains reports whether a sorted list has all elements of the sorted list part, each at least as often.
func contains(list, part []string) bool {
	i := 0
	for _, text := range list {
		if i < len(part) && part[i] == text {
			i++
		}
	}
	return i == len(part)
}

// An error of found ends a search, and the finder can search again. A search of a table that does not exist is an
// error.
func searchEnds(t *testing.T, s refresh.Snapshot) {
	finds, ok := s.(refresh.Finds)
	if !ok {
		t.Skip("this snapshot cannot search for rows")
	}
	f, enough := finder(t, finds), errors.New("enough")
	for range 2 {
		calls := 0
		err := f.Find(t.Context(), catalog.Search{Table: named("big")}, func(catalog.Found) error { calls++; return enough })
		if !errors.Is(err, enough) || calls != 1 {
			t.Errorf("after an error, found was called %d times: %v", calls, err)
		}
	}
	nobody := catalog.Search{Table: named("nobody")}
	if err := f.Find(t.Context(), nobody, func(catalog.Found) error { return nil }); err == nil {
		t.Error("a table that is not there was searched")
	}
	if _, err := f.Indexed(t.Context(), nobody.Table, []string{"id"}); err == nil {
		t.Error("a table that is not there has an index")
	}
	if indexed, err := f.Indexed(t.Context(), named("big"), []string{"id"}); indexed || err != nil {
		t.Errorf("the table big has an index: %v", err)
	}
}

// finder opens a finder that is closed when the test ends.
func finder(t *testing.T, s refresh.Finds) refresh.Finder {
	t.Helper()
	f, err := s.Finder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
