package probe_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// places is the script of a database that has a word in each kind of place. In the script, $ stands for the word.
const places = `CREATE EXTENSION hstore; CREATE TYPE address AS (street text, zip text, tags text[]); CREATE TYPE mood AS ENUM ('fine', '$');
	CREATE TABLE kept (id int PRIMARY KEY, note text, up text GENERATED ALWAYS AS ('=' || note) STORED, more text DEFAULT '$');
	INSERT INTO kept (id, note, more) SELECT g, CASE WHEN g % 100 = 7 THEN 'about $, again' ELSE 'nothing' END, 'x' FROM generate_series(1, 300) g;
	CREATE TABLE copies (a text, b char(40), c varchar, d name, e plain, x xml); INSERT INTO copies VALUES ('$', '$', '$', '$', '$', '<p>$</p>');
	CREATE TABLE documents (id uuid PRIMARY KEY, j json, jb jsonb, h hstore, t text[], m address, ma address[], tv tsvector);
	INSERT INTO documents VALUES ('00000000-0000-0000-0000-000000000001', '{"old": {"email": "$"}, "list": [{"k": "$"}]}', '{"$": 1, "deep": ["$"]}', 'k=>"$", $=>1',
		ARRAY['a', 'x $'], ROW('at $', '1', ARRAY['$']), ARRAY[ROW('', '$', NULL)::address], '$'), (gen_random_uuid(), '{}', '[]', '', '{}', NULL, NULL, '');
	CREATE TABLE files (b bytea, ba bytea[]); INSERT INTO files VALUES ('\x00ff' || '$'::bytea || '\x00'::bytea, ARRAY['$'::bytea]);
	CREATE TABLE hashed (md5 text, raw bytea); INSERT INTO hashed VALUES (md5('$'), decode(md5('$'), 'hex'));
	CREATE TABLE parts (k int, v text) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF parts FOR VALUES IN (1); INSERT INTO parts VALUES (1, '$');
	CREATE TABLE parent (v text); CREATE TABLE child (w text) INHERITS (parent); INSERT INTO child VALUES ('$', '$');
	CREATE UNLOGGED TABLE loose (r textrange, big text); INSERT INTO loose VALUES (textrange('$', NULL), repeat('-', 2000000) || '$');
	CREATE MATERIALIZED VIEW mv AS SELECT note AS n FROM kept; CREATE VIEW v AS SELECT '$' AS x;
	COMMENT ON COLUMN kept.note IS 'as in $'; SELECT lo_from_bytea(4711, '\x00' || '$'::bytea);
	CREATE TABLE empty ();`

func TestV2V3AValueIsFoundWhereverItStands(t *testing.T) {
	const before = `CREATE DOMAIN plain AS text; CREATE TYPE textrange AS RANGE (SUBTYPE = text, COLLATION = "C"); `
	create(t, "planted", "", before+replace(places, "canary"))
	create(t, "control", "", before+replace(places, "robins"))
	digest := list(t, "planted", `SELECT md5('canary')`)[0]
	want := map[string]int{
		"public.kept.note: canary": 3, "public.kept.up: canary": 3, "public.copies.a: canary": 1, "public.copies.b: canary": 1,
		"public.copies.c: canary": 1, "public.copies.d: canary": 1, "public.copies.e: canary": 1, "public.copies.x: canary": 1,
		"public.documents.j $.old.email: canary": 1, "public.documents.j $.list[*].k: canary": 1, "public.documents.jb: canary": 1,
		"public.documents.jb $.deep[*]: canary": 1, "public.documents.h k: canary": 1, "public.documents.h: canary": 1, "public.documents.t: canary": 1,
		"public.documents.m street: canary": 1, "public.documents.m tags: canary": 1, "public.documents.ma zip: canary": 1, "public.documents.tv: canary": 1,
		"public.files.b: canary": 1, "public.files.ba: canary": 1, "public.hashed.md5: " + digest: 1, "public.parts.v: canary": 1,
		"public.child.v: canary": 1, "public.child.w: canary": 1, "public.loose.r: canary": 1, "public.loose.big: canary": 1, "public.mv.n: canary": 3,
		"pg_catalog.pg_largeobject.data: canary": 1, "public.v definition of rule _RETURN on view public.v: canary": 1,
		"public.kept comment on column note of table public.kept: canary":                      1,
		"public.kept definition of default value for column more of table public.kept: canary": 1, "public.mood label of type public.mood: canary": 1,
	}
	for _, binary := range []bool{false, true} {
		for _, workers := range []int{1, 3} {
			o := probe.Options{Workers: workers, Values: true, Sums: true, Tables: tables(t, "planted", binary)}
			got, _ := look(t, "planted", o, "canary", digest)
			for _, at := range slices.Sorted(maps.Keys(want)) {
				if got.Found(at) != want[at] {
					t.Errorf("binary %v: %s: %d rows, want %d", binary, at, got.Found(at), want[at])
				}
			}
			if n := len(got.Places()); n != len(want) {
				t.Errorf("binary %v: %d places, want %d: %q", binary, n, len(want), got.Places())
			}
			for at, key := range map[string]string{
				"public.documents.jb: canary": "id = 00000000-0000-0000-0000-000000000001", "public.copies.a: canary": "", "pg_catalog.pg_largeobject.data: canary": "loid = 4711",
			} {
				if got.Key(at) != key {
					t.Errorf("binary %v: the key of %s is %q", binary, at, got.Key(at))
				}
			}
			if key := got.Key("public.kept.note: canary"); key != "id = 7" && key != "id = 107" && key != "id = 207" {
				t.Errorf("binary %v: the key is %q", binary, key)
			}
			if rows, _ := got.Rows("public.parts"); rows != 1 {
				t.Errorf("binary %v: %d rows of a partition", binary, rows)
			}
		}
	}
	got, _ := look(t, "control", probe.Options{Values: true, Tables: tables(t, "control", true)}, "canary", digest)
	if len(got.Places()) > 0 {
		t.Errorf("found in the control: %q", got.Places())
	}
}

// The key of a row is itself a value of the source. The row is found, and the report does not show its key.
func TestAKeyThatIsFoundIsNotTold(t *testing.T) {
	create(t, "keys", "", `CREATE TABLE t (id int8 PRIMARY KEY, note text); INSERT INTO t VALUES (1234567890, 'word'), (5, 'word'), (1234567891, 'x')`)
	for _, binary := range []bool{false, true} {
		got, _ := look(t, "keys", probe.Options{Values: true, Tables: tables(t, "keys", binary)}, "1234567890", "word")
		if got.Key("public.t.id: 1234567890") != "" || got.Found("public.t.note: word") != 2 || got.Key("public.t.note: word") != "id = 5" {
			t.Errorf("binary %v: %q, %q", binary, got.Key("public.t.id: 1234567890"), got.Key("public.t.note: word"))
		}
		all := tables(t, "keys", binary)
		all[catalog.Name{Schema: "public", Name: "t"}].Columns[0].Tellable = false
		if got, _ := look(t, "keys", probe.Options{Values: true, Tables: all}, "word"); got.Key("public.t.note: word") != "" {
			t.Errorf("the key %q is told", got.Key("public.t.note: word"))
		}
	}
}
