package integration

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// ring gives the functions of a keyring to treatments, like a refresh.
type ring struct{ of *keyring.Keys }

func (r ring) Seeder(domain string) transform.Seeder { return r.of.Seeder(domain) }

func (r ring) Sealer(domain string) transform.Sealer { return r.of.Sealer(domain) }

func (r ring) Permutation(domain string, n uint64) transform.Permutation {
	return r.of.Permutation(domain, n)
}

func (r ring) Numerals(domain string, radix int) transform.Numerals {
	return r.of.Numerals(domain, radix)
}

// PostgreSQL accepts the results for values with parts, such as composites. Each part is treated as its rule says.
func TestPartsAreReadByTheServer(t *testing.T) {
	t.Parallel()
	url := database(t, Server(t), "parts", `CREATE EXTENSION hstore;
		CREATE TYPE pair AS (a text, n int, l text[]);
		CREATE TYPE span AS RANGE (subtype = text);
		CREATE TABLE v (h hstore, p pair, ps pair[], r int4range, d daterange, m datemultirange, s span, x xml, j jsonb, b bytea)`)
	db, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	first := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}
	list := func(treatment string, names ...string) transform.Use {
		u := transform.Use{Treatment: treatment}
		for _, n := range names {
			u.Paths = append(u.Paths, transform.Path{Path: n, Use: first})
		}
		return u
	}
	pair := list("fields", "a", "l")
	pair.Paths = append(pair.Paths, transform.Path{Path: "n", Use: transform.Use{Treatment: "redact"}})
	shift := transform.Use{Treatment: "shift"}
	token := transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(0), int64(1000)}}}
	for _, c := range []struct {
		column, value string
		use           transform.Use
		check, want   string // an expression with the result as $1, and its expected value
	}{
		{"h", `hstore(ARRAY['a', 'x"\,=> y', 'é', NULL])`, list("hstore", "*"), `akeys($1::hstore)::text || ($1::hstore -> 'a') || (($1::hstore -> 'é') IS NULL)`, `{a,é}x*******true`},
		{"p", `ROW('a, "b" (c) \', 7, ARRAY['x y', NULL, '{,}'])::pair`, pair, `($1::pair).a || ($1::pair).n || ($1::pair).l::text`, `a***********0{x**,NULL,"{**"}`},
		{"p", `ROW('', NULL, '{}')::pair`, pair, `'[' || ($1::pair).a || ']' || (($1::pair).n IS NULL) || ($1::pair).l::text`, `[]true{}`},
		{"ps", `ARRAY[ROW('ab', 1, ARRAY['c"d']), NULL]::pair[]`, pair, `($1::pair[])[1].a || ($1::pair[])[1].l[1] || (($1::pair[])[2] IS NULL)`, `a*c**true`},
		{"r", `'[3,900]'::int4range`, token, `(lower($1::int4range) < upper($1::int4range))::text || lower_inc($1::int4range)`, `truetrue`},
		{"r", `'empty'::int4range`, token, `$1::int4range::text`, `empty`},
		{"d", `'[2020-01-01,)'::daterange`, shift, `upper_inf($1::daterange)::text || (lower($1::daterange) <> '2020-01-01')`, `truetrue`},
		{"m", `'{[2020-01-01,2021-01-01),[2024-02-29,2026-01-01)}'::datemultirange`, shift, `(NOT isempty($1::datemultirange))::text`, `true`},
		{"s", `span('a, "x"', 'b\ (c]')`, first, `lower($1::span) || upper($1::span)`, `a*****b*****`},
		{"x", `'<a k="1 &lt; 2">x &amp; y<b><![CDATA[<z>]]></b><!-- gone --></a>'::xml`, list("xml", "/a", "/a/@k", "/a/b"), `(xpath('/a/@k', $1::xml))[1]::text || (xpath('/a/text()', $1::xml))[1]::text || (xpath('/a/b/text()', $1::xml))[1]::text`, `1****x****&lt;**`},
		{"j", `'{"a": ["q\"\u00e9", 1.50, true], "b": {"k": null}}'::jsonb`, list("json", "$..*"), `$1::jsonb::text`, `{"a": ["q**", "1**", "t***"], "b": {"k": null}}`},
		{"b", `decode('89504e470d0a1a0a', 'hex') || '\x00'::bytea`, transform.Use{Treatment: "placeholder"}, `length($1::bytea) || encode(substr($1::bytea, 1, 4), 'hex')`, `7289504e47`},
	} {
		if got := throughServer(t, url, db, c.column, c.value, c.use, c.check); got != c.want {
			t.Errorf("%s: %s became %s, want %s", c.column, c.value, got, c.want)
		}
	}
}

// The results of redact are values of the column's type, also for types that few other treatments accept, such as
// polygon.
func TestRedactedValuesAreReadByTheServer(t *testing.T) {
	t.Parallel()
	url := database(t, Server(t), "redacted", `CREATE EXTENSION hstore;
		CREATE TYPE pair AS (a text, n int);
		CREATE TABLE v (h hstore, p pair, r int4range, m datemultirange, x xml, tz timetz, tm time, iv interval, mc macaddr8, ma macaddr, bt bit(3), vb varbit,
			mo money, pt point, ln line, ls lseg, bx box, pa path, po polygon, ci circle, ts tsvector)`)
	db, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"h": `'a=>b'::hstore`, "p": `'(a,1)'::pair`, "r": `'[1,5)'::int4range`, "m": `'{[2020-01-01,2021-01-01)}'::datemultirange`, "x": `'<a/>'::xml`,
		"tz": `'12:00+01'::timetz`, "tm": `'12:00'::time`, "iv": `'1 day'::interval`, "mc": `'02:00:00:00:00:00:00:01'::macaddr8`, "ma": `'02:00:00:00:00:01'::macaddr`,
		"bt": `'101'::bit(3)`, "vb": `'1'::varbit`, "mo": `12::money`, "pt": `'(1,1)'::point`, "ln": `'{1,2,3}'::line`, "ls": `'[(1,1),(2,2)]'::lseg`,
		"bx": `'(1,1),(2,2)'::box`, "pa": `'((1,1))'::path`, "po": `'((1,1))'::polygon`, "ci": `'<(1,1),1>'::circle`, "ts": `'a b'::tsvector`,
	}
	for _, c := range db.Table(catalog.Name{Schema: "public", Name: "v"}).Columns {
		value, ok := values[c.Name]
		if !ok {
			t.Fatalf("%s has no value", c.Name)
		}
		check := `$1::` + c.Type.Name + `::text IS NOT NULL`
		if got := throughServer(t, url, db, c.Name, value, transform.Use{Treatment: "redact"}, check); got != "true" {
			t.Errorf("%s: %s", c.Name, got)
		}
	}
}

// throughServer treats a value in the form in which the server prints it. The server then computes the expression
// check with the result, and throughServer returns what the server computed.
func throughServer(t *testing.T, url string, db *catalog.Database, column, value string, u transform.Use, check string) string {
	t.Helper()
	conn := connect(t, url)
	name := catalog.Name{Schema: "public", Name: "v"}
	typ := db.Table(name).Column(column).Type
	r, err := keyring.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	to, err := library.Compile(transform.Column{Table: name, Name: column, Type: typ}, u, ring{r.For("test")})
	if err != nil {
		t.Fatalf("%s: %v", column, err)
	}
	var in, got string
	if err := conn.QueryRow(t.Context(), `SELECT `+value+`::text`).Scan(&in); err != nil {
		t.Fatal(err)
	}
	out, null, err := to.Append(nil, transform.Cell{Text: []byte(in)}, nil)
	if err != nil || null {
		t.Fatalf("%s: %s: %v", column, in, err)
	}
	if err := conn.QueryRow(t.Context(), `SELECT (`+check+`)::text`, pgx.QueryExecModeSimpleProtocol, string(out)).Scan(&got); err != nil {
		t.Fatalf("%s: the server refuses %s: %v", column, out, err)
	}
	return got
}
