package integration

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// web is a generated database. Its references form three cycles that share tables, and two tables reference themselves
// twice. Keys of two columns reference columns that are not the primary key. Some references are virtual, and one is
// polymorphic.
type web struct {
	rows map[string]map[string]map[string]string // by table and id. A column that is NULL is missing
	refs []webRef
}

// webRef is a reference of a generated database.
type webRef struct {
	child, parent string
	from, to      []string
	kind          string // the value of the column kind, if the reference is polymorphic
	virtual       bool
}

const webRows = 90 // rows of each table

// generate makes a database. Its references are partly random.
func generate(seed uint64) *web {
	r := rand.New(rand.NewPCG(seed, 14))
	w := &web{rows: map[string]map[string]map[string]string{}}
	for _, edge := range []string{"t0.a t1", "t1.a t2", "t2.a t0", "t1.b t3", "t3.a t1", "t2.b t4", "t4.a t2", "t0.b t0", "t0.c t0", "t3.b t3", "t3.c t3"} {
		from, parent, _ := strings.Cut(edge, " ")
		child, column, _ := strings.Cut(from, ".")
		w.refs = append(w.refs, webRef{child: child, parent: parent, from: []string{column}, to: []string{"id"}})
	}
	for child := range 6 {
		parent := fmt.Sprintf("t%d", r.IntN(6))
		w.refs = append(w.refs, webRef{child: fmt.Sprintf("t%d", child), parent: parent, from: []string{"d", "e"}, to: []string{"v", "u"}})
	}
	w.refs = append(w.refs,
		webRef{child: "t5", parent: "t1", from: []string{"owner"}, to: []string{"id"}, kind: "one", virtual: true},
		webRef{child: "t5", parent: "t2", from: []string{"owner"}, to: []string{"id"}, kind: "two", virtual: true},
		webRef{child: "t4", parent: "t5", from: []string{"c"}, to: []string{"id"}, virtual: true},
		webRef{child: "t5", parent: "t4", from: []string{"b", "c"}, to: []string{"u", "v"}, virtual: true})
	for table := range 6 {
		rows := map[string]map[string]string{}
		for id := range webRows {
			row := map[string]string{"id": fmt.Sprint(id), "u": fmt.Sprint(id / 9), "v": fmt.Sprint(id % 9), "kind": []string{"one", "two", "three"}[r.IntN(3)]}
			for _, c := range []struct {
				column string
				below  int
			}{{"a", webRows}, {"b", 9}, {"c", 9}, {"d", 9}, {"e", webRows / 9}, {"owner", webRows}} {
				if r.IntN(10) < 4 || c.column == "e" {
					row[c.column] = fmt.Sprint(r.IntN(c.below))
				}
			}
			rows[row["id"]] = row
		}
		w.rows[fmt.Sprintf("t%d", table)] = rows
	}
	return w
}

var webColumns = []string{"id", "u", "v", "a", "b", "c", "d", "e", "kind", "owner"}

// sql returns the statements that make the database.
func (w *web) sql() string {
	var b strings.Builder
	for _, table := range slices.Sorted(maps.Keys(w.rows)) {
		fmt.Fprintf(&b, "CREATE TABLE %s (id int PRIMARY KEY, u int, v int, a int, b int, c int, d int, e int, kind text, owner int, UNIQUE (v, u), UNIQUE (u, v));\n", table)
		var lines []string
		for _, id := range slices.Sorted(maps.Keys(w.rows[table])) {
			var values []string
			for _, column := range webColumns {
				value, ok := w.rows[table][id][column]
				if !ok {
					value = "NULL"
				} else if column == "kind" {
					value = "'" + value + "'"
				}
				values = append(values, value)
			}
			lines = append(lines, "("+strings.Join(values, ", ")+")")
		}
		fmt.Fprintf(&b, "INSERT INTO %s VALUES %s;\n", table, strings.Join(lines, ", "))
	}
	for _, r := range w.refs {
		if !r.virtual {
			fmt.Fprintf(&b, "ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s);\n", r.child, strings.Join(r.from, ", "), r.parent, strings.Join(r.to, ", "))
		}
	}
	return b.String()
}

const webRules = `
revision: 1
tables:
  public.t0: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
  public.t1: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
  public.t2: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
  public.t3: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
  public.t4: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
  public.t5: {keep: measured, only: [id, u, v, a, b, c, d, e, kind, owner]}
virtual_keys:
  - {from: public.t5.owner, to: {one: public.t1.id, two: public.t2.id}, by: kind, else: {keep: measured}}
  - {from: public.t4.c, to: public.t5.id}
  - {from: [public.t5.b, public.t5.c], to: [public.t4.u, public.t4.v]}
`

// references reports whether a row references another row.
func (r webRef) references(child, parent map[string]string) bool {
	for i, column := range r.from {
		if value, ok := child[column]; !ok || value != parent[r.to[i]] {
			return false
		}
	}
	return r.kind == "" || child["kind"] == r.kind
}

// closed returns the rows of a subset as "table id". It looks at each pair of rows again until no row is new.
func (w *web) closed(roots []string, brings func(webRef) bool) map[string]bool {
	chosen := map[string]bool{} // and whether the row brings children
	for _, root := range roots {
		chosen[root] = true
	}
	for _, children := range []bool{true, false} {
		for before := -1; before != len(chosen); {
			before = len(chosen)
			for _, r := range w.refs {
				for child, c := range w.rows[r.child] {
					for parent, p := range w.rows[r.parent] {
						_, hasChild := chosen[r.child+" "+child]
						_, hasParent := chosen[r.parent+" "+parent]
						switch {
						case hasChild == hasParent || !r.references(c, p):
						case children && hasParent && brings(r):
							chosen[r.child+" "+child] = true
						case !children && hasChild:
							chosen[r.parent+" "+parent] = false
						}
					}
				}
			}
		}
	}
	return chosen
}

// A subset of a generated database has exactly the rows that a plain search finds. So it is closed and minimal, and no
// other run can choose other rows.
func TestSubsetsOfGeneratedDatabases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seed     uint64
		children string
		brings   func(webRef) bool
	}{
		"children": {1, `{table: "*"}`, func(webRef) bool { return true }},
		"some children": {
			2, `{table: public.t3, via: [b]}, {table: public.t5}, {table: public.t1, via: [b]}`,
			func(r webRef) bool {
				return r.child == "t5" || r.child == "t3" && r.from[0] == "b" || r.child == "t1" && r.from[0] == "b"
			},
		},
		"parents": {3, "", func(webRef) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, dst := generate(c.seed), newDatabaseURL(t, Server(t), "staging")
			s := newSite(t, database(t, Server(t), "prod", w.sql()), dst).rules(t, webRules)
			s.flow["subset"] = fmt.Sprintf(`{roots: [{table: public.t5, key: "id=3,41"}, {table: public.t3, where: "id = 7"}], children: [%s]}`, c.children)
			s.mustRefresh(t)
			var want []string
			for row := range w.closed([]string{"t5 3", "t5 41", "t3 7"}, c.brings) {
				want = append(want, row)
			}
			slices.Sort(want)
			got := []string{}
			for table := range w.rows {
				got = append(got, askAll(t, dst, "SELECT '"+table+" ' || id FROM "+table)...)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("the subset has %d rows, want %d:\n%v\n%v", len(got), len(want), got, want)
			}
			t.Logf("%d of %d rows", len(got), 6*webRows)
		})
	}
}
