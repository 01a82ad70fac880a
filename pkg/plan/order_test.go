package plan

import (
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
)

// P1: if any column is treated, the rows of each table are shuffled. There are two exceptions: kept columns identify
// every row and no date of the table is treated, or a rule keeps the order.
func TestP1RowsAreShuffledUnlessAKeyIsKept(t *testing.T) {
	const keepAll, tokenID = "{keep: x, only: [id, n]}", "{keep: x, only: [n], columns: {id: {treat: token, range: [1, 2000000000]}}}"
	for name, c := range map[string]struct {
		columns, rules string
		change         func(*catalog.Table) // nil for none
		shuffled       bool
	}{
		"a treated key":               {"id int! pk, n int", tokenID, nil, true},
		"a kept key":                  {"id int! pk, n int", keepAll, nil, false},
		"no key":                      {"id int, n int", keepAll, nil, true},
		"another key that is kept":    {"id int! pk, n int! unique", tokenID, nil, false},
		"a kept key that may be NULL": {"id int! pk, n int unique", tokenID, nil, true},
		"a key with a treated column": {"id int!, n int!", tokenID, func(t *catalog.Table) {
			t.Keys = []catalog.Key{{Name: "t_pkey", Primary: true, Columns: []string{"n", "id"}}}
		}, true},
		"a key of two kept columns": {"id int!, n int!", keepAll, func(t *catalog.Table) {
			t.Keys = []catalog.Key{{Name: "t_pkey", Primary: true, Columns: []string{"n", "id"}}}
		}, false},
		"a key of some rows": {"id int!, n int!", keepAll, func(t *catalog.Table) {
			t.Keys = []catalog.Key{{Name: "t_n", Columns: []string{"n"}, Predicate: "(n > 0)"}}
		}, true},
		"a key of an expression": {"id int!, n int!", keepAll, func(t *catalog.Table) {
			t.Keys = []catalog.Key{{Name: "t_n", Columns: []string{"n"}, Members: []string{"(n / 2)"}}}
		}, true},
		"a key of a constant": {"id int!, n int!", keepAll, func(t *catalog.Table) {
			t.Keys = []catalog.Key{{Name: "t_one", Members: []string{"(1)"}}}
		}, true},
		"a key of a computed column":       {"id int! pk, n int!, g int! gen unique", tokenID, nil, true},
		"a conditional key":                {"id int! pk, n int", "{keep: x, only: [n], columns: {id: {treat: token, range: [1, 2000000000], when: 'n == 1', else: {keep: x}}}}", nil, true},
		"an order that is kept":            {"id int! pk, n int", tokenID[:len(tokenID)-1] + ", order: {keep: BRIN}}", nil, false},
		"a kept key beside a treated date": {"id int! pk, d date", "{subject: id, columns: {id: {keep: x}, d: {treat: shift}}}", nil, true},
		"a kept key beside a kept date":    {"id int! pk, d date", "{keep: x, only: [id, d]}", nil, false},
		"a skipped table":                  {"id int! pk, n int", "{skip: x}", nil, false},
	} {
		db := sketch.Schema(t, "public.t: "+c.columns, "public.treated: mail text")
		if c.change != nil {
			c.change(db.Tables[0])
		}
		p, err := Build(sketch.Rules(t, sketch.Head+"tables:\n  public.t: "+c.rules+"\n  public.treated: {columns: {mail: {treat: redact}}}\n"), db, "staging")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := p.Tables[0].Shuffled; got != c.shuffled {
			t.Errorf("%s: shuffled %v", name, got)
		}
	}
}

// A target in which no column is treated is a copy. Its rows have the source's order.
func TestACopyKeepsItsOrder(t *testing.T) {
	db := sketch.Schema(t, "public.t: id int, n int")
	p, err := Build(sketch.Rules(t, sketch.Head+"tables:\n  public.t: {keep: x, only: [id, n]}\n"), db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	if p.Tables[0].Shuffled {
		t.Error("a copy is shuffled")
	}
	if p, err = Copy(db, "staging"); err != nil || p.Tables[0].Shuffled {
		t.Errorf("a copy without rules is shuffled: %v", err)
	}
}

// P1, P5: the source adds people one after the other, so their order tells about when each person was added. Somebody who
// compares this time with the shifted dates of the person in another table learns by how many days they were shifted.
func TestP1TablesOfSubjectsWhoseDatesMoveAreShuffled(t *testing.T) {
	db := sketch.Schema(t, "public.people: id int! pk", "public.orders: n int! pk, person int! -> public.people.id, placed date", "public.countries: id int! pk")
	p, err := Build(sketch.Rules(t, sketch.Head+`tables:
  public.people: {keep: x, only: [id]}
  public.orders: {keep: x, only: [n, person], subject: person, columns: {placed: {treat: shift}}}
  public.countries: {keep: x, only: [id]}
`), db, "staging")
	if err != nil {
		t.Fatal(texts(err))
	}
	for _, table := range p.Tables {
		if want := table.Name.Name != "countries"; table.Shuffled != want {
			t.Errorf("%s: shuffled %v", table.Name, table.Shuffled)
		}
	}

	// A kept number that grows with the order tells as much as the order.
	db.Table(catalog.Name{Schema: "public", Name: "orders"}).Column("n").Stats.Correlation = -0.99
	if p, err = Build(sketch.Rules(t, sketch.Head+`tables:
  public.people: {keep: x, only: [id]}
  public.orders: {keep: x, only: [n, person], subject: person, columns: {placed: {treat: shift}}}
  public.countries: {keep: x, only: [id]}
`), db, "staging"); err != nil {
		t.Fatal(texts(err))
	}
	for _, table := range p.Tables {
		if table.Name.Name == "orders" && table.Shuffled {
			t.Error("a table is shuffled whose kept key has the source's order")
		}
	}
}
