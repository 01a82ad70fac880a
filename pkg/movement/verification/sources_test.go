package verification

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/probe"
	"github.com/masker-project/masker/pkg/wire"
)

var people = catalog.Name{Schema: "public", Name: "people"}

// ring gives a keyring's keys to treatments.
type ring struct{ *keyring.Keys }

func (r ring) Seeder(domain string) transform.Seeder { return r.Keys.Seeder(domain) }
func (r ring) Sealer(domain string) transform.Sealer { return r.Keys.Sealer(domain) }

func (r ring) Permutation(domain string, n uint64) transform.Permutation {
	return r.Keys.Permutation(domain, n)
}

func (r ring) Numerals(domain string, radix int) transform.Numerals {
	return r.Keys.Numerals(domain, radix)
}

// described is a watcher that records the sources of the places which it is asked about.
type described struct {
	*watcher
	sources []verify.Source
}

func (d *described) Leaf(column int, at transform.Place) transform.Leaf {
	d.sources = append(d.sources, d.source(&d.layout.Columns[column], at))
	return d.watcher.Leaf(column, at)
}

func begun(t *testing.T, s movement.Subject) *verification {
	t.Helper()
	v, err := Verifier{}.Begin(s)
	if err != nil {
		t.Fatal(err)
	}
	return v.(*verification)
}

// sourcesOf returns the sources that compiling the columns gives.
func sourcesOf(t *testing.T, columns ...plan.Column) []verify.Source {
	t.Helper()
	v := begun(t, movement.Subject{Level: guard.VerifyStrict})
	l := &rewrite.Layout{Table: people, Columns: columns}
	d := &described{watcher: newWatcher(v, l)}
	if _, err := rewrite.Compile(l, rewrite.Options{Keys: ring{rewritetest.Keys(t)}, Watcher: d}); err != nil {
		t.Fatal(err)
	}
	return d.sources
}

// told writes what a source says: its place, class, treatment and label, and its other fields that are set, except Space.
func told(s verify.Source) string {
	text := fmt.Sprintf("%s.%s %s|%s|%s|%s", s.Table, s.Column, s.Path, s.Class, s.Treatment, s.Label)
	if s.Keeps > 0 {
		text += fmt.Sprintf("|keeps %d", s.Keeps)
	}
	if s.Every {
		text += "|every"
	}
	if len(s.Dictionary) > 0 {
		text += "|words"
	}
	return text
}

func classed(c plan.Column, class string) plan.Column {
	c.Class = class
	return c
}

// Each treated place gives a source. A kept column gives none.
func TestPlacesBecomeSources(t *testing.T) {
	text := rewritetest.Type("text", catalog.Text)
	column := func(u transform.Use) plan.Column { return rewritetest.Column(t, "c", "text", catalog.Text, u) }
	array := column(rewritetest.Use("redact"))
	array.Type = catalog.Type{Name: "text[]", Base: "_text", Family: catalog.Array, Elem: &text}
	null := rewritetest.Use("null")
	conditional := rewritetest.Use("redact")
	conditional.When, conditional.Else = "c == 'x'", &null
	conditional.Reads = []transform.Read{{Name: "c", Type: text}}
	paths := transform.Use{Treatment: "json", Paths: []transform.Path{
		{Path: "$.mail", Use: rewritetest.Use("fake.email")}, {Path: "$.note", Use: rewritetest.Use("redact")},
	}}
	document := rewritetest.Column(t, "doc", "jsonb", catalog.JSON, paths)
	for name, c := range map[string]struct {
		column plan.Column
		want   []string
	}{
		"a kept column":               {rewritetest.Kept(t, "c", "text", catalog.Text), nil},
		"the class of the rules":      {classed(column(rewritetest.Use("redact")), "email"), []string{"public.people.c |email|redact|suppressed|every|words"}},
		"the class that is invented":  {column(rewritetest.Use("fake.given_name")), []string{"public.people.c |given_name|fake.given_name|pseudonymised|every|words"}},
		"declared to keep characters": {column(transform.Use{Treatment: "mask", Params: transform.Params{"keep_last": int64(4)}}), []string{"public.people.c ||mask|generalised|keeps 4|every"}},
		"elements of an array":        {array, []string{"public.people.c ||redact|suppressed|words"}},
		"both branches of a condition": {column(conditional), []string{
			"public.people.c ||redact|suppressed|words", "public.people.c ||null|suppressed",
		}},
		"paths of a document, not the class of the column": {classed(document, "free_text"), []string{
			"public.people.doc $.mail|email|fake.email|pseudonymised|words", "public.people.doc $.note||redact|suppressed|words",
		}},
		"a document in a text": {column(paths), []string{
			"public.people.c $.mail|email|fake.email|pseudonymised|words", "public.people.c $.note||redact|suppressed|words",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range sourcesOf(t, c.column) {
				if line := told(s); !slices.Contains(got, line) { // the watcher is asked twice for a path: for texts and for numbers
					got = append(got, line)
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}

// A treatment can have few results. The source then has the number of results from the field Space of the treatment's
// traits.
func TestFewResultsAreTold(t *testing.T) {
	c := rewritetest.Column(t, "c", "int4", catalog.Integer, transform.Use{Treatment: "token", Domain: "d", Params: transform.Params{"range": []any{int64(1), int64(1000)}}})
	if s := sourcesOf(t, c); len(s) != 1 || s[0].Space != 1000 {
		t.Errorf("%+v, want one source with 1000 results", s)
	}
}

// The verification knows only the tables whose rows are loaded, and not the skipped tables. A partition has the columns
// of its root.
func TestTablesAreThoseThatAreLoaded(t *testing.T) {
	name := func(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }
	source := &catalog.Database{Tables: []*catalog.Table{
		{Name: people, Partitioned: true},
		{Name: name("people_1"), Root: &people, PartitionOf: &people},
		{Name: name("people_2"), Root: &people, PartitionOf: &people},
		{Name: name("skipped")},
	}}
	v := begun(t, movement.Subject{Level: guard.VerifyStrict, Source: source})
	mail := classed(rewritetest.Kept(t, "mail", "text", catalog.Text), "email")
	l := &rewrite.Layout{Table: people, Format: wire.Binary, Columns: []plan.Column{
		rewritetest.Kept(t, "id", "int4", catalog.Integer), mail, rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact")),
	}}
	v.Watch().Watcher(l)
	want := probe.Table{Binary: true, Columns: []probe.Column{
		{Name: "id", Kept: true, Compared: true, Tellable: true}, {Name: "mail", Kept: true, Compared: true}, {Name: "name"},
	}}
	for _, leaf := range []string{"people_1", "people_2"} {
		if got := v.tables[name(leaf)]; got.Binary != want.Binary || !slices.Equal(got.Columns, want.Columns) {
			t.Errorf("%s: %+v, want %+v", leaf, got, want)
		}
	}
	if _, there := v.tables[name("skipped")]; there {
		t.Errorf("%v, want no skipped table", slices.Collect(maps.Keys(v.tables)))
	}
}

// The columns of a published target are the kept columns in the ledger's record of the run, even if the source's
// table has other columns now.
func TestAPublishedTargetHasTheColumnsOfItsRecord(t *testing.T) {
	v := begun(t, movement.Subject{
		Level: guard.VerifyStrict, Published: true, Source: &catalog.Database{Tables: []*catalog.Table{{Name: people}}},
		Columns: map[catalog.Name]map[string]bool{people: {"b": true, "a": false}},
	})
	v.Watch().Watcher(&rewrite.Layout{Table: people, Columns: []plan.Column{rewritetest.Kept(t, "c", "text", catalog.Text)}})
	if got := v.tables[people].Columns; !slices.Equal(got, []probe.Column{{Name: "a"}, {Name: "b", Kept: true}}) {
		t.Errorf("%+v", got)
	}
}

// With the level counts, a watcher wants no values. It only compares rows.
func TestCountsCollectsNoValues(t *testing.T) {
	v := begun(t, movement.Subject{Level: guard.VerifyCounts})
	l := &rewrite.Layout{Table: people, Columns: []plan.Column{rewritetest.Kept(t, "c", "text", catalog.Text)}}
	w := newWatcher(v, l)
	if w.Leaf(0, transform.Place{}) != nil || w.Control(0) != nil || !w.Compares(0) {
		t.Error("counts looks at values, or does not compare rows")
	}
}

// The next step after a finding in a document without a path is the treatment redact. It takes every document. A
// treatment for texts does not take XML.
func TestRedactTakesDocuments(t *testing.T) {
	for base, family := range map[string]catalog.Family{"xml": catalog.XML, "json": catalog.JSON, "hstore": catalog.Hstore} {
		column := transform.Column{Name: "doc", Type: rewritetest.Type(base, family)}
		if _, err := library.Check(column, rewritetest.Use("redact")); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := library.Check(transform.Column{Name: "doc", Type: rewritetest.Type("xml", catalog.XML)}, rewritetest.Use("fake.email")); err == nil {
		t.Error("fake.email takes XML, so it can be a next step")
	}
}
