package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

func TestOpenDoesNotQueueBehindALock(t *testing.T) {
	conn, url := database(t, "locked", `CREATE TABLE held (a int)`)
	run(t, conn, `BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE`)
	_, err := source.Open(t.Context(), url, source.Options{})
	if pgsession.Code(err) != "55P03" || !strings.Contains(err.Error(), "public.held") {
		t.Errorf("got %v", err)
	}
}

func TestWatchGivesWayToQueuedDDL(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "queue", `CREATE TABLE "T" (a int)`)
	p := open(t, url, source.Options{LockPatience: 100 * time.Millisecond})
	altered := make(chan error, 1)
	go func() {
		_, err := conn.Exec(context.WithoutCancel(t.Context()), `ALTER TABLE "T" ADD b int`)
		altered <- err
	}()
	err := p.Watch(t.Context())
	if err == nil || !strings.Contains(err.Error(), `public."T"`) {
		t.Errorf("got %v", err)
	}
	if err := <-altered; err != nil { // the other statement succeeds before the test closes the snapshot
		t.Error(err)
	}
	if err := stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1}, drain); err == nil || !strings.Contains(err.Error(), "gives way") {
		t.Errorf("a worker read on, or did not say why not: %v", err)
	}
}

func TestWatchSeesTheHolderDie(t *testing.T) {
	conn, url := database(t, "holder", `CREATE TABLE t (a int)`)
	p := open(t, url, source.Options{})
	run(t, conn, `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE relation = 't'::regclass`)
	if err := p.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), "session that holds the snapshot") {
		t.Errorf("got %v", err)
	}
	if err := stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1}, drain); err == nil || !strings.Contains(err.Error(), "session that holds the snapshot") {
		t.Errorf("got %v", err)
	}
}

func TestWatchSeesItsOwnSessionDie(t *testing.T) {
	conn, url := database(t, "blind", `CREATE TABLE t (a int)`)
	p := open(t, url, source.Options{Sessions: 2})
	run(t, conn, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'blind' AND query ~ 'pg_blocking_pids' AND pid <> pg_backend_pid()`)
	if err := p.Watch(t.Context()); err == nil || !strings.Contains(err.Error(), "the run gives way") {
		t.Errorf("got %v", err)
	}
	nothingLeft(t, conn, "blind")
}

func TestWatchEndsWithItsContext(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "watch", ``)
	p := open(t, url, source.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Watch(ctx) }()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestArchiveHoldsWhatPgRestoreLists(t *testing.T) {
	_, url := database(t, "listed", shapes)
	bin := server.BinDir()
	data, err := exec.Command(filepath.Join(bin, "pg_dump"), "-Fc", "-s", "-Z0", url).Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(bin, "pg_restore"), "-l")
	cmd.Stdin = strings.NewReader(string(data))
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []source.Options{{}, {Archive: true}} {
		a, err := open(t, url, o).Archive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := listing(a), withoutNumbers(string(list)); got != want {
			t.Errorf("%+v: got\n%s\nwant\n%s", o, got, want)
		}
	}
}

// Close ends the pg_dump that Open started, and waits until it has ended.
func TestCloseEndsPgDump(t *testing.T) {
	_, url := database(t, "dumpended", `CREATE TABLE t (a int)`)
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in --version) exec %q/pg_dump --version;; esac\necho $$ >%q\nexec sleep 1000\n", server.BinDir(), started)
	if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	p := open(t, url, source.Options{Archive: true, PGDump: source.PGDump{File: filepath.Join(dir, "pg_dump")}})
	line, err := os.ReadFile(started) // waits until pg_dump has opened the other end
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(line)))
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("pg_dump is still there: %v", err)
	}
	if _, err := p.Archive(t.Context()); err == nil {
		t.Error("there is an archive of a pg_dump that was ended")
	}
}

func TestArchiveNamesWhatIsWrong(t *testing.T) {
	_, url := database(t, "nodump", `CREATE TABLE t (a int)`)
	p := open(t, url, source.Options{})
	t.Setenv("MASKER_PG_BIN", t.TempDir())
	if _, err := p.Archive(t.Context()); err != nil { // the pg_dump was chosen before, by Open
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Archive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	p.Close()
	if _, err := p.Archive(t.Context()); err == nil || !strings.Contains(err.Error(), "snapshot is gone") {
		t.Errorf("got %v", err)
	}
}

// listing prints entries as pg_restore -l does, and leaves out the entries that pg_restore never lists.
func listing(a *archive.Archive) string {
	var b strings.Builder
	for _, e := range a.Entries {
		if e.Desc == "ENCODING" || e.Desc == "STDSTRINGS" || e.Desc == "SEARCHPATH" || e.Desc == "DATABASE" {
			continue
		}
		b.WriteString(strings.Join([]string{e.Desc, or(e.Namespace), e.Tag, e.Owner}, " ") + "\n")
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "\n ", "\n"))
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// withoutNumbers removes the comments and the three leading numbers from the lines of pg_restore -l.
func withoutNumbers(list string) string {
	var b strings.Builder
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, ";") {
			continue
		}
		b.WriteString(strings.SplitN(line, " ", 4)[3])
	}
	return strings.TrimSpace(b.String())
}

// pg_dump waits behind a session that waits for a lock of the snapshot. The watcher decides when the snapshot gives
// way, and names the table. pg_dump does not decide this.
func TestPGDumpWaitsForTheWatcher(t *testing.T) {
	conn, at := database(t, "dumpwaits", `CREATE TABLE t (a int)`)
	p := open(t, at, source.Options{LockPatience: 2 * time.Second})
	waiter := dial(t, at)
	altered := make(chan error, 1)
	go func() {
		_, err := waiter.Exec(context.WithoutCancel(t.Context()), `SET lock_timeout = '30s'; ALTER TABLE t ADD b int`)
		altered <- err
	}()
	until(t, conn, `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 't'::regclass AND NOT granted)`)
	if _, err := p.Archive(t.Context()); err == nil || !strings.Contains(err.Error(), "gives way") || !strings.Contains(err.Error(), "public.t") {
		t.Errorf("got %v", err)
	}
	if err := <-altered; err != nil {
		t.Error(err)
	}
}
