package postgres_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

func TestEverythingThatStoresRowsIsListed(t *testing.T) {
	create(t, "listed", "", `CREATE TABLE plain (id int PRIMARY KEY, email text, upper_email text GENERATED ALWAYS AS (upper(email)) STORED);
		CREATE TABLE parts (k int, v text, PRIMARY KEY (k)) PARTITION BY LIST (k);
		CREATE TABLE part1 PARTITION OF parts FOR VALUES IN (1);
		CREATE TABLE child (more text) INHERITS (plain);
		CREATE UNLOGGED TABLE loose (a int);
		CREATE SCHEMA "pg catalog"; CREATE TABLE "pg catalog"."T" (a int);
		CREATE MATERIALIZED VIEW seen AS SELECT email FROM plain;
		CREATE MATERIALIZED VIEW unfilled AS SELECT 1 WITH NO DATA; CREATE VIEW not_stored AS SELECT 1; CREATE SEQUENCE s;
		SET allow_system_table_mods = on; CREATE TABLE information_schema.hidden (a text)`)
	d := open(t, "listed", postgres.Options{})
	got := relations(t, d)
	for _, name := range []string{"public.plain", "public.part1", "public.child", "public.loose", `"pg catalog"."T"`, "public.seen", "information_schema.hidden"} {
		if got[name] == nil {
			t.Errorf("%s is not listed", name)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d relations are listed", len(got))
	}
	if r := got["public.plain"]; len(r.Columns) != 3 || !r.Columns[2].Generated || strings.Join(r.Primary, " ") != "id" || !r.Binary || !r.Cuttable || r.View {
		t.Errorf("got %+v", r)
	}
	if r := got["public.part1"]; r.Root.String() != "public.parts" || got["public.child"].Root != got["public.child"].Name {
		t.Errorf("the root of %s is %s", r.Name, r.Root)
	}
	if !got["public.seen"].View {
		t.Error("the materialized view is not marked")
	}
}

func TestRowsAreReadAsCopyHasThem(t *testing.T) {
	create(t, "formats", "", `CREATE TABLE t (id int8, note text); INSERT INTO t VALUES (258, E'a\tb'), (NULL, '')`)
	d := open(t, "formats", postgres.Options{})
	rel := relations(t, d)["public.t"]
	for _, c := range []struct {
		binary bool
		want   string
	}{
		{false, "258\ta\\tb\n|\\N\t\n"},
		{true, "\x00\x02\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x01\x02\x00\x00\x00\x03a\tb|\x00\x02\xff\xff\xff\xff\x00\x00\x00\x00"},
	} {
		var got rows
		if err := read(t, d, want(rel, c.binary), &got); err != nil {
			t.Fatal(err)
		}
		if s := strings.Join(got.rows, "|"); s != c.want {
			t.Errorf("got %q, want %q", s, c.want)
		}
	}
}

func TestPartsOfARelationHaveAllRowsOnce(t *testing.T) {
	create(t, "parts", "", `CREATE TABLE t AS SELECT g, repeat('x', 500) FROM generate_series(1, 1000) g; CREATE MATERIALIZED VIEW v AS SELECT * FROM t`)
	d := open(t, "parts", postgres.Options{})
	for _, name := range []string{"public.t", "public.v"} {
		rel := relations(t, d)[name]
		seen := map[string]bool{}
		for from := uint32(0); from < rel.Pages; from += 7 {
			w := want(rel, false)
			if w.From, w.To = from, from+7; w.To >= rel.Pages {
				w.To = 0
			}
			var got rows
			if err := read(t, d, w, &got); err != nil {
				t.Fatal(err)
			}
			for _, r := range got.rows {
				seen[r] = true
			}
		}
		if len(seen) != 1000 {
			t.Errorf("%s: %d rows", name, len(seen))
		}
	}
}

func TestColumnsWithoutADecoderAreReadAsText(t *testing.T) {
	create(t, "cast", "", `CREATE TABLE t (p point); INSERT INTO t VALUES ('(1,2)')`)
	d := open(t, "cast", postgres.Options{})
	w := want(relations(t, d)["public.t"], true)
	w.Texts = []string{"p"}
	var got rows
	if err := read(t, d, w, &got); err != nil || !strings.HasSuffix(got.rows[0], "\x00\x00\x00\x05(1,2)") {
		t.Errorf("got %q, %v", got.rows, err)
	}
}

// texts returns the kind and the object of each text of a database that has the word.
func texts(t *testing.T, d *postgres.Database, word string) map[string]bool {
	t.Helper()
	var list []probe.Text
	err := d.Texts(t.Context(), func(x probe.Text) error {
		if strings.Contains(string(x.Text), word) {
			x.Text = nil
			list = append(list, x)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, x := range list {
		place, err := d.Describe(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		object := place.Path
		if place.Column != "" {
			object += " of " + place.Table.Column(place.Column)
		}
		for _, word := range []string{"comment on ", "label of ", "definition of ", "position of "} {
			object = strings.TrimPrefix(object, word)
		}
		got[x.Kind+": "+object] = true
	}
	return got
}
