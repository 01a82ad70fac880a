package integration

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// ownServer starts a PostgreSQL for one test that reads or breaks the server's files or settings.
func ownServer(t *testing.T, o pglocal.Options) (*server, *pglocal.Server) {
	t.Helper()
	o.Fast = true
	own, err := pglocal.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	base, err := url.Parse(own.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return &server{base: *base, bin: own.BinDir(), stop: own.Stop}, own
}

// canarySource has a canary, which is a unique text, in every sensitive column. The columns have all types that can
// hold a text.
const canarySource = `
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE DOMAIN secret AS text;
CREATE TYPE pair AS (a int, b text);
CREATE TABLE person (id int PRIMARY KEY, t text, v varchar(60), c char(60), ci citext, d secret, n name, j json, jb jsonb, x xml, h hstore, p pair,
	ta text[], da secret[], b bytea, tsv tsvector, num bigint, token text, fake text, masked text);
INSERT INTO person SELECT i, 'CANARY-t-' || i, 'CANARY-v-' || i, 'CANARY-c-' || i, 'CANARY-ci-' || i, 'CANARY-d-' || i, ('CANARY-n-' || i)::name,
	json_build_object('k', 'CANARY-j-' || i), jsonb_build_object('k', jsonb_build_array('CANARY-jb-' || i)), ('<a>CANARY-x-' || i || '</a>')::xml,
	hstore('k', 'CANARY-h-' || i), ROW(i, 'CANARY-p-' || i)::pair, ARRAY['CANARY-ta-' || i], ARRAY['CANARY-da-' || i]::secret[], convert_to('CANARY-b-' || i, 'UTF8'),
	to_tsvector('simple', 'CANARYtsv' || i), 918273645000 + i, 'CANARY-token-' || i, 'CANARY-fake-' || i, 'CANARY-masked-' || i
FROM generate_series(1, 500) i;
CREATE INDEX ON person (t);
CREATE TABLE notes (id int PRIMARY KEY, body text);
INSERT INTO notes VALUES (1, 'CANARY-skipped');
SELECT lo_from_bytea(0, 'CANARY-lo');`

const canaryRules = `
revision: 1
packs: [baseline]
tables:
  public.person:
    columns:
      id: {keep: surrogate key}
      t: {treat: redact}
      v: {treat: redact}
      c: {treat: redact}
      ci: {treat: redact}
      d: {treat: redact}
      n: {treat: redact}
      j: {json: {"$.k": {treat: redact}}}
      jb: {json: {"$.k[*]": {treat: token}}}
      x: {treat: "null"}
      h: {treat: "null"}
      p: {treat: "null"}
      ta: {treat: redact}
      da: {treat: token}
      b: {treat: redact}
      tsv: {treat: "null"}
      num: {treat: token, range: [0, 999999999999]}
      token: {treat: token}
      fake: {class: full_name}
      masked: {treat: mask}
  public.notes: {skip: not needed}
objects: {large_objects: drop}
`

// L1, L2, L3, L5, A9: the test looks for sensitive values after a success, after failures and after kills. None must
// be in the target's data directory with its write-ahead log (WAL) and its log of messages, in masker's output, in
// the ledger or in a temporary file.
func TestNoCanaryLeaves(t *testing.T) {
	t.Parallel()
	target, files := ownServer(t, pglocal.Options{Settings: map[string]string{"log_statement": "all", "log_min_messages": "debug1", "log_error_verbosity": "verbose"}})
	src := database(t, Server(t), "prod", canarySource)
	s := newSite(t, src, target.url("staging")).rules(t, canaryRules)
	s.canaries, s.env = []string{"CANARY", "918273645"}, append(s.env, "TMPDIR="+filepath.Join(s.dir, "tmp"))
	if err := os.Mkdir(filepath.Join(s.dir, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	look := func(t *testing.T) {
		t.Helper()
		do(t, target.url("postgres"), "CHECKPOINT")
		sweepFolder(t, files.DataDir(), s.canaries)
		sweepFolder(t, filepath.Dir(files.LogFile()), s.canaries)
	}
	rules := func(from, to string) func() {
		return func() { s.rules(t, strings.Replace(canaryRules, from, to, 1)) }
	}
	for _, c := range []struct {
		name    string
		arrange func()
		words   []string // words of the failure; nil for a success
		note    string   // note of a success, or ""
	}{
		{"success", rules("", ""), nil, ""},
		{"a value outside its range", rules("999999999999", "1000"), []string{"public.person.num", "row 1"}, ""},
		{"a JSON path nobody decided", rules(`"$.k[*]": {treat: token}`, `"$.other": {treat: redact}`), []string{"public.person.jb"}, ""},
		{"a result that breaks a CHECK", func() {
			rules("", "")()
			do(t, src, "CREATE FUNCTION starts(text) RETURNS bool IMMUTABLE LANGUAGE sql AS $$ SELECT $1 LIKE 'CAN%' $$; ALTER TABLE person ADD CONSTRAINT starts CHECK (starts(t))")
		}, nil, "CHECK constraint starts of public.person is NOT VALID"},
		{"results that break a unique index", func() {
			rules("token: {treat: token}", "token: {treat: mask, keep_first: 3}")()
			// The plan uses the statistics, so it expects no collision.
			do(t, src, "ALTER TABLE person DROP CONSTRAINT starts; CREATE UNIQUE INDEX one ON person (token); ALTER TABLE person ALTER token SET (n_distinct = 1); ANALYZE person")
		}, []string{"23505"}, ""},
	} {
		c.arrange()
		t.Run(c.name, func(t *testing.T) {
			o := s.refresh(t)
			if c.words == nil {
				o.want(t, exitDone, c.note)
			} else {
				o.want(t, exitFailed, c.words...)
			}
			look(t)
		})
	}
	s.expectMonitoringFiles(t)
	do(t, src, "DROP INDEX IF EXISTS one")
	for _, point := range []string{"mid-copy", "mid-index"} {
		t.Run("killed "+point, func(t *testing.T) {
			s.killedAt(t, point)
			look(t)
		})
	}
	if got := ask(t, target.url("staging"), "SELECT count(*) FROM person"); got != "500" {
		t.Errorf("staging has %s rows", got)
	}
}

// expectMonitoringFiles checks that the files of notifications, metrics and traces are not empty. In empty files, a
// search for canaries proves nothing.
func (s *site) expectMonitoringFiles(t *testing.T) {
	t.Helper()
	for file, words := range map[string][]string{
		"notified.jsonl":      {`"event":"start"`, `"event":"finish"`, `"event":"failure"`},
		"masker_nightly.prom": {`masker_refresh_outcome{flow="nightly",outcome="failed"} 1`, "masker_refresh_last_success_timestamp_seconds"},
		"traces.pb":           {"masker.run", "public.person", "failed"},
	} {
		data, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range words {
			if !strings.Contains(string(data), word) {
				t.Errorf("%s lacks %s:\n%s", file, word, data)
			}
		}
	}
}

// L2: the target's server quotes a kept value in every part of its error message. Masker prints the table and the
// SQLSTATE, and no text of the server.
func TestMessagesOfServersAreNotRepeated(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := newSite(t, database(t, srv, "prod", `
		CREATE FUNCTION talk(v text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
		BEGIN
			IF current_database() LIKE '%\_masker\_%' THEN
				RAISE EXCEPTION 'message %', v USING DETAIL = 'detail ' || v, HINT = 'hint ' || v;
			END IF;
			RETURN true;
		END $$;
		CREATE TABLE talker (id int PRIMARY KEY, kept text, said boolean GENERATED ALWAYS AS (public.talk(kept)) STORED);
		INSERT INTO talker VALUES (1, 'CANARY-kept')`), newDatabaseURL(t, srv, "staging")).
		rules(t, "revision: 1\ntables:\n  public.talker: {keep: test, only: [id, kept]}\n")
	s.superuser = true
	s.canaries = []string{"CANARY", "message ", "hint "}
	s.refresh(t).want(t, exitFailed, "public.talker", "P0001")
	s.refresh(t, "--format", "json").want(t, exitFailed, "public.talker", "P0001")
}
