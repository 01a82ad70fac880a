package catalog

import (
	"slices"
	"testing"
)

func TestNamesOfObjects(t *testing.T) {
	for given, want := range map[string]string{
		"public.Big_Idx":                           "public.big_idx",
		` public."Big Idx"`:                        `public."Big Idx"`,
		`public.t."check"`:                         `public.t."check"`,
		"CAST ( character  varying AS  jsonb )":    "cast (character varying as jsonb)",
		`cast(public."My Type" as text)`:           `cast (public."My Type" as text)`,
		"Operator Class public.my_ops USING btree": "operator class public.my_ops using btree",
		`operator family "S".my_ops using "gist"`:  `operator family "S".my_ops using gist`,
		"castle.wall":                              "castle.wall",
	} {
		if got, err := ParseObjectName(given); err != nil || got != want {
			t.Errorf("%s: got %s, %v", given, got, err)
		}
	}
	for _, given := range []string{"", "t", "a.b.c.d", "cast (text)", "operator class public.my_ops", "operator class my_ops using btree", "public.a b"} {
		if got, err := ParseObjectName(given); err == nil {
			t.Errorf("%s: got %s", given, got)
		}
	}
}

func TestPartsGoWithTheWhole(t *testing.T) {
	d := &Database{Objects: []Object{
		{Kind: KindIndex, Name: "s.part_idx", Of: "index s.mid_idx"},
		{Kind: KindIndex, Name: "s.mid_idx", Of: "index s.root_idx"},
		{Kind: KindIndex, Name: "s.root_idx"},
		{Kind: KindCheck, Name: "s.base.c"},
		{Kind: KindCheck, Name: "s.child.c", Of: "check s.base.c", Local: true},
	}}
	names := func(objects []Object) (out []string) {
		for _, o := range objects {
			out = append(out, o.Name)
		}
		slices.Sort(out)
		return out
	}
	for _, c := range []struct{ given, want []string }{
		{[]string{"s.root_idx"}, []string{"s.mid_idx", "s.part_idx", "s.root_idx"}},
		{[]string{"s.base.c"}, []string{"s.base.c"}},
		{[]string{"s.base.c", "s.child.c"}, []string{"s.base.c", "s.child.c"}},
		{[]string{"s.other"}, nil},
	} {
		if got := names(d.WithParts(c.given)); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v", c.given, got)
		}
	}
}

func TestTheLineIsQuotedForYAML(t *testing.T) {
	o := Object{Kind: KindIndex, Name: `public."a\\b"`}
	if got, want := o.Line(), `objects: {leave_out: {"public.\"a\\\\b\"": "the reason"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
