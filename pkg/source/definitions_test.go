package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/definition"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/source"
)

const quoting = `
CREATE TABLE t (id int PRIMARY KEY, mail text DEFAULT 'default@leak.io' CHECK (mail <> 'check@leak.io'), n numeric CHECK (n <> 4111111111111111));
CREATE TABLE parts (mail text) PARTITION BY LIST (mail);
CREATE TABLE part PARTITION OF parts FOR VALUES IN ('bound@leak.io');
CREATE INDEX partial ON t (id) WHERE mail = 'predicate@leak.io';
CREATE INDEX expression ON t ((mail = 'expression@leak.io'));
CREATE VIEW v AS SELECT * FROM t WHERE mail = 'view@leak.io';
CREATE VIEW renamed AS SELECT id AS "column@leak.io" FROM t;
CREATE MATERIALIZED VIEW m AS SELECT 'DE89370400440532013000'::text AS iban;
CREATE TYPE e AS ENUM ('label@leak.io', 'fine');
CREATE TYPE c AS ("attribute@leak.io" int);
CREATE DOMAIN d AS text DEFAULT 'domain@leak.io' CHECK (VALUE <> 'domaincheck@leak.io');
CREATE FUNCTION f(a text DEFAULT 'argument@leak.io') RETURNS text LANGUAGE sql AS $$ SELECT 'call +1 212 867 5309'::text $$;
CREATE FUNCTION g() RETURNS text LANGUAGE sql AS $$ SELECT 'plain@leak.io' $$;
CREATE FUNCTION dollar() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN $q$dollar@leak.io$q$; END $$;
CREATE FUNCTION escaped() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN E'escaped\x40leak.io'; END $$;
CREATE FUNCTION unicode() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN U&'unicode\0040leak.io'; END $$;
CREATE FUNCTION joined() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'joined' || '@leak.io'; END $$;
CREATE FUNCTION continued() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'continued'
	'@leak.io'; END $$;
CREATE FUNCTION remark() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'x'; /* ask remark@leak.io */ END $$;
CREATE FUNCTION dynamic() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELECT ''dynamic@leak.io'''; END $$;
CREATE FUNCTION torn() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'torn@leak.io; END $$;
CREATE FUNCTION setting() RETURNS text LANGUAGE sql SET application_name = 'setting@leak.io' AS 'SELECT 1::text';
CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE PROCEDURE p() LANGUAGE sql AS $$ SELECT 'procedure@leak.io' $$;
CREATE AGGREGATE agg(text) (SFUNC = textcat, STYPE = text, INITCOND = 'initcond@leak.io');
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.mail = 'trigger@leak.io') EXECUTE FUNCTION trig();
CREATE TRIGGER args BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION trig('argument@leak.io');
CREATE RULE ru AS ON DELETE TO t WHERE old.mail = 'rule@leak.io' DO INSTEAD NOTHING;
CREATE POLICY po ON t USING (mail <> 'policy@leak.io');
CREATE TABLE "table@leak.io" (id int); CREATE TABLE named ("column@leak.io" int); CREATE INDEX "index@leak.io" ON t (n);
CREATE SEQUENCE "sequence@leak.io"; CREATE SCHEMA "schema@leak.io"; CREATE COLLATION "collation@leak.io" FROM "C";
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple); COMMENT ON TEXT SEARCH CONFIGURATION words IS 'ask words@leak.io';
CREATE TEXT SEARCH DICTIONARY "dictionary@leak.io" (TEMPLATE = simple);
COMMENT ON TABLE t IS 'ask table@leak.io'; COMMENT ON COLUMN t.id IS 'ask column@leak.io';
COMMENT ON SCHEMA public IS 'ask schema@leak.io'; COMMENT ON FUNCTION trig() IS 'ask function@leak.io'; COMMENT ON TYPE e IS 'ask type@leak.io';
COMMENT ON CONSTRAINT t_mail_check ON t IS 'ask constraint@leak.io'; COMMENT ON TRIGGER tr ON t IS 'ask trigger@leak.io'; COMMENT ON POLICY po ON t IS 'ask policy@leak.io';
CREATE STATISTICS spread ON id, mail FROM t; COMMENT ON STATISTICS spread IS 'ask statistics@leak.io';
CREATE OPERATOR ### (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq); COMMENT ON OPERATOR ### (text, text) IS 'ask operator@leak.io';
CREATE TABLE fine (id bigint DEFAULT 1700000000000000 CHECK (id > 20240101), mail text CHECK (mail ~ '^[^@]+@[^@]+$'), d date DEFAULT '2024-01-31');`

// quoted lists the expected findings: the object, the part of the object, and the kinds of data.
const quoted = `"schema@leak.io"."": schema(email)
public."": comment(email)
public."###": comment(email)
public."collation@leak.io": collation(email)
public."dictionary@leak.io": text search dictionary(email)
public."sequence@leak.io": sequence(email)
public."table@leak.io": table(email)
public.agg: aggregate(email)
public.c: type(email)
public.continued: function(email)
public.d: domain(email)
public.dollar: function(email)
public.dynamic: function(email)
public.e: comment(email)
public.e: type(email)
public.escaped: function(email)
public.f: function(email, phone)
public.g: function(email)
public.joined: function(email)
public.m: materialized view(iban)
public.named.column@leak.io: column(email)
public.p: procedure(email)
public.part: partition bound(email)
public.remark: function(email)
public.renamed: view(email)
public.setting: function(email)
public.spread: comment(email)
public.t.id: comment(email)
public.t.mail: default(email)
public.t: comment on constraint t_mail_check(email)
public.t: comment on policy po(email)
public.t: comment on trigger tr(email)
public.t: comment(email)
public.t: constraint t_mail_check(email)
public.t: constraint t_n_check(pan)
public.t: index expression(email)
public.t: index index@leak.io(email)
public.t: index partial(email)
public.t: policy po(email)
public.t: rule ru(email)
public.t: trigger args(email)
public.t: trigger tr(email)
public.torn: function(email)
public.trig: comment(email)
public.unicode: function(email)
public.v: view(email)
public.words: comment(email)`

// L8: masker scans every text and every name that pg_dump -s writes, in every form of quotes, in the same way as it
// scans values. A finding names the object and the kind of data, never the literal.
func TestL8EveryKindOfDefinitionIsScanned(t *testing.T) {
	_, url := database(t, "quoting", "SET check_function_bodies = off;"+quoting)
	src, err := source.Open(t.Context(), url, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	a, err := src.Archive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{}
	if err := p.Define(definition.Read(a.Entries, nil)); err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range p.Findings {
		what, _, _ := strings.Cut(strings.TrimPrefix(f.Text, "the "), " holds")
		have = append(have, strings.Trim(f.Table.String()+"."+f.Column, ".")+": "+what+strings.TrimPrefix(f.Text[strings.Index(f.Text, " ("):strings.Index(f.Text, "),")+1], " "))
		for _, literal := range []string{"leak", "4111", "DE89", "867"} {
			if strings.Contains(strings.ReplaceAll(f.Text, "index@leak.io", ""), literal) { // a finding may show this name of an object
				t.Errorf("the finding quotes the literal: %s", f.Text)
			}
		}
	}
	want := strings.Split(quoted, "\n")
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

// L8: statistics have raw values. masker asks pg_dump neither for statistics (18 and newer can dump them) nor for rows.
func TestL8StatisticsAreNeverDumped(t *testing.T) {
	_, url := database(t, "statistics", `CREATE TABLE t (mail text); INSERT INTO t SELECT 'stat-canary@leak.io' FROM generate_series(1, 1000); ANALYZE t`)
	dir := t.TempDir()
	script := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) 18.0'; exit; fi\nprintf '%s\\n' \"$@\" > " + dir + "/asked\nexec " +
		filepath.Join(server.BinDir(), "pg_dump") + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MASKER_PG_BIN", dir)
	p, err := source.Open(t.Context(), url, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, err := p.Archive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked, err := os.ReadFile(filepath.Join(dir, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(string(asked))
	if !slices.Contains(args, "--schema-only") {
		t.Errorf("it is asked for more than the schema: %q", args)
	}
	for _, arg := range args {
		if strings.Contains(arg, "statistics") || strings.Contains(arg, "data") || arg == "-a" {
			t.Errorf("it is asked for %s", arg)
		}
	}
	for _, e := range a.Entries {
		if e.Desc == "STATISTICS DATA" || e.Desc == "TABLE DATA" || strings.Contains(e.Defn, "stat-canary") {
			t.Errorf("the archive holds %s", e.Desc)
		}
	}
}
