package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/wire"
)

// sharedCatalogs are the catalogs of the whole server that masker, pg_dump or a login reads.
var sharedCatalogs = []string{"pg_authid", "pg_auth_members", "pg_database", "pg_db_role_setting", "pg_shdepend", "pg_shdescription", "pg_tablespace", "pg_subscription"}

// An open snapshot holds locks on the tables that it reads, but on no catalog. If somebody waited for a shared catalog,
// every login on the server would wait, too.
func TestASnapshotHoldsNoLockOnACatalog(t *testing.T) {
	conn, at := database(t, "catalogs", shapes)
	p := open(t, at, source.Options{Sessions: 2})
	for name, use := range map[string]func() error{
		"opened":     func() error { return nil },
		"rights":     func() error { _, err := p.Writes(t.Context()); return err },
		"provenance": func() error { _, err := p.Provenance(t.Context()); return err },
		"sequences":  func() error { _, err := p.SequenceValues(t.Context()); return err },
		"read":       func() error { return stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 2}, drain) },
		"unchanged":  func() error { return p.Unchanged(t.Context()) },
		"dumped":     func() error { _, err := p.Archive(t.Context()); return err },
	} {
		if err := use(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Log(name)
		// The server ends pg_dump's session a moment after pg_dump has ended.
		until(t, conn, `SELECT NOT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a USING (pid)
			WHERE a.application_name LIKE 'masker source%' AND a.state LIKE 'idle%' AND c.relnamespace = 'pg_catalog'::regnamespace)`)
	}
	for _, name := range sharedCatalogs {
		run(t, conn, `BEGIN; SET LOCAL lock_timeout = '1s'; LOCK TABLE `+name+` IN ACCESS EXCLUSIVE MODE; ROLLBACK`)
	}
}

// The watcher sees a session that waits for the snapshot, even while another session holds a lock on the catalog that
// every login reads.
func TestWatchLooksPastALockedCatalog(t *testing.T) {
	conn, at := database(t, "cold", `CREATE TABLE t (a int)`)
	other := dial(t, at)
	p := open(t, at, source.Options{LockPatience: 100 * time.Millisecond})
	run(t, conn, `BEGIN; LOCK TABLE pg_authid, pg_database IN ACCESS EXCLUSIVE MODE`)
	altered := make(chan error, 1)
	go func() {
		_, err := other.Exec(context.WithoutCancel(t.Context()), `BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; ROLLBACK`, pgx.QueryExecModeSimpleProtocol)
		altered <- err
	}()
	if err := p.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), "public.t") {
		t.Errorf("got %v", err)
	}
	run(t, conn, `ROLLBACK`)
	if err := <-altered; err != nil {
		t.Error(err)
	}
}

// Unchanged waits if somebody holds a lock on a shared catalog for a moment. A run that has loaded all rows should not
// fail because of that.
func TestUnchangedWaitsForALockedCatalog(t *testing.T) {
	conn, at := database(t, "compared", `CREATE TABLE t (a int)`)
	p := open(t, at, source.Options{Sessions: 1})
	run(t, conn, `BEGIN; LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE`)
	compared := make(chan error, 1)
	go func() { compared <- p.Unchanged(t.Context()) }()
	waitsFor(t, conn, "pg_authid")
	waitsAgain(t, conn, "pg_authid") // the first attempt gave up
	run(t, conn, `ROLLBACK`)
	if err := <-compared; err != nil {
		t.Error(err)
	}
}

func waitsFor(t *testing.T, conn *pgx.Conn, relation string) {
	t.Helper()
	until(t, conn, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '`+relation+`'::regclass)`)
}

// waitsAgain waits until a session begins to wait for a lock on the relation. A wait that began before the call does
// not count.
func waitsAgain(t *testing.T, conn *pgx.Conn, relation string) {
	t.Helper()
	var now time.Time
	if err := conn.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	until(t, conn, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '`+relation+`'::regclass AND waitstart > '`+now.Format(time.RFC3339Nano)+`')`)
}

// nothingLeft waits until no session of masker is left in a database.
func nothingLeft(t *testing.T, conn *pgx.Conn, name string) {
	t.Helper()
	until(t, conn, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '`+name+`' AND application_name LIKE 'masker%')`)
}

// until repeats a query until its result is true. Between two queries it leaves the machine to masker and the server.
// It fails the test after two minutes, because a busy machine may need long.
func until(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); time.Since(begin) < 2*time.Minute; <-tick.C {
		var yes bool
		if err := conn.QueryRow(t.Context(), sql).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			return
		}
	}
	t.Fatalf("never: %s", sql)
}

// slowDump makes masker use another program in place of pg_dump. The program reads a shared catalog in a transaction,
// on the session that masker lends it, and then sleeps.
func slowDump(t *testing.T) {
	t.Helper()
	bin := server.BinDir()
	dir := t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) exec %[1]q/pg_dump --version;; esac\n"+
		"exec %[1]q/psql -qAtX -c 'BEGIN; SELECT count(*) FROM pg_roles; SELECT pg_sleep(600)'\n", bin)
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MASKER_PG_BIN", dir)
}

// pg_dump holds its locks on shared catalogs while it runs. If somebody waits for one of them, pg_dump and the run end.
func TestTheRunGivesWayToAWaiterBehindPgDump(t *testing.T) {
	conn, at := database(t, "dumping", `CREATE TABLE t (a int)`)
	slowDump(t)
	p := open(t, at, source.Options{LockPatience: 100 * time.Millisecond})
	dumped := make(chan error, 1)
	go func() { _, err := p.Archive(t.Context()); dumped <- err }()
	until(t, conn, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = 'dumping')`)
	run(t, conn, `BEGIN; SET LOCAL lock_timeout = '20s'; LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE; ROLLBACK`)
	for what, err := range map[string]error{"the dump": <-dumped, "the watcher": p.Watch(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), "pg_catalog.pg_authid") || !strings.Contains(err.Error(), "gives way") {
			t.Errorf("%s said %v", what, err)
		}
	}
	nothingLeft(t, conn, "dumping")
}

// The end of a context ends pg_dump and its session.
func TestADumpEndsWithItsContext(t *testing.T) {
	noLeaks(t)
	conn, at := database(t, "cutshort", `CREATE TABLE t (a int)`)
	slowDump(t)
	p := open(t, at, source.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	dumped := make(chan error, 1)
	go func() { _, err := p.Archive(ctx); dumped <- err }()
	until(t, conn, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = 'cutshort')`)
	cancel()
	if err := <-dumped; err != context.Canceled {
		t.Errorf("got %v", err)
	}
	until(t, conn, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = 'cutshort')`)
}

// pg_dump gets none of masker's environment variables. It needs no address and no password, because it uses a session
// of masker.
func TestPgDumpGetsAnEnvironmentOfItsOwn(t *testing.T) {
	_, at := database(t, "bare", `CREATE TABLE t (a int)`)
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) exec %[1]q/pg_dump --version;; esac\nenv >%[2]q\nexec %[1]q/pg_dump \"$@\"\n", server.BinDir(), seen)
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"MASKER_PG_BIN": dir, "PGOPTIONS": "-c search_path=evil", "PGSSLMODE": "verify-full", "LD_PRELOAD": "", "LD_LIBRARY_PATH": "/evil", "MASKER_KEY": "canary", "PGHOSTADDR": "192.0.2.1",
	} {
		t.Setenv(name, value)
	}
	p := open(t, at, source.Options{})
	if _, err := p.Archive(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "PGHOST":
			if info, err := os.Stat(value); err == nil || !os.IsNotExist(err) {
				t.Errorf("the socket's folder is still there: %v", info)
			}
		case "PGPORT", "PGUSER", "PGDATABASE", "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIREPEER", "PATH", "LC_ALL", "PWD", "SHLVL", "_", "OLDPWD":
		default:
			t.Errorf("pg_dump got %s", name)
		}
	}
}

// R8: masker does not use a temporary folder that others can rename. They could put their own socket in its place, and
// decide which schema masker reads. It also does not use a folder that does not exist, or whose path is too long.
func TestR8TheSocketOfPgDumpCannotBeReplaced(t *testing.T) {
	_, at := database(t, "replaced", `CREATE TABLE t (a int)`)
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) exec %[1]q/pg_dump --version;; esac\necho \"$PGHOST $PGREQUIREPEER\" >%[2]q\nexec %[1]q/pg_dump \"$@\"\n", server.BinDir(), seen)
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MASKER_PG_BIN", dir)
	open0777 := filepath.Join(dir, "open")
	below := filepath.Join(open0777, "mine")
	if err := errors.Join(os.MkdirAll(below, 0o700), os.Chmod(open0777, 0o777)); err != nil {
		t.Fatal(err)
	}
	for name, tmp := range map[string]string{"open": open0777, "below one that is open": below, "gone": filepath.Join(dir, "gone"), "long": filepath.Join(dir, strings.Repeat("x", 100))} {
		t.Setenv("TMPDIR", tmp)
		p := open(t, at, source.Options{})
		if _, err := p.Archive(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		data, err := os.ReadFile(seen)
		if err != nil {
			t.Fatal(err)
		}
		where, peer, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
		if strings.HasPrefix(where, dir) || peer == "" {
			t.Errorf("%s: pg_dump was sent to %s, and asked for peer %q", name, where, peer)
		}
	}
}

// Only one program can use the session, and only this user can enter the folder of the socket.
func TestASessionIsLentOnce(t *testing.T) {
	_, at := database(t, "lentonce", `CREATE TABLE t (a int)`)
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	psql := filepath.Join(server.BinDir(), "psql")
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) exec %[1]q/pg_dump --version;; esac\n"+
		"%[2]q -qAtX -c \"SELECT pg_catalog.current_setting('transaction_read_only')\" -c \"\\\\! %[2]s -qAtX -c 'SELECT 1'; echo second ended with \\$?\" >%[3]q 2>&1\nls -ld \"$PGHOST\" >>%[3]q\nexit 1\n", server.BinDir(), psql, seen)
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MASKER_PG_BIN", dir)
	p := open(t, at, source.Options{})
	_, _ = p.Archive(t.Context()) // fails, because this pg_dump writes no archive
	data, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"on\n", "second ended with 2", "drwx------"} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %q in\n%s", want, data)
		}
	}
}

// Abandon ends every transaction of a snapshot at once, even a COPY whose rows nobody reads.
func TestAbandonEndsEverySession(t *testing.T) {
	noLeaks(t)
	conn, at := database(t, "abandoned", `CREATE TABLE t AS SELECT g AS a, repeat('x', 1000) AS b FROM generate_series(1, 100000) g`)
	p := open(t, at, source.Options{Sessions: 3})
	reading := make(chan struct{})
	read := make(chan error, 1)
	go func() {
		first := true
		read <- stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1}, func(_ catalog.Extent, rows wire.Blocks) error {
			for {
				_, err := rows.Next()
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				if first {
					close(reading)
					first = false
					nothingLeft(t, conn, "abandoned") // until then this worker takes no more rows
				}
			}
		})
	}()
	<-reading
	why := fmt.Errorf("the run was interrupted")
	p.Abandon(why)
	if err := <-read; err != why {
		t.Errorf("got %v", err)
	}
	if _, err := p.Writes(t.Context()); err != why {
		t.Errorf("got %v", err)
	}
}

// stallable returns a proxy, and a URL that leads through the proxy to the database of the URL at.
func stallable(t *testing.T, at string) (*faultproxy.Proxy, string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	through, err := proxy.URL(at)
	if err != nil {
		t.Fatal(err)
	}
	return proxy, through
}

// F10: a proxy may stop forwarding one connection but leave it open. No other session has to wait because of this. If
// it is the connection of the watcher, the watcher opens another one. If it is the connection of the holder, the
// watcher terminates its server process.
func TestF10OneForgottenConnectionKeepsNoLock(t *testing.T) {
	for number, which := range map[int]string{1: "watcher", 2: "holder"} {
		t.Run(which, func(t *testing.T) {
			conn, at := database(t, "forgotten_"+which, `CREATE TABLE t (a int)`)
			proxy, through := stallable(t, at)
			p := open(t, through, source.Options{LockPatience: 100 * time.Millisecond, Sessions: 2})
			proxy.StallOnly(number)
			run(t, conn, `SET lock_timeout = '20s'; ALTER TABLE t ADD b int`) // the proxy still keeps the connection open
			if err := p.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), "public.t") {
				t.Errorf("got %v", err)
			}
			nothingLeft(t, conn, "forgotten_"+which)
		})
	}
}

// F10: closing a snapshot releases its locks, even if a proxy no longer forwards its connection.
func TestF10AForgottenHolderIsEndedWithItsSnapshot(t *testing.T) {
	conn, at := database(t, "forgotten_close", `CREATE TABLE t (a int)`)
	proxy, through := stallable(t, at)
	p := open(t, through, source.Options{})
	proxy.StallOnly(2)
	p.Close()
	until(t, conn, `SELECT NOT EXISTS (SELECT FROM pg_locks WHERE relation = 't'::regclass)`)
}

// The server ends a transaction that is idle for too long. masker sends pings on the holder's session, so the holder's
// transaction is never idle for too long.
func TestTheHolderSendsPings(t *testing.T) {
	conn, at := database(t, "lively", `CREATE TABLE t (a int)`)
	p := open(t, at, source.Options{ConnectionPatience: 200 * time.Millisecond}) // its transactions may be idle for two seconds
	until(t, conn, `SELECT clock_timestamp() - min(xact_start) > interval '5 s' FROM pg_stat_activity WHERE datname = 'lively' AND application_name LIKE 'masker source%'`)
	if _, err := p.Writes(t.Context()); err != nil {
		t.Error(err)
	}
}

// F10: if the network passes nothing on, the snapshot ends after ConnectionPatience.
func TestF10WatchSeesASourceThatDoesNotAnswer(t *testing.T) {
	conn, at := database(t, "stalled", `CREATE TABLE t (a int)`)
	proxy, through := stallable(t, at)
	p := open(t, through, source.Options{ConnectionPatience: 300 * time.Millisecond})
	proxy.Stall()
	if err := p.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), "did not answer for 300ms") {
		t.Errorf("got %v", err)
	}
	proxy.Close()
	nothingLeft(t, conn, "stalled")
	if _, err := p.SequenceValues(t.Context()); err == nil || pgsession.Code(err) != "" {
		t.Errorf("got %v", err)
	}
}
