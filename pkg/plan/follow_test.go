package plan

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

func TestDecisionsFlowDownTheKeys(t *testing.T) {
	db := schema(t,
		"public.a: id int! pk",
		"public.b: id int! pk -> public.a.id",
		"public.c: x int -> public.b.id",
	)
	p := mustBuild(t, db, "tables: {public.a: {columns: {id: {treat: token, range: [1, 1000]}}}}\n")
	root := p.at(t, "a", "id").Use
	for _, c := range []Column{p.at(t, "b", "id"), p.at(t, "c", "x")} {
		if c.Use.Treatment != "token" || c.Use.Domain != root.Domain || root.Domain != "public.a.id" {
			t.Errorf("%s: %+v", c.Name, c.Use)
		}
	}
	if got := p.at(t, "c", "x").Reason; got != "follows public.b.id" {
		t.Error(got)
	}
}

func TestCompositeKeysFlowColumnByColumn(t *testing.T) {
	db := schema(t, "public.a: tenant int!, code text!", "public.b: t int, c text")
	a, b := catalog.Name{Schema: "public", Name: "a"}, catalog.Name{Schema: "public", Name: "b"}
	db.Tables[0].Keys = []catalog.Key{{Name: "a_pkey", Primary: true, Columns: []string{"tenant", "code"}}}
	sketch.Reference(db, b, []string{"t", "c"}, a, []string{"tenant", "code"})
	p := mustBuild(t, db, "tables: {public.a: {columns: {tenant: {keep: x}, code: {treat: token}}}}\n")
	if p.at(t, "b", "t").Use.Treatment != "keep" || p.at(t, "b", "c").Use.Treatment != "token" {
		t.Error("composite keys flow position by position")
	}
	// Without MATCH FULL, a key with one NULL references nothing.
	rules := "tables:\n  public.a: {columns: {tenant: {keep: x}, code: {treat: token}}}\n  public.b: {columns: {c: {treat: null}}}\n"
	mustBuild(t, db, rules)
	db.ForeignKeys[0].MatchFull = true
	if _, err := build(t, db, rules); !strings.Contains(texts(err), "MATCH FULL") {
		t.Error(texts(err))
	}
}

func TestDecisionsNeverFlowUp(t *testing.T) {
	db := schema(t, "public.a: id int! pk", "public.b: aid int -> public.a.id")
	_, err := build(t, db, "tables: {public.b: {columns: {aid: {treat: token, range: [1, 9]}}}}\n")
	var u *Undecided
	if !errors.As(err, &u) || len(u.Columns) != 1 || u.Columns[0].Column != "id" {
		t.Fatal(err)
	}
	if s := u.Snippet(); !strings.Contains(s, "id: {treat: token, range: [1,9]}") {
		t.Errorf("the key is proposed as its child has it:\n%s", s)
	}
}

func TestCirclesNeedOneDecision(t *testing.T) {
	db := schema(t, "public.a: id int! pk -> public.b.id", "public.b: id int! pk -> public.a.id")
	p := mustBuild(t, db, "tables: {public.b: {columns: {id: {keep: x}}}}\n")
	if p.at(t, "a", "id").Reason != "follows public.b.id" {
		t.Error("a circle follows the decided member")
	}
	if _, err := build(t, db, ""); err == nil {
		t.Error("a circle nobody decided on is undecided")
	}
}

func TestTwoParentsMustAgree(t *testing.T) {
	db := schema(t, "public.a: id int! pk", "public.b: id int! pk", "public.c: x int -> public.a.id -> public.b.id")
	mustBuild(t, db, "tables:\n  public.a: {columns: {id: {treat: token, range: [1, 9999]}}}\n  public.b: {columns: {id: {treat: token, range: [1, 9999]}}}\n")
	_, err := build(t, db, "tables:\n  public.a: {columns: {id: {keep: x}}}\n  public.b: {columns: {id: {treat: token, range: [1, 9999]}}}\n")
	if got := texts(err); !strings.Contains(got, "r.yaml:4:24: public.c.x references public.b.id (decided at r.yaml:5:24)") {
		t.Error(got)
	}
}

func TestNotValidKeysStillFlow(t *testing.T) {
	db := schema(t, "public.a: id int! pk", "public.b: aid int -> public.a.id")
	db.ForeignKeys[0].NotValid = true
	p := mustBuild(t, db, "tables: {public.a: {columns: {id: {treat: token, range: [1, 9999]}}}}\n")
	if p.at(t, "b", "aid").Use.Treatment != "token" {
		t.Error("a NOT VALID key still joins")
	}
}

// TestPropagationHoldsOnAnyGraph makes foreign keys and decided columns at random. It checks that Build always ends.
// A column must be decided if it has a rule or references a decided column, directly or through other columns. Every
// other column must be undecided. In a plan, all columns that foreign keys join must have the same treatment and
// domain.
func TestPropagationHoldsOnAnyGraph(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(rt, "tables")
		db := &catalog.Database{}
		name := func(i int) catalog.Name { return catalog.Name{Schema: "s", Name: fmt.Sprintf("t%d", i)} }
		for i := range n {
			db.Tables = append(db.Tables, &catalog.Table{
				Name:    name(i),
				Columns: []catalog.Column{{Name: "id", NotNull: true, Type: catalog.Type{Name: "uuid", Base: "uuid", Family: catalog.UUID}}},
				Keys:    []catalog.Key{{Name: "pk", Primary: true, Columns: []string{"id"}}},
			})
		}
		edges := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) [2]int {
			return [2]int{rapid.IntRange(0, n-1).Draw(rt, "child"), rapid.IntRange(0, n-1).Draw(rt, "parent")}
		}), 0, 12).Draw(rt, "keys")
		for _, e := range edges {
			sketch.Reference(db, name(e[0]), []string{"id"}, name(e[1]), []string{"id"})
		}
		decided := make([]bool, n)
		text := "revision: 1\ntables:\n"
		some := false
		for i := range n {
			if decided[i] = rapid.Bool().Draw(rt, "decided"); decided[i] {
				text, some = text+fmt.Sprintf("  s.t%d: {columns: {id: {treat: token}}}\n", i), true
			}
		}
		if !some {
			text = "revision: 1\n"
		}
		set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(text)}}, nil)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := Build(set, db, "staging")
		var u *Undecided
		missing := map[string]bool{}
		if errors.As(err, &u) {
			for _, m := range u.Columns {
				missing[m.Table.Name] = true
			}
		} else if err != nil {
			rt.Fatal(err)
		}
		for i := range n {
			if missing[name(i).Name] == reached(i, edges, decided, map[int]bool{}) {
				rt.Fatalf("t%d: undecided %v", i, missing[name(i).Name])
			}
		}
		for _, e := range edges {
			if p == nil {
				continue
			}
			c, q := p.Table(name(e[0])).Columns[0].Use, p.Table(name(e[1])).Columns[0].Use
			if c.Treatment != q.Treatment || c.Domain != q.Domain {
				rt.Fatalf("t%d and t%d part: %+v, %+v", e[0], e[1], c, q)
			}
		}
	})
}

// reached reports whether column i is decided, or references a decided column, directly or through other columns.
func reached(i int, edges [][2]int, decided []bool, seen map[int]bool) bool {
	if decided[i] {
		return true
	}
	seen[i] = true
	for _, e := range edges {
		if e[0] == i && !seen[e[1]] && reached(e[1], edges, decided, seen) {
			return true
		}
	}
	return false
}
