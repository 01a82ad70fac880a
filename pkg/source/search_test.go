package source_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/subset"
)

// web is a schema with references of every kind: three cycles that share tables, two references of a table to itself, a
// reference to a key of two columns that is not the primary key, a reference between two partitioned tables, a
// reference by a type whose operators are in another schema, a polymorphic reference, and a virtual reference. Each
// reference leads from row i to a row with a smaller or a larger number.
const web = `
	CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
	CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff, mentor int REFERENCES staff, office int);
	CREATE TABLE office (id int PRIMARY KEY, head int REFERENCES staff, city text, zone int, UNIQUE (city, zone));
	ALTER TABLE staff ADD FOREIGN KEY (office) REFERENCES office;
	CREATE TABLE visit (id int, day int, city text, zone int, host int REFERENCES staff, PRIMARY KEY (id, day),
		FOREIGN KEY (city, zone) REFERENCES office (city, zone)) PARTITION BY RANGE (day);
	CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (5);
	CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM (5) TO (10);
	ALTER TABLE office ADD visit_id int, ADD visit_day int, ADD FOREIGN KEY (visit_id, visit_day) REFERENCES visit DEFERRABLE;
	CREATE TABLE tag (name ext.citext PRIMARY KEY);
	CREATE TABLE note (id int PRIMARY KEY, kind text, of int, tag ext.citext REFERENCES tag, author int);
	CREATE TABLE heir () INHERITS (office);
	BEGIN;
	SET CONSTRAINTS ALL DEFERRED;
	INSERT INTO staff SELECT i, NULLIF(i / 2, 0), NULLIF(i / 3, 0), NULL FROM generate_series(1, 400) i;
	INSERT INTO office SELECT i, i, 'c' || i / 2, i % 2, NULL, NULL FROM generate_series(1, 400) i;
	UPDATE staff SET office = 401 - id WHERE id > 100;
	INSERT INTO visit SELECT i, i % 10, 'c' || i / 2, i % 2, i FROM generate_series(1, 400) i;
	UPDATE office SET visit_id = id - 1, visit_day = (id - 1) % 10 WHERE id % 7 = 0;
	COMMIT;
	INSERT INTO heir SELECT i, 1, 'c', i FROM generate_series(1, 400) i;
	INSERT INTO tag SELECT 'Tag' || i FROM generate_series(1, 10) i;
	INSERT INTO note SELECT i, CASE WHEN i % 2 = 0 THEN 'staff' ELSE 'office' END, i, 'tAG' || 1 + i % 10, i + 10 FROM generate_series(1, 395) i;`

// webReferences returns the references of the web.
func webReferences(d *catalog.Database) (list []subset.Reference) {
	for _, k := range d.ForeignKeys {
		list = append(list, subset.Reference{Name: k.Name, Child: k.Child, ChildColumns: k.ChildColumns, Parent: k.Parent, ParentColumns: k.ParentColumns})
	}
	add := func(r subset.Reference) { list = append(list, r) }
	add(subset.Reference{Child: public("note"), ChildColumns: []string{"author"}, Parent: public("staff"), ParentColumns: []string{"id"}})
	for _, kind := range []string{"staff", "office"} {
		add(subset.Reference{Child: public("note"), ChildColumns: []string{"of"}, By: "kind", Value: kind, Parent: public(kind), ParentColumns: []string{"id"}})
	}
	return list
}

func public(name string) catalog.Name { return catalog.Name{Schema: "public", Name: name} }

// choose selects a subset of a snapshot.
func choose(t *testing.T, p *source.Postgres, references []subset.Reference, d subset.Definition, pairs bool) *subset.Selection {
	t.Helper()
	ctx := context.Background()
	f, err := p.Finder(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := subset.New(d, subset.Input{
		Database: p.Catalog(), References: references, Pairs: pairs,
		Skipped: func(catalog.Name) bool { return false }, Seed: func(catalog.Name) int64 { return 42 },
		Indexed: func(n catalog.Name, columns []string) bool {
			ok, err := f.Indexed(ctx, n, columns)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(func(search catalog.Search, found func(catalog.Found) error) error { return f.Find(ctx, search, found) }); err != nil {
		t.Fatal(err)
	}
	return s
}

// The rows of every subset are read as a refresh reads them. No row references a row that was not read.
func TestSubsetsOfEveryKindOfReferenceAreClosed(t *testing.T) {
	_, url := database(t, "web", web)
	p := open(t, url, source.Options{})
	references := webReferences(p.Catalog())
	for what, d := range map[string]subset.Definition{
		"by key":       {Roots: []subset.Root{{Table: public("staff"), Column: "id", Values: []string{"350", "7"}}}},
		"by condition": {Roots: []subset.Root{{Table: public("visit"), Where: "day = 3 AND id < 50"}}},
		"by share":     {Roots: []subset.Root{{Table: public("note"), Percent: 2}}},
		"first":        {Roots: []subset.Root{{Table: public("note"), Limit: 5}}},
		"children":     {Roots: []subset.Root{{Table: public("office"), Column: "id", Values: []string{"390"}}}, Children: []subset.Children{{Limit: 2}, {Table: public("staff"), Via: []string{"boss"}, Limit: 1}}},
	} {
		s := choose(t, p, references, d, false)
		again := choose(t, p, references, d, true)
		if fmt.Sprint(sizes(p, s)) != fmt.Sprint(sizes(p, again)) {
			t.Errorf("%s: %v, with pairs %v", what, sizes(p, s), sizes(p, again))
		}
		for _, table := range p.Catalog().Tables { // every row has a chain that leads back to a root
			for at := range again.Rows(table.Name).All() {
				chain := again.Chain(subset.Row{Table: table.Name, At: at})
				if len(chain) == 0 || chain[len(chain)-1].Edge.Root == "" {
					t.Fatalf("%s: nothing demands row %d of %s: %v", what, at, table.Name, chain)
				}
			}
		}
		for _, r := range references {
			if n := broken(t, p, s, r); n > 0 {
				t.Errorf("%s: %d rows reference rows that are not in the subset: %s", what, n, r)
			}
		}
		if n := sizes(p, s); n["public.heir"] != 0 || n["public.staff"] == 0 || n["public.staff"] == 400 {
			t.Errorf("%s: %v", what, n)
		}
	}
}

func sizes(p *source.Postgres, s *subset.Selection) map[string]int {
	n := map[string]int{}
	for _, t := range p.Catalog().Tables {
		if !t.Partitioned {
			n[t.Name.String()] = s.Rows(t.Name).Len()
		}
	}
	return n
}

// broken reads the selected rows as a refresh does, and counts the different keys of children whose parent is not among
// them. Keys with NULL do not count.
func broken(t *testing.T, p *source.Postgres, s *subset.Selection, r subset.Reference) (n int) {
	t.Helper()
	values := func(table catalog.Name, columns []string) map[string]bool {
		keys := map[string]bool{}
		for _, leaf := range p.Catalog().Tables {
			if leaf.Decider() != table || leaf.Partitioned {
				continue
			}
			w := catalog.Want{Table: leaf.Name, Columns: columns, Rows: s.Rows(leaf.Name)}
			rows, _ := collect(t, p, []catalog.Want{w}, catalog.Sizes{Workers: 2})
			for line := range strings.Lines(rows[leaf.Name.String()]) {
				keys[strings.ToLower(strings.TrimSuffix(line, "\n"))] = true
			}
		}
		return keys
	}
	parents := values(r.Parent, r.ParentColumns)
	columns := r.ChildColumns
	if r.By != "" {
		columns = append([]string{r.By}, columns...)
	}
	for key := range values(r.Child, columns) {
		if r.By != "" {
			kind, rest, _ := strings.Cut(key, "\t")
			if kind != r.Value {
				continue
			}
			key = rest
		}
		if !strings.Contains(key, `\n`) && !parents[key] {
			n++
		}
	}
	return n
}

// Each row is read exactly once, whatever the number of extents, their stripes and the size of blocks.
func TestExtentsOfASubset(t *testing.T) {
	_, url := database(t, "sub", `CREATE TABLE big (id int PRIMARY KEY, pad text);
		INSERT INTO big SELECT i, repeat('x', 100) FROM generate_series(1, 60000) i; ANALYZE big;
		CREATE TABLE empty (id int PRIMARY KEY); CREATE TABLE other AS SELECT generate_series(1, 3) id`)
	p := open(t, url, source.Options{})
	for _, condition := range []string{"id % 3 = 0", "id <= 15000", "id IN (7, 59999)", ""} {
		root := subset.Root{Table: public("big"), Where: condition}
		if condition == "" { // no reference leads to a row of big
			root = subset.Root{Table: public("other"), Where: "id = 1"}
		}
		s := choose(t, p, nil, subset.Definition{Roots: []subset.Root{root}}, false)
		var whole string
		for _, striped := range []bool{false, true} {
			want := []catalog.Want{{Table: public("big"), Columns: []string{"id"}, Rows: s.Rows(public("big")), Stripes: striped}, {Table: public("empty"), Columns: []string{"id"}, Rows: s.Rows(public("empty"))}}
			rows, extents := collect(t, p, want, catalog.Sizes{Workers: 2, Bytes: 100 << 10})
			lines := slices.Sorted(strings.Lines(rows["public.big"]))
			if len(lines) != s.Rows(public("big")).Len() || len(slices.Compact(slices.Clone(lines))) != len(lines) {
				t.Errorf("%s: %d rows in %d extents, want %d", condition, len(lines), len(extents), s.Rows(public("big")).Len())
			}
			if whole != "" && whole != strings.Join(lines, "") {
				t.Errorf("%s: stripes have other rows", condition)
			}
			whole = strings.Join(lines, "")
		}
	}
}

// A hash of a row's primary key decides whether the row is in a share. So a larger share contains a smaller one.
func TestSharesOfRows(t *testing.T) {
	_, url := database(t, "share", `CREATE TABLE s (id int PRIMARY KEY); INSERT INTO s SELECT generate_series(1, 20000)`)
	p := open(t, url, source.Options{})
	share := func(percent float64) map[catalog.Position]bool {
		set := map[catalog.Position]bool{}
		for at := range choose(t, p, nil, subset.Definition{Roots: []subset.Root{{Table: public("s"), Percent: percent}}}, false).Rows(public("s")).All() {
			set[at] = true
		}
		return set
	}
	small, large := share(1), share(10)
	if len(small) < 140 || len(small) > 260 || len(large) < 1800 || len(large) > 2200 || len(share(100)) != 20000 {
		t.Errorf("1 %%: %d rows, 10 %%: %d", len(small), len(large))
	}
	union := maps.Clone(large)
	maps.Copy(union, small)
	if len(union) != len(large) {
		t.Error("10 % do not contain 1 %")
	}
}
