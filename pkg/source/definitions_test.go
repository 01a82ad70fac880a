package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/source"
)

const quoting = `
CREATE TABLE t (id int PRIMARY KEY, mail text DEFAULT 'default@leak.io' CHECK (mail <> 'check@leak.io'), n numeric CHECK (n <> 4111111111111111));
CREATE TABLE parts (mail text) PARTITION BY LIST (mail);
CREATE TABLE part PARTITION OF parts FOR VALUES IN ('bound@leak.io');
CREATE INDEX partial ON t (id) WHERE mail = 'predicate@leak.io';
CREATE VIEW v AS SELECT * FROM t WHERE mail = 'view@leak.io';
CREATE MATERIALIZED VIEW m AS SELECT 'DE89370400440532013000'::text AS iban;
CREATE TYPE e AS ENUM ('label@leak.io', 'fine');
CREATE DOMAIN d AS text DEFAULT 'domain@leak.io' CHECK (VALUE <> 'domaincheck@leak.io');
CREATE FUNCTION f(a text DEFAULT 'argument@leak.io') RETURNS text LANGUAGE sql AS $$ SELECT 'call +1 212 867 5309'::text $$;
CREATE FUNCTION g() RETURNS text LANGUAGE sql RETURN 'parsed@leak.io'::text;
CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.mail = 'trigger@leak.io') EXECUTE FUNCTION trig();
CREATE RULE ru AS ON DELETE TO t WHERE old.mail = 'rule@leak.io' DO INSTEAD NOTHING;
CREATE POLICY po ON t USING (mail <> 'policy@leak.io');
COMMENT ON TABLE t IS 'ask table@leak.io'; COMMENT ON COLUMN t.id IS 'ask column@leak.io';
COMMENT ON SCHEMA public IS 'ask schema@leak.io'; COMMENT ON FUNCTION trig() IS 'ask function@leak.io'; COMMENT ON TYPE e IS 'ask type@leak.io';
COMMENT ON CONSTRAINT t_mail_check ON t IS 'ask constraint@leak.io'; COMMENT ON TRIGGER tr ON t IS 'ask trigger@leak.io'; COMMENT ON POLICY po ON t IS 'ask policy@leak.io';
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple); COMMENT ON TEXT SEARCH CONFIGURATION words IS 'ask words@leak.io';
CREATE STATISTICS spread ON id, mail FROM t; COMMENT ON STATISTICS spread IS 'ask statistics@leak.io';
CREATE OPERATOR ### (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq); COMMENT ON OPERATOR ### (text, text) IS 'ask operator@leak.io';
CREATE TABLE fine (id bigint DEFAULT 1700000000000000 CHECK (id > 20240101), mail text CHECK (mail ~ '^[^@]+@[^@]+$'), d date DEFAULT '2024-01-31');`

// L8: masker scans every text that pg_dump -s writes, in the same way as it scans values. A finding names the object
// and the kind of data, never the literal.
func TestL8EveryKindOfDefinitionIsScanned(t *testing.T) {
	_, url := database(t, "quoting", quoting)
	db, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(`revision: 1
tables:
  public.t: {keep: test, only: [id, mail, n]}
  public.parts: {keep: test, only: [mail]}
  public.fine: {keep: test, only: [id, mail, d]}
`)}}, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range p.Findings {
		if f.Code != "literal-looks-like-data" {
			continue
		}
		what, _, _ := strings.Cut(strings.TrimPrefix(f.Text, "the "), " holds")
		have = append(have, strings.Trim(f.Table.String()+"."+f.Column, ".")+": "+what+strings.TrimPrefix(f.Text[strings.Index(f.Text, " ("):strings.Index(f.Text, "),")+1], " "))
		for _, literal := range []string{"leak", "4111", "DE89", "867"} {
			if strings.Contains(f.Text, literal) {
				t.Errorf("the finding quotes the literal: %s", f.Text)
			}
		}
	}
	want := []string{
		"public.e: comment(email)", "public.e: enum label(email)",
		"public.d: domain check d_check(email)", "public.d: domain default(email)",
		"public.f: function(email, phone)", "public.g: function(email)", "public.trig: comment(email)",
		"public.m: materialized view(iban)", "public.v: view(email)", "public.part: partition bound(email)",
		"public.t: check t_mail_check(email)", "public.t: check t_n_check(pan)", "public.t: index partial(email)", "public.t: policy po(email)",
		"public.t: rule ru(email)", "public.t: trigger tr(email)", "public.t: comment(email)", "public.t.id: comment(email)", "public.t.mail: default(email)",
		"public.t: comment t_mail_check(email)", "public.t: comment tr(email)", "public.t: comment po(email)", `public."": comment(email)`,
		"public.words: comment(email)", "public.spread: comment(email)", `public."###(pg_catalog.text,pg_catalog.text)": comment(email)`,
	}
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
