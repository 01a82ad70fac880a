package integration

import (
	"os"
	"strings"
	"testing"
)

// shapeTreatments has the rules for the treated columns of the source of shapes, by table and column.
var shapeTreatments = map[string]map[string]string{
	`"Mixed Case"."Select"`: {"user": "{class: user_name}", `quote"d`: "{treat: mask, keep_first: 1}", "group": "{treat: token}"},
	"public.wide":           {"c7": "{treat: token, range: [0, 100000]}", "c1600": "{treat: constant, value: 5}"},
	"public.vehicle":        {"plate": "{treat: mask, keep_last: 1}"},
	"public.lorry":          {"plate": "{treat: redact}"},
	"public.measured":       {"at": "{treat: shift, days: 300}", "v": "{treat: redact}"},
	"public.deep":           {"v": "{treat: token}"},
	"public.worker":         {"id": "{treat: token, range: [1, 1000000]}", "boss": "{treat: token, range: [1, 1000000]}", "name": "{class: full_name}"},
	"public.team":           {"lead": "{treat: token, range: [1, 1000000]}"},
	"public.nasty": {
		"masked": "{treat: mask}", "redacted": "{treat: redact}", "token": "{treat: token}", "faked": "{treat: fake.full_name}", "list": "{treat: redact}",
		"doc": `{json: {"$.secret": {treat: redact}, "$.open": {keep: "test"}}}`,
	},
}

func shapes(t *testing.T, srv *server) string {
	t.Helper()
	sql, err := os.ReadFile("testdata/shapes/source.sql")
	if err != nil {
		t.Fatal(err)
	}
	return database(t, srv, "prod", string(sql))
}

// A refresh copies tables of unusual shape: with 1,600 columns, with no columns, with no rows, with mixed-case and
// reserved names, with inheritance, and with partitions whose key is treated or is a hash of an enum. It also copies
// texts that look like COPY's own markers, kept and treated.
func TestOddShapesAndValuesArrive(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := shapes(t, srv), newDatabaseURL(t, srv, "staging")
	db := inspect(t, src)
	s := newSite(t, src, dst).rules(t, keepBut(db, shapeTreatments))
	p := s.planned(t)
	s.mustRefresh(t)

	compareRows(t, db, p, connect(t, src), connect(t, dst))
	soundDatabase(t, src, dst)
	sameDump(t, dump(t, src, "-s"), dump(t, dst, "-s"), nil)
	for query, want := range map[string]string{
		"SELECT count(*) FROM no_columns": "2",
		"SELECT count(*), count(*) FILTER (WHERE tableoid = 'lorry'::regclass) FROM vehicle": "50|20",
		"SELECT count(*) FROM worker WHERE twice <> id * 2":                                  "0",
		"SELECT n FROM counted": "29",
		"SELECT count(*) FROM measured_2023 WHERE at >= '2024-01-01'":                           "0",
		"SELECT count(*) FROM nasty WHERE doc->>'open' IS DISTINCT FROM kept":                   "0",
		"SELECT count(*) FROM nasty WHERE doc->>'secret' IS DISTINCT FROM '[redacted]'":         "0",
		"SELECT count(*) FROM nasty WHERE list IS DISTINCT FROM '{[redacted],NULL,[redacted]}'": "0",
		"SELECT count(*) FROM nasty WHERE length(masked) <> length(kept)":                       "0",
	} {
		if got := ask(t, dst, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if n, _ := insertThousand(t, dst); n < 3 {
		t.Errorf("only %d tables accepted inserts", n)
	}
}

// masker refuses a treatment before it reads a row if the results may have characters that the database's encoding does
// not have.
func TestResultsThatTheEncodingLacksAreRefused(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := databaseLike(t, srv, "prod", "CREATE TABLE person (id int PRIMARY KEY, name text, note text); INSERT INTO person VALUES (1, 'Jörg', 'x')", "TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	s := newSite(t, src, newDatabaseURL(t, srv, "staging"))
	rules := func(locale, value string) string {
		return "revision: 1\ntables: {public.person: {columns: {id: {keep: x}, name: {treat: fake.full_name, locale: " + locale + "}, note: {treat: constant, value: '" + value + "'}}}}\n"
	}
	o := s.rules(t, rules("pl", "€")).masker(t, "check")
	for _, want := range []string{"public.person.name becomes fake.full_name, which can give characters that the database's encoding LATIN1 does not have", "public.person.note becomes constant"} {
		if o.code != exitUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("the refusal lacks %s\n%s", want, o)
		}
	}
	s.rules(t, rules("de", "ß")).mustRefresh(t)
}

// A database with the encoding SQL_ASCII can hold any bytes. A refresh copies kept bytes of such a database
// unchanged.
func TestBytesThatAreNotTextArrive(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := databaseLike(t, srv, "prod", "", "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
	do(t, src, `SET client_encoding = 'SQL_ASCII'; CREATE TABLE raw (id int PRIMARY KEY, kept text, masked text, token text);
		INSERT INTO raw SELECT i, v, v, v FROM unnest(ARRAY[E'\xff\xfe', E'a\xc3', E'\\\xe9\\N', E'\xed\xa0\x80', 'plain', E'tab\t\x80']) WITH ORDINALITY x(v, i)`)
	dst := newDatabaseURL(t, srv, "staging")
	db := inspect(t, src)
	s := newSite(t, src, dst).rules(t, keepBut(db, map[string]map[string]string{"public.raw": {"masked": "{treat: mask}", "token": "{treat: token}"}}))
	p := s.planned(t)
	s.mustRefresh(t)
	compareRows(t, db, p, connect(t, src+"&client_encoding=SQL_ASCII"), connect(t, dst+"&client_encoding=SQL_ASCII"))
	if got := ask(t, dst, "SHOW server_encoding"); got != "SQL_ASCII" {
		t.Errorf("the target's encoding is %s", got)
	}
}
