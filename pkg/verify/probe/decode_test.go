package probe_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/verify/probe"
)

// manyTypes has one column for each type that this package decodes. The rows have random values, and some very large
// and very small ones.
const manyTypes = `CREATE EXTENSION hstore; CREATE EXTENSION citext;
	CREATE TYPE pair AS (name text, n int8, inner_ text[]); CREATE DOMAIN mail AS citext; CREATE DOMAIN mails AS mail[];
	CREATE TABLE t (id int, i2 int2, i4 int4, i8 int8, num numeric, num2 numeric(30, 4), u uuid, inet inet, cidr cidr, mac macaddr, mac8 macaddr8,
		txt text, vc varchar(20), ch char(30), ci citext, d mail, j json, jb jsonb, x xml, b bytea, h hstore, tv tsvector, r int8range, tr tstzrange,
		ta text[], na numeric[], ja jsonb[], ba bytea[], ma mails, p pair, pa pair[], nested text[][], f float8, bo bool, ts timestamptz, day date, e point, mo money);
	SELECT setseed(0.5);
	INSERT INTO t SELECT g, (random() * 60000 - 30000)::int2, (random() * 4e9 - 2e9)::int4, (random() * 1e18 - 5e17)::int8,
		CASE WHEN g % 7 = 0 THEN 'NaN' WHEN g % 11 = 0 THEN 'Infinity' ELSE (random() - 0.5)::numeric * power(10::numeric, g % 60 - 20) END, random() * 1e20,
		gen_random_uuid(), ('10.' || g % 256 || '.3.4/' || g % 33)::inet, CASE g % 2 WHEN 0 THEN '2001:db8::/32'::cidr ELSE '10.1.2.3/32' END, '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05',
		CASE g % 3 WHEN 0 THEN E'a\tb\\\\c\n\r\b\f\v' ELSE 'ü "' || g || '"' END, 'vc ' || g, 'ch ' || g, 'Ci ' || g, 'D' || g || '@example.com',
		json_build_object('k', E'a\t"\\' || g, 'n', 123456789 + g), jsonb_build_object('k', E'ü\n' || g, 'l', ARRAY['x', 'y']), ('<a>x' || g || '</a>')::xml, decode(md5(g::text), 'hex'),
		hstore(ARRAY['k"1', 'v"' || g, 'k', NULL]), to_tsvector('english', 'word ' || g), int8range(123456789 + g, 999999999), tstzrange(now(), NULL),
		ARRAY['a,b', 'NULL', NULL, '', E'q"\\' || g, '{}'], ARRAY[g * 1e9, NULL], ARRAY['{"k":"v"}'::jsonb], ARRAY['\x00ff'::bytea, '\x'], ARRAY['M' || g || '@x.org']::mails,
		ROW(E'n,"\\' || g, 1234567890, ARRAY['in"ner', NULL])::pair, ARRAY[ROW('one', NULL, NULL)::pair, NULL, ROW('', 5, '{}')::pair], ARRAY[['1', '2'], ['3', 'x' || g]],
		random(), true, now(), now(), '(1,2)', 5
	FROM generate_series(1, 40) g;
	INSERT INTO t (id, num, ta, i8, num2, inet) VALUES (0, 0, '[2:3]={a,b}', -9223372036854775808, 0.0001, '::1'), (-1, 'Infinity', '{}', 99999999, -10000.5, '1.2.3.4/0'), (-2, '-Infinity', NULL, 100000000, 1e25, '::ffff:1.2.3.4')`

// TestV8DecodersAgreeWithTheServer reads one table in COPY binary and in COPY text. The same values must be looked up
// both times, and they must be equal to the texts that the server prints.
func TestV8DecodersAgreeWithTheServer(t *testing.T) {
	create(t, "types", "", manyTypes)
	seen := map[bool]*probe.Looking{}
	for _, binary := range []bool{true, false} {
		seen[binary], _ = look(t, "types", probe.Options{Tables: tables(t, "types", binary), Values: true})
	}
	for _, column := range []string{
		"i4", "i8", "num", "num2", "u", "inet", "cidr", "mac", "mac8", "txt", "vc", "ch", "ci", "d", "x", "tv", "r",
		"ta", "na", "ma", "nested", "b", "ba", "j $.k", "j $.n", "jb $.k", "jb $.l[*]", "ja $.k", "h *", "h k", "p name", "p n", "p inner_", "pa name",
	} {
		at := "public.t." + column
		binary, text := seen[true].Cells(at), seen[false].Cells(at)
		if !slices.Equal(binary, text) {
			t.Errorf("%s: %q in binary, %q as text", column, binary, text)
		}
		if len(text) == 0 && column != "h k" {
			t.Errorf("%s: nothing was looked at", column)
		}
	}
	for column, query := range map[string]string{
		"i4": `SELECT i4::text FROM t WHERE abs(i4) >= 1e8`, "i8": `SELECT i8::text FROM t WHERE i8 IS NOT NULL AND abs(i8::numeric) >= 1e8`,
		"num":  `SELECT num::text FROM t WHERE length(regexp_replace(num::text, '\D', '', 'g')) >= 9`,
		"num2": `SELECT num2::text FROM t WHERE length(regexp_replace(num2::text, '\D', '', 'g')) >= 9`,
		"u":    `SELECT u::text FROM t WHERE u IS NOT NULL`, "inet": `SELECT format('%s', inet) FROM t`, "cidr": `SELECT cidr::text FROM t WHERE cidr IS NOT NULL`,
		"mac": `SELECT mac::text FROM t WHERE mac IS NOT NULL`, "mac8": `SELECT mac8::text FROM t WHERE mac8 IS NOT NULL`,
		"txt": `SELECT txt FROM t WHERE txt IS NOT NULL`, "ta": `SELECT v FROM t, unnest(ta) v WHERE v IS NOT NULL`,
		"ma": `SELECT v::text FROM t, unnest(ma) v`, "nested": `SELECT v FROM t, unnest(nested) v`,
		"j $.k": `SELECT j->>'k' FROM t WHERE j IS NOT NULL`, "jb $.l[*]": `SELECT v FROM t, jsonb_array_elements_text(jb->'l') v`,
		"h *": `SELECT h->'k"1' FROM t WHERE h IS NOT NULL`, "p name": `SELECT (p).name FROM t WHERE p IS NOT NULL`, "pa name": `SELECT v.name FROM t, unnest(pa) v WHERE v.name IS NOT NULL`,
		"na": `SELECT v::text FROM t, unnest(na) v WHERE v IS NOT NULL`, "p inner_": `SELECT v FROM t, unnest((p).inner_) v WHERE v IS NOT NULL`,
	} {
		want := list(t, "types", query)
		want = want[:min(len(want), 100)] // the Lookup of the tests keeps at most 100 values
		if got := seen[true].Cells("public.t." + column); len(want) > 0 && !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", column, got, want)
		}
	}
	for _, column := range []string{"f", "bo", "ts", "day", "e", "tr", "mo"} {
		if n := seen[true].Skipped("public.t." + column + ": type"); n != 40 {
			t.Errorf("%s: %d values were skipped", column, n)
		}
	}
	if n := seen[true].Skipped("public.t.i2: too short"); n != 40 {
		t.Errorf("%d short numbers were skipped", n)
	}
}

func TestKeptCellsAreThoseOfCopy(t *testing.T) {
	create(t, "kept", "", `CREATE TABLE p (a int, b text, c text, d text, g text GENERATED ALWAYS AS (b || 'g') STORED) PARTITION BY LIST (a);
		CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 (d text, c text, b text, a int, g text GENERATED ALWAYS AS (b || 'g') STORED);
		ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2); INSERT INTO p VALUES (1, 'b1', 'c1', 'd1'), (2, 'b2', NULL, 'd2')`)
	all := tables(t, "kept", false)
	for n, table := range all {
		table.Columns = nil
		for _, c := range strings.Split("a b c d", " ") {
			table.Columns = append(table.Columns, probe.Column{Name: c, Kept: c != "b", Compared: c != "b"})
		}
		all[n] = table
	}
	l, _ := look(t, "kept", probe.Options{Tables: all, Sums: true})
	rows, kept := l.Rows("public.p")
	if slices.Sort(kept); rows != 2 || !slices.Equal(kept, []string{"1|c1\td1|", "2|\\N\td2|"}) {
		t.Errorf("%d rows, %q", rows, kept)
	}
	if len(l.Cells("public.p.b")) != 0 {
		t.Error("values were looked up")
	}
}
