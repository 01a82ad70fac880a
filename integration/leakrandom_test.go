package integration

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// identifier is a column whose values random leaks let through.
type identifier struct {
	table  string
	column string
	mail   bool // has characters that a URL encodes
	digits bool
}

// encoding is a form in which a value arrives in a column, a text or a definition. Its SQL has ? for the value.
type encoding struct {
	name, sql string
	found     string // the form in the report
	only      func(identifier) bool
}

// place is where a value arrives. The text of its SQL has ? for the value.
type place struct {
	name    string
	columns string // columns of the table kept
	value   string // SQL for the column v, in a row with the value; "" if the value is in a definition
	other   string // SQL for the column v, in other rows
	define  string // a statement, in which %s stands for the value
	proof   string // a query on the shadow
	target  string
}

// keeps returns the column that the rules keep, beside the key.
func (p place) keeps() string {
	if p.value == "" && p.define == "" {
		return "w"
	}
	return "v"
}

func identifiers() []identifier {
	return []identifier{{"~.people", "email", true, false}, {"~.people", "login", false, false}, {"~.people", "phone", true, true}, {"~.people", "card", false, true}, {"~.people", "citizen", false, false}}
}

func encodings() []encoding {
	return []encoding{
		{"as it is", "?", "as it is", nil},
		{"in upper case", "upper(?)", "as it is", func(i identifier) bool { return !i.digits }},
		{"in groups", "trim(regexp_replace(?, '(\\d{4})', '\\1 ', 'g'))", "as it is", func(i identifier) bool { return i.column == "card" }},
		{"reversed", "reverse(?)", "reversed", nil},
		{"in base64", "encode(convert_to(?, 'UTF8'), 'base64')", "base64", nil},
		{"in hex", "encode(convert_to(?, 'UTF8'), 'hex')", "hex", nil},
		{"percent-encoded", "replace(replace(?, '@', '%40'), '+', '%2B')", "as it is", func(i identifier) bool { return i.mail }},
		{"md5", "md5(?)", "md5 as hex", nil},
		{"md5 of lower case", "upper(md5(lower(?)))", "md5 as hex", nil},
		{"sha256", "encode(sha256(convert_to(?, 'UTF8')), 'hex')", "sha256 as hex", nil},
		{"sha256 in base64", "encode(sha256(convert_to(?, 'UTF8')), 'base64')", "sha256 as base64", nil},
	}
}

func leakPlaces() []place {
	inColumn := func(name, kind, value, other, proof, path string) place {
		return place{name: name, columns: "v " + kind, value: value, other: other, proof: "SELECT bool_or(" + proof + ") FROM ~.kept", target: strings.TrimSpace("~.kept.v " + path)}
	}
	definition := func(name, define, proof, target string) place {
		return place{name: name, columns: "v text", other: "'-'", define: define, proof: "SELECT position(? in " + proof + ") > 0", target: target}
	}
	return []place{
		inColumn("a text", "text", "?", "'-'", "v = ?", ""),
		inColumn("a varchar", "varchar(200)", "?", "'-'", "v = ?", ""),
		inColumn("a domain", "~.label", "?", "'-'", "v = ?", ""),
		inColumn("a note", "text", "'Written for ' || ? || '; nothing else.'", "'-'", "position(? in v) > 0", ""),
		inColumn("a long text", "text", "repeat('All is well today. ', 20000) || ? || ' so'", "'-'", "position(? in v) > 0", ""),
		inColumn("an array", "text[]", "ARRAY['-', NULL, ?]", "'{}'", "v[3] = ?", ""),
		inColumn("a jsonb", "jsonb", "jsonb_build_object('a', jsonb_build_object('b', ?))", "'{}'", "v #>> '{a,b}' = ?", "$.a.b"),
		inColumn("a json", "json", "json_build_object('list', json_build_array(0, 'see ' || ?))", "'[]'", "v #>> '{list,1}' = 'see ' || ?", "$.list[*]"),
		inColumn("a key of a document", "jsonb", "jsonb_build_object('a', jsonb_build_object(?, 1))", "'{}'", "jsonb_exists(v -> 'a', ?)", "$.a"),
		inColumn("JSON in a text", "text", "json_build_object('k', ?)::text", "'{}'", "v::json ->> 'k' = ?", ""),
		inColumn("an XML document", "xml", "xmlelement(name mail, ?)", "NULL", "position(? in v::text) > 0", ""),
		inColumn("bytes", "bytea", `'\x00ff00'::bytea || convert_to(?, 'UTF8') || '\x00'::bytea`, `'\x'`, "position(convert_to(?, 'UTF8') in v) > 0", ""),
		inColumn("a composite", "~.pair", "ROW('-', ?)::~.pair", "NULL", "(v).b = ?", "b"),
		inColumn("a generated column", "text GENERATED ALWAYS AS (CASE WHEN id < 3 THEN public.hidden(w) ELSE '-' END) STORED, w text", "", "", "v = ?", ""),
		definition("a comment", "COMMENT ON TABLE ~.kept IS %L", "obj_description('~.kept'::regclass)", "~.kept comment on table ~.kept"),
		definition("a view", "CREATE VIEW ~.seen AS SELECT id, %L AS why FROM ~.kept", "pg_get_viewdef('~.seen'::regclass)", "~.seen definition of rule _RETURN on view ~.seen"),
		definition("a condition of an index", "CREATE INDEX rare ON ~.kept (id) WHERE v <> %L", "pg_get_indexdef('~.rare'::regclass)", "~.kept definition of index ~.rare"),
		definition("a CHECK constraint", "ALTER TABLE ~.kept ADD CONSTRAINT fine CHECK (v <> %L)", "(SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '~.kept'::regclass AND conname = 'fine')", "~.kept definition of constraint fine on table ~.kept"),
	}
}

// randomLeak returns a leak with a random identifier, encoding, place and row.
func randomLeak(r *rand.Rand) leak {
	from := pick(r, identifiers())
	as := pick(r, slices.DeleteFunc(encodings(), func(e encoding) bool { return e.only != nil && !e.only(from) }))
	in := pick(r, leakPlaces())
	row, rows := 1+r.IntN(50), 1+r.IntN(3)
	encoded := strings.ReplaceAll(as.sql, "?", from.column+"::text")
	again := strings.ReplaceAll(as.sql, "?", "?::text")
	l := leak{
		kind:  fmt.Sprintf("%s of %d from row %d %s in %s", from.column, rows, row, as.name, in.name),
		sql:   people + "CREATE DOMAIN ~.label AS text; CREATE TYPE ~.pair AS (a text, b text); CREATE TABLE ~.kept (id int PRIMARY KEY, " + in.columns + ");\n",
		rules: peopleRules + "  ~.kept: {keep: nobody suspected it, only: [id, " + in.keeps() + "]}\n",
		raw:   fmt.Sprintf("SELECT %s FROM ~.people WHERE id = %d", from.column, row),
		proof: strings.ReplaceAll(in.proof, "?", again),
	}
	switch {
	case in.define != "":
		rows = 1
		l.sql += fmt.Sprintf("DO $do$ BEGIN EXECUTE format($f$%s$f$, (SELECT %s FROM ~.people WHERE id = %d)); END $do$;", in.define, encoded, row)
	case in.value == "":
		l.sql += fmt.Sprintf("INSERT INTO ~.kept (id, w) SELECT id - %d, public.hidden(%s) FROM ~.people WHERE id >= %[1]d;", row, encoded)
		rows = 3
	default:
		condition := fmt.Sprintf("id BETWEEN %d AND %d", row, row+rows-1)
		l.sql += fmt.Sprintf("INSERT INTO ~.kept SELECT id, %s FROM ~.people WHERE %s; INSERT INTO ~.kept SELECT id, %s FROM ~.people WHERE NOT %[2]s;", strings.ReplaceAll(in.value, "?", encoded), condition, in.other)
	}
	l.hits = hits{{in.target, "~.people." + from.column}: {fmt.Sprintf("found %s: %d", as.found, rows)}}
	return l
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
