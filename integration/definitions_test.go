package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// definedSource has a generated column that calls a function, types, partitions by epoch milliseconds, and the objects
// that the changes in voiding use.
const definedSource = small + `
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE FUNCTION initials(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT upper(left(a, 1)) $$;
CREATE TABLE note (id int PRIMARY KEY, kind mood, at date, first text, short text GENERATED ALWAYS AS (initials(first)) STORED);
CREATE TABLE event (at bigint NOT NULL, n int) PARTITION BY RANGE (at);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1767225600000) TO (1767312000000);
CREATE TABLE by_name (name text) PARTITION BY LIST (name);
CREATE FUNCTION helper(a text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE a; RETURN a; END $$;
`

const definedRules = smallRules + `
  public.note: {keep: no personal data, only: [id, kind, at, first]}
  public.by_name: {skip: empty}
  public.event: {keep: no personal data, only: [at, n]}
objects: {comments: {keep: the documentation}}
`

// voiding returns changes of the source that make an approval invalid. Each change has its SQL, and a part of the text
// with which masker refuses the run.
func voiding() map[string][2]string {
	return map[string][2]string{
		"dblink behind a generated column": {
			`CREATE EXTENSION dblink; CREATE OR REPLACE FUNCTION initials(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT n FROM dblink('dbname=prod', 'SELECT name FROM person') AS x(n text) LIMIT 1 $$`,
			"function public.initials(text): is reaching",
		},
		"a default with a secret":       {`ALTER TABLE note ALTER first SET DEFAULT 'password=Hunter2'`, "public.note"},
		"a comment":                     {`COMMENT ON TABLE note IS 'Ada Lovelace, ada@acme.example'`, "comment public.TABLE note: is telling"},
		"a view with raw text":          {`CREATE VIEW v AS SELECT id FROM note WHERE first = 'Ada Lovelace'`, "view public.v: is telling"},
		"an enum label with an address": {`ALTER TYPE mood ADD VALUE 'ada@acme.example'`, "type public.mood: is telling"},
		"a partition bound with raw text": {
			`CREATE TABLE by_name_1 PARTITION OF by_name FOR VALUES IN ('ada@acme.example')`, "by_name_1: is telling",
		},
		"a partition bound with a telephone number": {
			`CREATE TABLE by_name_1 PARTITION OF by_name FOR VALUES IN ('4915112345678')`, "by_name_1: is telling",
		},
		"another type of a partition key": {
			`DROP TABLE event; CREATE TABLE event (at text NOT NULL, n int) PARTITION BY RANGE (at)`, "public.event.at",
		},
		"another partition key": {
			`DROP TABLE event; CREATE TABLE event (at bigint NOT NULL, n int) PARTITION BY LIST (at)`, "list of at now; before range of at",
		},
		"an index expression with raw text": {`CREATE INDEX note_ada ON note ((first = 'Ada Lovelace of London'))`, "index public.note_ada: is telling"},
		"an approved helper": {
			`CREATE OR REPLACE FUNCTION initials(a text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT helper('SELECT 1') $$`, "function public.initials(text): is reaching",
		},
		"decoded SQL": {
			`CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE convert_from(decode('c2VsZWN0IDE=', 'base64'), 'UTF8'); END $$`, "function public.f(): is reaching",
		},
		"query_to_xml":     {`CREATE FUNCTION f() RETURNS xml LANGUAGE sql AS $$ SELECT query_to_xml('select 1', false, false, '') $$`, "function public.f(): is reaching"},
		"pg_stat_activity": {`CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT query FROM pg_stat_activity LIMIT 1 $$`, "function public.f(): is reaching"},
		"a search path":    {`CREATE SCHEMA planted; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = gone, public', current_database()); END $$`, "setting search_path: is reaching"},
	}
}

// R7: masker refuses a run before it reads a row if the target would execute a reaching or telling definition that the
// approval does not cover, or if a partition key has changed. The message names what changed.
func TestR7AChangedDefinitionVoidsTheApproval(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signedWith(t, database(t, srv, "prod", definedSource), newDatabaseURL(t, srv, "staging"), definedRules)
	for name, c := range voiding() {
		t.Run(name, func(t *testing.T) {
			s.source = database(t, srv, "changed", definedSource)
			do(t, s.source, c[0])
			s.masker(t, "run").want(t, exitRefused, "this plan is not the one that was approved", c[1])
			if log := s.ledgerText(t); strings.Contains(log, `"event":"start"`) {
				t.Error("a run started")
			}
		})
	}
}

// R7: a hook that treats values can use code of the source, for example a function. If this code changes, the
// approval is no longer valid.
func TestR7CodeThatChangesAHookVoidsTheApproval(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	const sql = small + `
CREATE TABLE note (id int PRIMARY KEY, text text);
INSERT INTO note SELECT i, 'CANARY-note-' || i FROM generate_series(1, 50) i;
CREATE FUNCTION scrub() RETURNS void LANGUAGE sql AS $$ UPDATE public.note SET text = '' $$;
CREATE VIEW recent AS SELECT id FROM note;
`
	source := database(t, srv, "prod", sql)
	s := signedWith(t, source, newDatabaseURL(t, srv, "staging"), smallRules+"  public.note: {keep: the hook empties the texts, only: [id, text]}\n")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2\nhooks: {before_publish: [scrub.sql]}")
	s.write(t, "rules/scrub.sql", "UPDATE note SET text = '' WHERE id IN (SELECT id FROM recent); SELECT scrub();", 0o600)
	s.approveAgain(t)
	s.masker(t, "run").want(t, exitDone)
	for change, refused := range map[string]string{
		`CREATE RULE r AS ON UPDATE TO note DO INSTEAD NOTHING`:                        "rule public.note r: is reaching: can change what a hook does",
		`CREATE OR REPLACE FUNCTION scrub() RETURNS void LANGUAGE sql AS $$ SELECT $$`: "function public.scrub()",
		`CREATE OR REPLACE VIEW recent AS SELECT id FROM note WHERE false`:             "view public.recent",
		`CREATE MATERIALIZED VIEW copied AS SELECT * FROM note`:                        "materialized view public.copied",
		`ALTER TABLE note ADD other text GENERATED ALWAYS AS (text || '') STORED`:      "table public.note",
		`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
		 CREATE TRIGGER t BEFORE UPDATE ON note FOR EACH ROW EXECUTE FUNCTION f()`: "trigger public.note t",
	} {
		s.source = database(t, srv, "changed", sql)
		do(t, s.source, change)
		s.masker(t, "run").want(t, exitRefused, refused)
	}
}

// R7: a changed definition that only computes does not make an approval invalid. The run continues, and a note says
// what changed.
func TestR7ASilentChangeIsNoted(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "prod", definedSource)
	s := signedWith(t, source, newDatabaseURL(t, srv, "staging"), definedRules)
	s.masker(t, "run").want(t, exitDone)
	for _, c := range [][2]string{
		{`ALTER TYPE mood ADD VALUE 'calm'`, "1 changed (type public.mood)"},
		{`CREATE INDEX note_first ON note (lower(first))`, "1 new (index public.note_first)"},
		{`CREATE FUNCTION half(n int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT n / 2 $$`, "1 new (function public.half(integer))"},
	} {
		do(t, source, c[0])
		s.masker(t, "run").want(t, exitDone, "no approval depends on them: "+c[1])
	}
	for night := range 20 {
		from := 1767312000000 + int64(night)*86400000
		do(t, source, fmt.Sprintf("CREATE TABLE event_%d PARTITION OF event FOR VALUES FROM (%d) TO (%d)", night+2, from, from+86400000))
	}
	s.masker(t, "check").want(t, exitDone, "no approval depends on them: 40 new (table attach public.event_10, ")
	s.masker(t, "run").want(t, exitDone, "no approval depends on them: 40 new (table attach public.event_10, ")
}

// R7: masker plan and masker approve show the full text of each reaching or telling definition, with the name and the
// reasons. masker approve needs no connection. It refuses if the text of a definition was changed or removed.
func TestR7DefinitionsAreShownWhole(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "prod", definedSource)
	s := signedWith(t, source, newDatabaseURL(t, srv, "staging"), definedRules)
	shown := []string{"function public.helper(text), reaching (", "BEGIN EXECUTE a; RETURN a; END"}
	s.masker(t, "plan").want(t, exitDone, append(shown, "other definitions only compute, and are not shown.")...)

	do(t, source, `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT query FROM pg_stat_activity LIMIT 1 $$`)
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.signAs(t, "alice").want(t, exitDone, "their texts may be data of production")
	online := s.source
	s.source, s.target = "postgres://nobody@127.0.0.1:1/none", "postgres://nobody@127.0.0.1:1/none"
	texts, err := filepath.Glob(filepath.Join(s.dir, "rules/approvals/nightly-r2.*.definitions.json"))
	if err != nil || len(texts) != 1 {
		t.Fatalf("files with texts: %q, %v", texts, err)
	}
	data, err := os.ReadFile(texts[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(texts[0], []byte(strings.ReplaceAll(string(data), "pg_stat_activity", "pg_stat_database")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.approveAs(t, "bob").want(t, exitUsage, "the text of function public.f() is missing beside the rules", "or was changed")
	if err := os.WriteFile(texts[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.approveAs(t, "bob").want(t, exitDone, "function public.f(): is reaching: ", "function public.f(), reaching (", "SELECT query FROM pg_stat_activity LIMIT 1",
		"as approved: function public.helper(text)")
	if log := s.ledgerText(t); strings.Contains(log, "pg_stat_activity") {
		t.Error("the ledger holds the text of a definition")
	}
	s.source = online
}
