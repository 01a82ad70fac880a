package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
)

// Archive returns the schema of the snapshot as an archive of pg_dump, without rows. The archive is only in memory.
// With Options.Archive, Open has started pg_dump, and Archive waits for it.
func (p *Postgres) Archive(ctx context.Context) (*archive.Archive, error) {
	if p.ahead != nil {
		return p.ahead.wait(ctx)
	}
	return p.startDump(ctx).wait(ctx)
}

// dumping is a pg_dump that runs.
type dumping struct {
	stop    context.CancelFunc
	lent    chan struct{} // closed when the session for pg_dump is open, or cannot be opened
	done    chan struct{} // closed when pg_dump has ended
	archive *archive.Archive
	err     error
}

// startDump starts pg_dump. The end of ctx stops it.
func (p *Postgres) startDump(ctx context.Context) *dumping {
	d := &dumping{lent: make(chan struct{}), done: make(chan struct{})}
	ctx, d.stop = context.WithCancel(ctx)
	encoding := p.holder.PgConn().ParameterStatus("client_encoding") // the encoding in which every session of masker reads and writes
	go func() {
		defer close(d.done)
		line, err := p.lendTo(ctx)
		close(d.lent)
		if err != nil {
			d.err = err
			return
		}
		defer line.close()
		d.archive, d.err = p.runDump(ctx, line, encoding)
	}()
	return d
}

// wait returns what pg_dump wrote. If ctx ends first, wait stops pg_dump.
func (d *dumping) wait(ctx context.Context) (*archive.Archive, error) {
	defer d.end()
	select {
	case <-d.done:
		return d.archive, d.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// end stops pg_dump, if it still runs, and waits until it has ended. d may be nil.
func (d *dumping) end() {
	if d != nil {
		d.stop()
		<-d.done
	}
}

// lendTo opens the session for pg_dump, if pg_dump is still the program that was chosen.
func (p *Postgres) lendTo(ctx context.Context) (*lent, error) {
	if err := unchanged(p.dump); err != nil {
		return nil, err
	}
	line, err := p.lend(ctx)
	return line, p.Explain(err)
}

// runDump runs pg_dump on a session to its end.
func (p *Postgres) runDump(ctx context.Context, line *lent, encoding string) (*archive.Archive, error) {
	program := p.dump.Path
	args := append(p.own.excluded(), "--format=custom", "--schema-only", "--compress=0", "--no-password", "--encoding="+encoding,
		"--snapshot="+p.facts.SnapshotID, "--lock-wait-timeout="+strconv.FormatInt(p.dumpLockWait().Milliseconds(), 10))
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(childEnv(), line.env()...)
	var out bytes.Buffer
	complaints := limited{left: 64 << 10}
	cmd.Stdout, cmd.Stderr = &out, &complaints
	cmd.Cancel = func() error { line.close(); return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if broke := line.failure(); broke != nil {
			err = fmt.Errorf("pg_dump: %w", pgsession.Safe(broke))
		} else {
			err = explainDump(program, p.role(), err, complaints.buf.Bytes())
		}
		return nil, p.Explain(err)
	}
	f, err := archive.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		return nil, err
	}
	return f.Archive, nil
}

// childEnv returns the environment variables of pg_dump. pg_dump gets none of masker's own environment variables. They
// may hold secrets, may lead pg_dump to another server, or may load code into it.
func childEnv() []string {
	return []string{"LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
}

// dumpLockWait returns how long pg_dump may wait for the locks of tables. Unless Options.Look is set, the session that
// holds the snapshot already has these locks. Therefore pg_dump waits only behind another session that waits for an
// exclusive lock on a table. After LockPatience, the watcher gives way to that session and names the table. pg_dump
// waits a little longer, so that the watcher acts first. pg_dump sets the time as statement_timeout.
func (p *Postgres) dumpLockWait() time.Duration { return p.opt.LockPatience + lookSlack }

// limited is a writer that stores the first bytes and discards the others.
type limited struct {
	buf  bytes.Buffer
	left int // number of bytes that it can still store
}

func (l *limited) Write(b []byte) (int, error) {
	keep := b[:min(len(b), l.left)]
	l.left -= len(keep)
	l.buf.Write(keep)
	return len(b), nil
}

// dumpError is the error of a pg_dump that failed.
type dumpError string

func (e dumpError) Error() string { return string(e) }

// explainDump returns a dumpError that says why pg_dump failed, in masker's own words. pg_dump's messages can quote
// definitions and connection strings, so the error repeats no part of them.
func explainDump(program, role string, err error, stderr []byte) error {
	for _, known := range []struct{ pattern, text string }{
		{`server version mismatch`, "it is older than the server; install postgresql-client of the server's version"},
		{`permission denied for`, "the source role may not read everything that it needs; GRANT pg_read_all_data TO " + role},
		{`due to (lock|statement) timeout|could not obtain lock`, "somebody holds or waits for an exclusive lock on a table; run again after the schema change"},
		{`snapshot .* does not exist|invalid snapshot identifier|could not import the requested snapshot`, "the snapshot is gone, because the session that held it ended; run again"},
		{`row-level security`, "row security would hide rows from the source role; ALTER ROLE " + role + " BYPASSRLS"},
		{`terminating connection|server closed the connection`, "the server ended the session of pg_dump; its log says why"},
		{`out of shared memory`, "the server's lock table is full; raise max_locks_per_transaction"},
	} {
		if regexp.MustCompile(known.pattern).Match(stderr) {
			return dumpError("pg_dump: " + known.text)
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return dumpError(fmt.Sprintf("pg_dump was ended by a signal (%s), perhaps for lack of memory; run again", exit.String()))
	}
	if errors.As(err, &exit) {
		return dumpError(fmt.Sprintf("pg_dump failed with status %d; run %s --schema-only by hand as the same role to see why (the message is not shown here, because it can quote data)",
			exit.ExitCode(), program))
	}
	return dumpError("pg_dump could not be run: " + program)
}
