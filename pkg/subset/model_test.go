package subset

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

// null is the value of a column that is NULL.
const null = ""

// model is a database in memory. It executes searches.
type model struct {
	db         *catalog.Database
	references []Reference
	rows       map[catalog.Name]map[catalog.Position]map[string]string // by the table that stores the rows
	indexed    bool
}

func public(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }

// The columns of each table of a model: a primary key, a unique key of two columns, and columns for references.
var columns = []string{"id", "u", "v", "a", "b", "c", "kind"}

// draw makes a model with random references. The references form cycles of every kind: a cycle through several tables,
// a cycle of one table, and two cycles through the same table. Their keys have one column or two columns.
func draw(t *rapid.T) *model {
	m := &model{db: &catalog.Database{}, rows: map[catalog.Name]map[catalog.Position]map[string]string{}, indexed: rapid.Bool().Draw(t, "indexed")}
	n := rapid.IntRange(1, 5).Draw(t, "tables")
	for i := range n {
		m.table(t, fmt.Sprintf("t%d", i), rapid.IntRange(0, 3).Draw(t, "partitions"))
	}
	slices.SortFunc(m.db.Tables, func(a, b *catalog.Table) int { return a.Name.Compare(b.Name) })
	pick := func(what string) catalog.Name {
		return public(fmt.Sprintf("t%d", rapid.IntRange(0, n-1).Draw(t, what)))
	}
	for i := range rapid.IntRange(0, 2*n+2).Draw(t, "references") {
		r := Reference{Name: fmt.Sprintf("r%d", i), Child: pick("child"), Parent: pick("parent")}
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			r.ChildColumns, r.ParentColumns = []string{"a"}, []string{"id"}
		case 1:
			r.ChildColumns, r.ParentColumns = []string{"b", "c"}, []string{"u", "v"}
		case 2:
			r.ChildColumns, r.ParentColumns, r.By, r.Value = []string{"b"}, []string{"id"}, "kind", "x"
		case 3: // a virtual key to a column that is not unique
			r.ChildColumns, r.ParentColumns = []string{"c"}, []string{"u"}
		}
		m.references = append(m.references, r)
	}
	return m
}

func (m *model) table(t *rapid.T, name string, partitions int) {
	root := &catalog.Table{Name: public(name), Partitioned: partitions > 0, Keys: []catalog.Key{{Primary: true, Columns: []string{"id"}}}}
	for _, c := range columns {
		root.Columns = append(root.Columns, catalog.Column{Name: c, NotNull: c == "id"})
	}
	m.db.Tables = append(m.db.Tables, root)
	leaves := []catalog.Name{root.Name}
	if partitions > 0 {
		leaves = nil
	}
	for i := range partitions {
		part := *root
		part.Name, part.Partitioned, part.Root, part.PartitionOf = public(fmt.Sprintf("%s_p%d", name, i)), false, &root.Name, &root.Name
		m.db.Tables = append(m.db.Tables, &part)
		leaves = append(leaves, part.Name)
	}
	value := rapid.SampledFrom([]string{null, "1", "2", "3", "4", "5"})
	for id := range rapid.IntRange(0, 8).Draw(t, "rows") {
		leaf := leaves[id%len(leaves)]
		if m.rows[leaf] == nil {
			m.rows[leaf] = map[catalog.Position]map[string]string{}
		}
		row := map[string]string{"id": fmt.Sprint(id), "u": fmt.Sprint(id / 2), "v": fmt.Sprint(id % 2), "kind": rapid.SampledFrom([]string{"x", "y"}).Draw(t, "kind")}
		for _, c := range []string{"a", "b", "c"} {
			row[c] = value.Draw(t, c)
		}
		at, _ := catalog.At(uint32(rapid.IntRange(0, 3).Draw(t, "block")), uint16(id+1))
		m.rows[leaf][at] = row
	}
}

// all returns the rows of a table with their positions, in the order of the primary key.
func (m *model) all(table catalog.Name) []Row {
	var list []Row
	for _, t := range m.db.Tables {
		if t.Decider() == table && !t.Partitioned {
			for at := range m.rows[t.Name] {
				list = append(list, Row{t.Name, at})
			}
		}
	}
	slices.SortFunc(list, func(a, b Row) int { return strings.Compare(m.at(a)["id"], m.at(b)["id"]) })
	return list
}

func (m *model) at(r Row) map[string]string { return m.rows[r.Table][r.At] }

// meets evaluates the conditions that the tests use: "COLUMN = VALUE", lists of values, "true", and "(CONDITION) IS NOT
// TRUE".
func (m *model) meets(r Row, condition string) bool {
	if inner, ok := strings.CutSuffix(condition, ") IS NOT TRUE"); ok {
		return !m.meets(r, inner[1:])
	}
	if condition == "" || condition == "true" {
		return true
	}
	if column, list, ok := strings.Cut(condition, " IN "); ok {
		return strings.Contains(list, "'"+m.at(r)[column]+"'")
	}
	column, value, _ := strings.Cut(condition, " = ")
	return m.at(r)[column] == value
}

func is(row map[string]string, c catalog.Is) bool { return c.Column == "" || row[c.Column] == c.Value }

func same(child map[string]string, columns []string, parent map[string]string, to []string) bool {
	for i := range columns {
		if child[columns[i]] == null || child[columns[i]] != parent[to[i]] {
			return false
		}
	}
	return true
}

// find executes a search.
func (m *model) find(s catalog.Search) (found []catalog.Found) {
	count := map[string]int{}
	for _, r := range m.all(s.Table) {
		row := m.at(r)
		excluded := s.Excluded != "" && m.meets(r, s.Excluded)
		if !is(row, s.Is) || !m.meets(r, s.Where) || excluded && !s.Tell {
			continue
		}
		var from []catalog.Position
		key := ""
		if s.From != nil {
			starts := s.From.Rows
			if s.From.All {
				starts = slices.Collect(maps.Keys(m.rows[s.From.Table]))
			}
			for _, at := range starts {
				start := m.rows[s.From.Table][at]
				if is(start, s.From.Is) && same(start, s.From.Columns, row, s.Columns) {
					from = append(from, at)
				}
			}
			for _, c := range s.Columns {
				key += row[c] + "/"
			}
		} else {
			from = []catalog.Position{0}
		}
		if len(from) == 0 {
			continue
		}
		if count[key]++; s.Limit > 0 && count[key] > s.Limit {
			continue
		}
		for _, at := range from {
			found = append(found, catalog.Found{Table: r.Table, At: r.At, Excluded: excluded, From: at})
		}
	}
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return found
}

// choose selects a subset, with searches that start from at most batch rows.
func (m *model) choose(d Definition, batch int) (*Selection, error) {
	s, err := New(d, Input{
		Database: m.db, References: m.references, Pairs: true,
		Skipped: func(catalog.Name) bool { return false }, Seed: func(catalog.Name) int64 { return 1 },
		Indexed: func(catalog.Name, []string) bool { return m.indexed },
	})
	if err != nil {
		return nil, err
	}
	s.batch = batch
	return s, s.Run(func(search catalog.Search, found func(catalog.Found) error) error {
		for _, f := range m.find(search) {
			if err := found(f); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowsOf returns all rows of a subset.
func (m *model) rowsOf(s *Selection) map[Row]bool {
	set := map[Row]bool{}
	for leaf, rows := range m.rows {
		for at := range rows {
			if selected := s.Rows(leaf); selected == nil || selected.Has(at) {
				set[Row{leaf, at}] = true
			}
		}
	}
	return set
}

// refuses reports whether a selection must end with an error. There are three reasons: a root matches no row, the
// condition of a root matches every row, or every table is a root as a whole.
func (m *model) refuses(d Definition) bool {
	whole := map[catalog.Name]bool{}
	for _, root := range d.Roots {
		whole[root.Table] = whole[root.Table] || root.All
	}
	for _, root := range d.Roots {
		n, all := 0, m.all(root.Table)
		for _, r := range all {
			if m.meets(r, root.condition()) {
				n++
			}
		}
		if !whole[root.Table] && (n == 0 || root.Where != "" && n == len(all)) {
			return true
		}
	}
	return !slices.ContainsFunc(m.db.Tables, func(t *catalog.Table) bool { return !whole[t.Decider()] })
}

// naive computes a subset in the simplest way. The tests compare the package's selection with the result of naive.
func (m *model) naive(d Definition) (present, chosen, roots map[Row]bool) {
	present, chosen, roots = map[Row]bool{}, map[Row]bool{}, map[Row]bool{}
	all := slices.Clone(d.Roots)
	for _, l := range d.More.Lines {
		all = append(all, l.Root)
	}
	for _, root := range all {
		n := 0
		for _, r := range m.all(root.Table) {
			if root.All || m.meets(r, root.condition()) && (root.Limit == 0 || n < root.Limit) {
				n++
				present[r], chosen[r], roots[r] = true, true, true
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for r := range maps.Clone(present) {
			for _, next := range m.demands(d, r, chosen[r]) {
				if !present[next.row] || next.chooses && !chosen[next.row] {
					changed = true
				}
				present[next.row] = true
				chosen[next.row] = chosen[next.row] || next.chooses
			}
		}
	}
	return present, chosen, roots
}

type demand struct {
	row     Row
	chooses bool
}

// demands returns the rows that must be in the subset because r is in it.
func (m *model) demands(d Definition, r Row, chosen bool) (list []demand) {
	row := m.at(r)
	for _, ref := range m.references {
		if m.db.Table(r.Table).Decider() == ref.Child && is(row, catalog.Is{Column: ref.By, Value: ref.Value}) {
			for _, p := range m.all(ref.Parent) {
				if same(row, ref.ChildColumns, m.at(p), ref.ParentColumns) {
					list = append(list, demand{p, false})
				}
			}
		}
		rule := ruleFor(d.Children, ref)
		if rule < 0 || m.db.Table(r.Table).Decider() != ref.Parent || !chosen && !d.Children[rule].Every {
			continue
		}
		n := 0
		for _, c := range m.all(ref.Child) {
			if is(m.at(c), catalog.Is{Column: ref.By, Value: ref.Value}) && same(m.at(c), ref.ChildColumns, row, ref.ParentColumns) {
				if n++; d.Children[rule].Limit == 0 || n <= d.Children[rule].Limit {
					list = append(list, demand{c, true})
				}
			}
		}
	}
	return list
}
