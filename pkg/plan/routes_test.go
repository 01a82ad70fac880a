package plan

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestWhatPartitionsTake(t *testing.T) {
	const jan, feb = "((d IS NOT NULL) AND (d >= '2024-01-01'::date) AND (d < '2024-02-01'::date))", "((d IS NOT NULL) AND (d >= '2024-02-01'::date) AND (d < '2024-03-01'::date))"
	for name, c := range map[string]struct {
		bounds         []string
		all, one, null bool
		least, most    string
	}{
		"two months":                   {bounds: []string{jan, feb}, one: true, least: "2024-01-01", most: "2024-02-29"},
		"the order does not matter":    {bounds: []string{feb, jan}, one: true, least: "2024-01-01", most: "2024-02-29"},
		"a gap":                        {bounds: []string{jan, "((d IS NOT NULL) AND (d >= '2024-05-01'::date))"}},
		"no ends":                      {bounds: []string{"((d IS NOT NULL) AND (d < '2024-01-01'::date))", "((d IS NOT NULL) AND (d >= '2024-01-01'::date))"}, all: true, one: true},
		"no lower end":                 {bounds: []string{"((d IS NOT NULL) AND (d < '2024-01-01'::date))"}, one: true, most: "2023-12-31"},
		"a default partition":          {bounds: []string{jan, "(NOT ((d IS NOT NULL) AND ((d >= '2024-01-01'::date) AND (d < '2024-02-01'::date))))"}, all: true, one: true, null: true},
		"a default, and a gap":         {bounds: []string{jan, "(NOT ((d IS NOT NULL) AND (((d >= '2024-01-01'::date) AND (d < '2024-02-01'::date)) OR ((d >= '2024-03-01'::date) AND (d < '2024-04-01'::date)))))"}, null: true},
		"a list":                       {bounds: []string{"((d IS NULL) OR (d = ANY (ARRAY['2024-01-01'::date, '2024-01-02'::date])))"}, null: true},
		"hashes":                       {bounds: []string{"satisfies_hash_partition('9'::oid, 2, 0, d)", "satisfies_hash_partition('9'::oid, 4, 1, d)", "satisfies_hash_partition('9'::oid, 4, 3, d)"}, all: true, one: true, null: true},
		"hashes that are not whole":    {bounds: []string{"satisfies_hash_partition('9'::oid, 2, 0, d)"}},
		"other columns alike":          {bounds: []string{"(" + jan + " AND (r = 'a'::text))", "(" + feb + " AND (r = 'a'::text))"}, one: true, least: "2024-01-01", most: "2024-02-29"},
		"other columns differ":         {bounds: []string{"(" + jan + " AND (r = 'a'::text))", "(" + feb + " AND (r = 'b'::text))"}},
		"other columns take all":       {bounds: []string{jan, "(" + feb + " AND (r IS NOT NULL) AND (r = 'a'::text))", "(" + feb + " AND (NOT ((r IS NOT NULL) AND (r = 'a'::text))))"}, one: true, least: "2024-01-01", most: "2024-02-29"},
		"other columns, but not NULL":  {bounds: []string{jan, "(" + feb + " AND (r IS NOT NULL))"}},
		"one month has other hashes":   {bounds: []string{jan, "(" + feb + " AND satisfies_hash_partition('9'::oid, 1, 0, r))"}, one: true, least: "2024-01-01", most: "2024-02-29"},
		"one month lacks hashes":       {bounds: []string{jan, "(" + feb + " AND satisfies_hash_partition('9'::oid, 2, 0, r))"}},
		"an expression, without limit": {bounds: []string{"((date_trunc('month'::text, d) IS NOT NULL))"}, all: true, one: true, null: true},
		"an expression, with a limit":  {bounds: []string{"((date_trunc('month'::text, d) IS NOT NULL) AND (date_trunc('month'::text, d) < '2024-01-01'::date))"}},
		"the second column of a range": {bounds: []string{"((r IS NOT NULL) AND (d IS NOT NULL) AND ((r > 'a'::text) OR ((r = 'a'::text) AND (d >= '2024-01-01'::date))))"}},
		"a condition of the own":       {bounds: []string{jan, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			db := schema(t, "public.t: d date part, r text part")
			root := db.Tables[0]
			root.Partitioned, root.PartKey = true, []string{"d", "r"}
			for i, bound := range c.bounds {
				db.Tables = append(db.Tables, &catalog.Table{Name: catalog.Name{Schema: "public", Name: "t" + string(rune('0'+i))}, Columns: root.Columns, PartitionOf: &root.Name, Root: &root.Name, Bound: bound})
			}
			b := newBuilder(rules(t, rulesHead+"tables: {public.t: {skip: x}}\n"), db, "staging")
			state := b.byName[root.Name]
			r := b.routesOf(state, "d")
			if r.known != (name != "a condition of the own") || r.known && (r.all != c.all || r.one != c.one || r.takesNull() != c.null) {
				t.Errorf("known %v, all %v, one %v, null %v", r.known, r.all, r.one, r.takesNull())
			}
			if typ := state.column("d").cat.Type; typ.First != c.least || typ.Last != c.most {
				t.Errorf("%q to %q", typ.First, typ.Last)
			}
		})
	}
}

func TestReferencedColumnsHaveNoRangeOfPartitions(t *testing.T) {
	for _, reference := range []string{"", " -> public.t.d"} {
		db := schema(t, "public.l: d date"+reference, "public.t: d date unique part")
		for _, tab := range db.Tables {
			if tab.Name.Name == "t" {
				tab.Partitioned = true
				db.Tables = append(db.Tables, &catalog.Table{Name: catalog.Name{Schema: "public", Name: "t1"}, Columns: tab.Columns, PartitionOf: &tab.Name, Root: &tab.Name, Bound: "((d IS NOT NULL) AND (d >= '2024-01-01'::date))"})
			}
		}
		b := newBuilder(rules(t, rulesHead+"tables: {public.t: {skip: x}}\n"), db, "staging")
		if first := b.byName[catalog.Name{Schema: "public", Name: "t"}].column("d").cat.Type.First; (first == "") != (reference != "") {
			t.Errorf("%q: %q", reference, first)
		}
	}
}
