package subset

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

// drawDefinition makes a definition that fits a model.
func drawDefinition(t *rapid.T, m *model) Definition {
	var d Definition
	for range rapid.IntRange(1, 2).Draw(t, "roots") {
		root := Root{Table: m.db.Tables[rapid.IntRange(0, len(m.db.Tables)-1).Draw(t, "root")].Decider()}
		switch rapid.IntRange(0, 4).Draw(t, "way") {
		case 0:
			root.All = true
		case 1:
			root.Where = "id = 1"
		case 2:
			root.Where = "a = 2"
		case 3:
			root.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
		case 4:
			root.Column, root.Values = "b", []string{"3", "4"}
		}
		d.Roots = append(d.Roots, root)
	}
	if rapid.Bool().Draw(t, "more") {
		table := m.db.Tables[rapid.IntRange(0, len(m.db.Tables)-1).Draw(t, "table of a line")].Decider()
		line := Line{Root: Root{Table: table, Column: "b", Values: []string{rapid.SampledFrom([]string{"1", "5"}).Draw(t, "value")}}}
		d.More = More{File: "f", Columns: []catalog.ColumnName{{Table: table, Column: "b"}}, Limit: 1000, Lines: []Line{line}}
	}
	for _, r := range m.references {
		if !rapid.Bool().Draw(t, "children") {
			continue
		}
		c := Children{Table: r.Child, Limit: rapid.IntRange(0, 2).Draw(t, "each"), Every: rapid.Bool().Draw(t, "every")}
		if rapid.Bool().Draw(t, "via") {
			c.Via = r.ChildColumns
		}
		if !slices.ContainsFunc(d.Children, func(o Children) bool { return o.Table == c.Table && slices.Equal(o.Via, c.Via) }) {
			d.Children = append(d.Children, c)
		}
	}
	all := slices.Clone(d.Children)
	d.Children = slices.DeleteFunc(d.Children, func(c Children) bool { // New refuses a rule that fits no reference
		return !slices.ContainsFunc(m.references, func(r Reference) bool {
			i := ruleFor(all, r)
			return i >= 0 && all[i].String() == c.String()
		})
	})
	return d
}

func TestSubsetsAreClosedAndMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t)
		d := drawDefinition(t, m)
		s, err := m.choose(d, rapid.IntRange(1, 5).Draw(t, "batch"))
		if refused := m.refuses(d); refused || err != nil {
			if !refused || err == nil {
				t.Fatalf("got %v, refused %v", err, refused)
			}
			return
		}
		got := m.rowsOf(s)
		present, chosen, roots := m.naive(d)
		for r := range got {
			for _, next := range m.demands(d, r, chosen[r]) {
				if !got[next.row] {
					t.Fatalf("%v demands %v, which is not in the subset", r, next.row)
				}
			}
			if roots[r] {
				continue
			}
			demanded := false
			for other := range got {
				demanded = demanded || other != r && slices.ContainsFunc(m.demands(d, other, chosen[other]), func(n demand) bool { return n.row == r })
			}
			if !demanded {
				t.Fatalf("the subset stays closed without %v", r)
			}
		}
		if !maps.Equal(got, present) {
			t.Fatalf("the subset has %d rows, want %d", len(got), len(present))
		}
		if again, _ := m.choose(d, 1+rapid.IntRange(1, 5).Draw(t, "other batch")); !maps.Equal(m.rowsOf(again), got) {
			t.Fatal("another order gives another subset")
		}
		m.checkChains(t, s, got)
	})
}

// checkChains checks that every row of the subset has a chain. The chain must end with a root, or with a table that is
// in the subset as a whole. Each row from which an edge of the chain leads must be in the subset.
func (m *model) checkChains(t *rapid.T, s *Selection, got map[Row]bool) {
	for r := range got {
		if s.Rows(r.Table) == nil {
			continue
		}
		chain := s.Chain(r)
		if len(chain) == 0 {
			t.Fatalf("%v has no chain", r)
		}
		last := chain[len(chain)-1]
		if last.Edge.Root == "" && s.Rows(last.From.Table) != nil {
			t.Fatalf("the chain of %v ends at %v, which is no root", r, last.From)
		}
		for _, o := range chain[:len(chain)-1] {
			if !got[o.From] {
				t.Fatalf("the chain of %v leads through %v, which is not in the subset", r, o.From)
			}
		}
	}
}

// shop returns a model with these rows, by the names of their tables, and with these references.
func shop(rows map[string][]map[string]string, references ...Reference) *model {
	m := &model{db: &catalog.Database{}, rows: map[catalog.Name]map[catalog.Position]map[string]string{}, indexed: true, references: references}
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		t := &catalog.Table{Name: public(name), Keys: []catalog.Key{{Primary: true, Columns: []string{"id"}}}}
		for _, c := range columns {
			t.Columns = append(t.Columns, catalog.Column{Name: c, NotNull: c == "id"})
		}
		m.db.Tables = append(m.db.Tables, t)
		m.rows[t.Name] = map[catalog.Position]map[string]string{}
		for i, row := range rows[name] {
			at, _ := catalog.At(0, uint16(i+1))
			m.rows[t.Name][at] = row
		}
	}
	return m
}

func reference(child, column, parent string) Reference {
	return Reference{Name: child + "_" + column, Child: public(child), ChildColumns: []string{column}, Parent: public(parent), ParentColumns: []string{"id"}}
}

func orders() *model {
	return shop(map[string][]map[string]string{
		"customers": {{"id": "1"}, {"id": "2"}},
		"orders":    {{"id": "1", "a": "1", "b": "1"}, {"id": "2", "a": "1", "b": "2"}, {"id": "3", "a": "2", "b": "2"}},
		"products":  {{"id": "1"}, {"id": "2"}, {"id": "3"}},
	}, reference("orders", "a", "customers"), reference("orders", "b", "products"))
}

func count(m *model, s *Selection) map[string]int {
	n := map[string]int{}
	for r := range m.rowsOf(s) {
		n[r.Table.Name]++
	}
	return n
}

func TestNeededRowsBringNoChildren(t *testing.T) {
	for what, c := range map[string]struct {
		d    Definition
		want map[string]int
	}{
		"parents only":       {Definition{Roots: []Root{{Table: public("orders"), Where: "id = 1"}}}, map[string]int{"customers": 1, "orders": 1, "products": 1}},
		"children":           {Definition{Roots: []Root{{Table: public("customers"), Where: "id = 1"}}, Children: []Children{{}}}, map[string]int{"customers": 1, "orders": 2, "products": 2}},
		"limited":            {Definition{Roots: []Root{{Table: public("customers"), Where: "id = 1"}}, Children: []Children{{Limit: 1}}}, map[string]int{"customers": 1, "orders": 1, "products": 1}},
		"children of needed": {Definition{Roots: []Root{{Table: public("customers"), Where: "id = 1"}}, Children: []Children{{Every: true}}}, map[string]int{"customers": 2, "orders": 3, "products": 2}},
		"a whole table":      {Definition{Roots: []Root{{Table: public("products"), All: true}}}, map[string]int{"products": 3}},
	} {
		m := orders()
		s, err := m.choose(c.d, 1)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := count(m, s); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", what, got, c.want)
		}
	}
}

func TestAReferencedRowThatIsExcluded(t *testing.T) {
	m := orders()
	_, err := m.choose(Definition{Roots: []Root{{Table: public("orders"), Where: "id = 2"}}, Exclude: []Exclusion{{Table: public("products"), Where: "id = 2"}}}, 1)
	var excluded *ExcludedError
	if !errors.As(err, &excluded) || !strings.Contains(err.Error(), "public.orders (b) → public.products (id)") {
		t.Errorf("got %v", err)
	}
	s, err := m.choose(Definition{Roots: []Root{{Table: public("customers"), Where: "id = 1"}}, Children: []Children{{}}, Exclude: []Exclusion{{Table: public("orders"), Where: "id = 2"}}}, 1)
	if err != nil || count(m, s)["orders"] != 1 {
		t.Errorf("an excluded child: got %v, %v", count(m, s), err)
	}
}

func TestRootsThatMatchNothingOrEverything(t *testing.T) {
	all := func(name string) Root { return Root{Table: public(name), All: true} }
	for want, roots := range map[string][]Root{
		"root public.orders by condition matches no row":                   {{Table: public("orders"), Where: "id = 9"}},
		"root public.orders by condition matches every row":                {all("products"), {Table: public("orders"), Where: "true"}},
		"root public.orders by key id matches no row":                      {{Table: public("orders"), Where: "id = 1"}, {Table: public("orders"), Column: "id", Values: []string{"9"}}},
		"roots are all tables as a whole; remove the subset to copy every": {all("orders"), all("products"), all("customers")},
	} {
		m := orders()
		if _, err := m.choose(Definition{Roots: roots}, 1); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	m := orders() // every row of a root may be a row that another root has brought
	if _, err := m.choose(Definition{Roots: []Root{{Table: public("orders"), Where: "id = 1"}, {Table: public("orders"), Where: "a = 1"}}}, 1); err != nil {
		t.Error(err)
	}
}

func TestDefinitionsThatDoNotFit(t *testing.T) {
	m := orders()
	m.db.Tables[2].Keys = nil
	m.db.Table(public("orders")).Column("id").Type = catalog.Type{Name: "integer", Family: catalog.Integer}
	root := []Root{{Table: public("orders"), Where: "true"}}
	for want, d := range map[string]Definition{
		"there are no roots":                 {},
		"want one of all, key":               {Roots: []Root{{Table: public("orders")}}},
		"all means the whole table":          {Roots: []Root{{Table: public("orders"), All: true, Limit: 1}}},
		"key already names the rows":         {Roots: []Root{{Table: public("orders"), Column: "id", Where: "true"}}},
		"percent must be":                    {Roots: []Root{{Table: public("orders"), Percent: 101}}},
		"the parentheses do not match":       {Roots: []Root{{Table: public("orders"), Where: "true) OR (true"}}},
		"without comments":                   {Roots: []Root{{Table: public("orders"), Where: "true -- all"}}},
		"there is no table":                  {Roots: []Root{{Table: public("oders"), Where: "true"}}},
		"there is no column nr":              {Roots: []Root{{Table: public("orders"), Column: "nr", Values: []string{"1"}}}},
		"value 2 of column id is not of":     {Roots: []Root{{Table: public("orders"), Column: "id", Values: []string{"1", "CANARY"}}}},
		"need a key that identifies":         {Roots: []Root{{Table: public("products"), Limit: 1}}},
		"no reference of the plan fits":      {Roots: root, Children: []Children{{Table: public("customers")}}},
		"via needs the name of a table":      {Roots: root, Children: []Children{{Via: []string{"a"}}}},
		"so none can be excluded":            {Roots: []Root{{Table: public("orders"), All: true}}, Exclude: []Exclusion{{Table: public("orders")}}},
		"children public.orders: limit must": {Roots: root, Children: []Children{{Table: public("orders"), Limit: -1}}},
	} {
		if _, err := m.choose(d, 1); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestParseKey(t *testing.T) {
	column, values, err := ParseKey(`id=42, 77`)
	if err != nil || column != "id" || !slices.Equal(values, []string{"42", "77"}) {
		t.Errorf("got %q, %q, %v", column, values, err)
	}
	if got := among("id", []string{"o'x"}); got != `id IN ('o''x')` {
		t.Errorf("got %s", got)
	}
	for _, text := range []string{"", "id", "id=", "a.b=1", "=1"} {
		if _, _, err := ParseKey(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// A value is refused only if no server accepts it.
func TestValuesThatCannotBe(t *testing.T) {
	for family, c := range map[catalog.Family]struct{ yes, no []string }{
		catalog.Integer:   {[]string{"42", "-1", "+7", "0x1F", "1_000"}, []string{"", "x", "42 unti 2026-12-24", "4 2", "1.5"}},
		catalog.Numeric:   {[]string{"42", "-1.5e3", "NaN", "infinity", "1_0.5"}, []string{"", "x", "1 2"}},
		catalog.UUID:      {[]string{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}"}, []string{"42 unti 2026", "x"}},
		catalog.Text:      {[]string{"", "Jane Doe 2026"}, nil},
		catalog.Timestamp: {[]string{"2026-12-24 10:00", "now"}, nil},
	} {
		for i, value := range append(slices.Clone(c.yes), c.no...) {
			if got := possible(family, value); got != (i < len(c.yes)) {
				t.Errorf("%s %q: %v", family, value, got)
			}
		}
	}
}

func TestPolicyTellsDefinitionsApart(t *testing.T) {
	d := Definition{
		Roots:    []Root{{Table: public("orders"), Column: "id", Values: []string{"42", "77"}}, {Table: public("customers"), Where: "country = 'NL'", Percent: 0.5, Limit: 10}},
		Children: []Children{{}, {Table: public("orders"), Via: []string{"a"}, Limit: 3, Every: true}},
		Exclude:  []Exclusion{{Table: public("audit")}},
	}
	want := map[string]string{
		"subset.roots":    `public.orders key id=["42" "77"]; public.customers where "country = 'NL'" percent 0.5 limit 10`,
		"subset.children": `*; public.orders via ["a"] of every row limit 3`,
		"subset.exclude":  `public.audit`,
	}
	if got := d.Policy(); !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	want["subset.roots"] = `public.orders by key id; public.customers by condition percent 0.5 limit 10`
	if got := d.Summary(); !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A line whose column is no key can name more rows than it has values. The limit counts the rows.
func TestMoreRowsThanTheLimit(t *testing.T) {
	d := Definition{Roots: []Root{{Table: public("products"), Where: "id = 1"}}}
	column := catalog.ColumnName{Table: public("orders"), Column: "b"}
	d.More = More{File: "f", Columns: []catalog.ColumnName{column, {Table: public("oders"), Column: "b"}}, Limit: 1, Lines: []Line{{Root: Root{Table: public("orders"), Column: "b", Values: []string{"2"}}, At: "f:1"}}}
	if _, err := orders().choose(d, 1); err == nil || !strings.Contains(err.Error(), "the lines of f select more than 1 row") {
		t.Errorf("got %v", err)
	}
	d.More.Limit = 2
	m := orders()
	s, err := m.choose(d, 1)
	if err != nil {
		t.Fatal(err)
	}
	if count(m, s)["orders"] != 2 || len(s.Missing()) > 0 {
		t.Errorf("got %v, %v", count(m, s), err)
	}
	d.More.Lines[0].Root.Values = []string{"9"}
	if s, err = orders().choose(d, 1); err != nil || !slices.Equal(s.Missing(), []string{"f:1 names 1 value, and selects 0 rows (the others are not in the source, are excluded, or are a second spelling of a value)"}) {
		t.Errorf("a line without rows: %v, %v", s.Missing(), err)
	}
	d.More.Lines[0].Root.Table = public("oders")
	if _, err = orders().choose(d, 1); err == nil || !strings.Contains(err.Error(), "more: f:1: there is no table public.oders") {
		t.Errorf("a table that does not exist: %v", err)
	}
}
