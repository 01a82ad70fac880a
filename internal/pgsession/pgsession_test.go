package pgsession_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/internal/pgsession"
)

// server is shared by the tests of this package.
var server *pglocal.Server

func TestMain(m *testing.M) {
	var err error
	server, err = pglocal.Start(context.Background(), pglocal.Options{Fast: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func connect(t *testing.T, url string, o pgsession.Options) *pgx.Conn {
	t.Helper()
	conn, err := pgsession.Connect(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestNoErrorCarriesData(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, conn, `CREATE SCHEMA leak; SET search_path = leak;
		CREATE TYPE mood AS ENUM ('fine');
		CREATE DOMAIN short AS text CHECK (length(VALUE) < 5);
		CREATE TABLE parent (id text PRIMARY KEY);
		INSERT INTO parent VALUES ('canary');
		CREATE TABLE t (i int, u uuid, m mood, d date, n inet, j jsonb, s short, w varchar(3),
			k text UNIQUE, c text CHECK (c <> 'canary'), f text REFERENCES parent, nn int NOT NULL);
		INSERT INTO t (k, nn) VALUES ('canary', 1);
		CREATE TABLE parts (k text) PARTITION BY LIST (k);
		CREATE TABLE x (during int4range, EXCLUDE USING gist (during WITH &&));
		INSERT INTO x VALUES ('[7654321,7654329)');
		CREATE FUNCTION loud() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'canary' USING DETAIL = 'canary', HINT = 'canary'; END $$`)
	for name, c := range map[string]struct{ sql, code string }{
		"bad int":          {`INSERT INTO t (i) VALUES ('canary')`, "22P02"},
		"bad uuid":         {`INSERT INTO t (u) VALUES ('canary')`, "22P02"},
		"bad enum":         {`INSERT INTO t (m) VALUES ('canary')`, "22P02"},
		"bad date":         {`INSERT INTO t (d) VALUES ('canary')`, "22007"},
		"bad inet":         {`INSERT INTO t (n) VALUES ('canary')`, "22P02"},
		"bad json":         {`INSERT INTO t (j) VALUES ('{"canary": canary}')`, "22P02"},
		"domain":           {`INSERT INTO t (s) VALUES ('canary')`, "23514"},
		"too long":         {`INSERT INTO t (w) VALUES ('canary')`, "22001"},
		"unique":           {`INSERT INTO t (k, nn) VALUES ('canary', 1)`, "23505"},
		"check":            {`INSERT INTO t (c, nn) VALUES ('canary', 1)`, "23514"},
		"foreign key":      {`INSERT INTO t (f, nn) VALUES ('canary canary', 1)`, "23503"},
		"not null":         {`INSERT INTO t (k) VALUES ('canary2')`, "23502"},
		"partition":        {`INSERT INTO parts VALUES ('canary')`, "23514"},
		"exclusion":        {`INSERT INTO x VALUES ('[7654321,7654329)')`, "23P01"},
		"raise":            {`SELECT loud()`, "P0001"},
		"cast in a query":  {`SELECT k::int FROM t`, "22P02"},
		"undefined column": {`SELECT "canary" FROM t`, "42703"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conn.Exec(t.Context(), c.sql)
			checkSafe(t, err, c.code)
		})
	}
	t.Run("copy context", func(t *testing.T) {
		_, err := conn.PgConn().CopyFrom(t.Context(), strings.NewReader("canary\n"), `COPY t (i) FROM STDIN`)
		checkSafe(t, err, "22P02")
	})
	t.Run("reader of COPY", func(t *testing.T) {
		_, err := conn.PgConn().CopyFrom(t.Context(), failing{}, `COPY t (i) FROM STDIN`)
		if safe := pgsession.Safe(err); safe == nil || strings.Contains(safe.Error(), "canary") {
			t.Errorf("got %v", safe)
		}
	})
	t.Run("parameter pgx cannot encode", func(t *testing.T) {
		_, err := conn.Exec(t.Context(), `INSERT INTO t (i) VALUES ($1)`, "canary")
		if safe := pgsession.Safe(err); safe == nil || strings.Contains(fmt.Sprintf("%v %+v", safe, safe), "canary") {
			t.Errorf("got %v", safe)
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("canary") }

// checkSafe checks that the server's error has the expected SQLSTATE, and that no part of its text is reachable from
// the error that Safe returns.
func checkSafe(t *testing.T, raw error, code string) {
	t.Helper()
	if pgsession.Code(raw) != code {
		t.Fatalf("the server says %q, want %s", pgsession.Code(raw), code)
	}
	safe := pgsession.Safe(fmt.Errorf("wrapped: %w", raw))
	if pgsession.Code(safe) != code {
		t.Errorf("Safe lost the SQLSTATE: %v", safe)
	}
	for err := safe; err != nil; err = errors.Unwrap(err) {
		text := strings.ToLower(fmt.Sprintf("%s %v %+v %#v", err, err, err, err))
		if strings.Contains(text, "canary") || strings.Contains(text, "7654321") {
			t.Errorf("a value is in %s", text)
		}
	}
	if pg, ok := errors.AsType[*pgconn.PgError](safe); ok {
		t.Errorf("PgError is still reachable: %v", pg.Code)
	}
}

func TestSafeKeepsNamesAndMeaning(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, conn, `CREATE SCHEMA keep; CREATE TABLE keep.t (a int NOT NULL CONSTRAINT positive CHECK (a > 0))`)
	_, err := conn.Exec(t.Context(), `INSERT INTO keep.t VALUES (NULL)`)
	if got := pgsession.Safe(err).Error(); got != "keep.t.a: a NULL where the column does not allow one [SQLSTATE 23502]" {
		t.Errorf("got %q", got)
	}
	_, err = conn.Exec(t.Context(), `INSERT INTO keep.t VALUES (-7)`)
	if got := pgsession.Safe(err).Error(); got != "keep.t: a row breaks a CHECK constraint, or has no partition (constraint positive) [SQLSTATE 23514]" {
		t.Errorf("got %q", got)
	}
	if pgsession.Safe(nil) != nil {
		t.Error("Safe(nil) is not nil")
	}
	wrapped := fmt.Errorf("public.t: %w", pgsession.Safe(err))
	if pgsession.Safe(wrapped) != wrapped {
		t.Error("Safe changed an error that had passed Safe before")
	}
	for _, want := range []error{context.Canceled, context.DeadlineExceeded} {
		if got := pgsession.Safe(fmt.Errorf("canary: %w", want)); got != want { //nolint:errorlint // the error itself, unwrapped
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestSettingsOfRoleAndURLDoNotMatter(t *testing.T) {
	admin := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, admin, `CREATE ROLE odd LOGIN PASSWORD 'pw' IN ROLE pg_read_all_settings`)
	for _, set := range []string{
		"datestyle = 'SQL, DMY'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Tokyo'", "extra_float_digits = -5", "bytea_output = 'escape'",
		"xmloption = 'document'", "array_nulls = off", "search_path = 'elsewhere'", "row_security = on", "default_transaction_read_only = on",
		"statement_timeout = '1h'", "lock_timeout = '1h'", "idle_in_transaction_session_timeout = '1h'", "enable_tidscan = off",
		"client_encoding = 'LATIN1'", "quote_all_identifiers = on", "session_replication_role = 'replica'",
	} {
		exec(t, admin, "ALTER ROLE odd SET "+set)
	}
	exec(t, admin, `ALTER ROLE odd RESET session_replication_role`) // only a superuser may reset this setting
	conn := connect(t, server.URLFor("odd", "pw", "postgres")+"&options=-c%20datestyle%3DGerman", pgsession.Options{Name: "test"})
	var got string
	err := conn.QueryRow(t.Context(), `SELECT concat_ws(' ', '2024-02-01 00:00+00'::timestamptz, '1 day 2 hours'::interval, 0.1::float8 + 0.2::float8,
		'\x00ff'::bytea, 1234.5::float8::numeric::money, '{NULL}'::text[], 'pg_class'::regclass, quote_ident('a'))`, pgx.QueryExecModeSimpleProtocol).Scan(&got)
	if want := `2024-02-01 00:00:00+00 1 day 02:00:00 0.30000000000000004 \x00ff $1,234.50 {NULL} pg_class a`; err != nil || got != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	for name, want := range map[string]string{
		"row_security": "off", "default_transaction_read_only": "off", "statement_timeout": "0", "lock_timeout": "0",
		"idle_in_transaction_session_timeout": "0", "enable_tidscan": "on", "client_encoding": "UTF8", "search_path": "",
		"xmloption": "content", "session_replication_role": "origin", "application_name": "masker test",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", name, got, err, want)
		}
	}
}

// R7, F9: a session calls no function that somebody put before PostgreSQL's functions in the search
// path of a role or database.
func TestR7F9ASearchPathBringsNoFunctionsOfOthers(t *testing.T) {
	admin := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, admin, `CREATE DATABASE planted`)
	exec(t, admin, `ALTER DATABASE planted SET search_path = evil, pg_catalog`)
	conn := connect(t, server.URL("planted"), pgsession.Options{})
	exec(t, conn, `CREATE SCHEMA evil`)
	for _, f := range []string{"current_setting(text) RETURNS text", "pg_backend_pid() RETURNS int", "lower(text) RETURNS text", "version() RETURNS text"} {
		exec(t, conn, `CREATE FUNCTION evil.`+f+` LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted'; END $$`)
	}
	conn = connect(t, server.URL("planted"), pgsession.Options{})
	var path string
	if err := conn.QueryRow(t.Context(), `SHOW search_path`).Scan(&path); err != nil || strings.Trim(path, `"`) != "" {
		t.Errorf("search_path is %q, %v", path, err)
	}
}

func TestAReadOnlySessionCannotWrite(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{ReadOnly: true})
	_, err := conn.Exec(t.Context(), `CREATE TABLE never (a int)`)
	if pgsession.Code(err) != "25006" {
		t.Errorf("got %v", err)
	}
}

func TestBytesOfASQLASCIIDatabasePassAsTheyAre(t *testing.T) {
	admin := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, admin, `CREATE DATABASE raw ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0`)
	conn := connect(t, server.URL("raw"), pgsession.Options{})
	exec(t, conn, `CREATE TABLE public.t (a text); INSERT INTO public.t VALUES (convert_from('\xe9ff', 'SQL_ASCII'))`)
	var b strings.Builder
	if _, err := conn.PgConn().CopyTo(t.Context(), &b, `COPY public.t TO STDOUT`); err != nil || b.String() != "\xe9\xff\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

func TestConnectSaysWhatToDoAndNeverTheURL(t *testing.T) {
	good := server.URL("postgres")
	for name, c := range map[string]struct{ url, code, want string }{
		"nobody listens":  {"postgres://u:canary@127.0.0.1:9/d", "08001", "nothing listens"},
		"no such host":    {"postgres://u:canary@nowhere.invalid/d", "08001", "host name is not known"},
		"unreadable":      {"postgres://u:canary%zz@h/d", "08001", "percent-encoded"},
		"wrong password":  {server.URLFor("postgres", "canary", "postgres"), "28P01", "wrong password"},
		"no database":     {strings.Replace(good, "/postgres?", "/canaries?", 1), "3D000", "does not exist"},
		"no TLS offered":  {strings.Replace(good, "sslmode=disable", "sslmode=require", 1), "08001", "sslmode"},
		"no such keyword": {"host=127.0.0.1 canary", "08001", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pgsession.Connect(t.Context(), c.url, pgsession.Options{})
			if pgsession.Code(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s and %q", err, c.code, c.want)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "canary") {
				t.Errorf("a password is in %v", err)
			}
		})
	}
}

func TestALongMessageIsRefusedBeforeItIsRead(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{MaxMessage: 1 << 20})
	_, err := conn.PgConn().CopyTo(t.Context(), &strings.Builder{}, `COPY (SELECT repeat('x', 2000000)) TO STDOUT`)
	if safe := pgsession.Safe(err); pgsession.Code(safe) != "54000" || !strings.Contains(safe.Error(), "max_row") {
		t.Errorf("got %v", safe)
	}
}
