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

// Archive is the DDL of the snapshot: what pg_dump makes of it, kept in memory. Rows are not in it.
func (p *Postgres) Archive(ctx context.Context) (*archive.Archive, error) {
	program := p.dump.Path
	if err := unchanged(p.dump); err != nil {
		return nil, err
	}
	line, err := p.lend(ctx)
	if err != nil {
		return nil, p.sessions.why(err)
	}
	defer line.close()
	args := append(p.own.excluded(), "--format=custom", "--schema-only", "--compress=0", "--no-password",
		"--encoding="+p.holder.PgConn().ParameterStatus("client_encoding"), // as every session of masker reads and writes
		"--snapshot="+p.facts.SnapshotID, "--lock-wait-timeout="+strconv.Itoa(int(dumpLockWait.Milliseconds())))
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
			err = explainDump(program, err, complaints.buf.Bytes())
		}
		return nil, p.sessions.why(err)
	}
	f, err := archive.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		return nil, err
	}
	return f.Archive, nil
}

// childEnv is the whole environment of a pg_dump. Nothing of our own reaches it: keys live there, and variables that
// would lead it elsewhere or load code into it.
func childEnv() []string {
	return []string{"LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
}

// dumpLockWait is how long pg_dump may wait for a table. The holder has each table's lock already: only
// somebody who queued since can stand before pg_dump.
const dumpLockWait = time.Second

// limited keeps the beginning of what is written to it.
type limited struct {
	buf  bytes.Buffer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	keep := b[:min(len(b), l.left)]
	l.left -= len(keep)
	l.buf.Write(keep)
	return len(b), nil
}

// explainDump says in our own words why pg_dump failed. Its messages can quote definitions and
// connection strings; only patterns known to be without are recognised, and none is repeated.
func explainDump(program string, err error, stderr []byte) error {
	for _, known := range []struct{ pattern, text string }{
		{`server version mismatch`, "it is older than the server; install postgresql-client of the server's version"},
		{`permission denied for`, "the source role may not read everything it needs; GRANT pg_read_all_data TO it"},
		{`due to lock timeout|could not obtain lock`, "somebody waits for or holds a table's exclusive lock; run again when the schema change is through"},
		{`snapshot .* does not exist|invalid snapshot identifier|could not import the requested snapshot`, "the snapshot is gone: the session that held it ended"},
		{`row-level security`, "row security would hide rows from the source role; ALTER ROLE … BYPASSRLS"},
		{`terminating connection|server closed the connection`, "the server ended its session"},
		{`out of shared memory`, "the server's lock table is full; raise max_locks_per_transaction"},
	} {
		if regexp.MustCompile(known.pattern).Match(stderr) {
			return fmt.Errorf("pg_dump: %s", known.text)
		}
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return fmt.Errorf("pg_dump was ended by a signal (%s), perhaps for lack of memory; run again", exit.String())
	}
	if errors.As(err, &exit) {
		return fmt.Errorf("pg_dump failed with status %d; run %s --schema-only by hand as the same role to see why (its message is not shown here: it can quote data)",
			exit.ExitCode(), program)
	}
	return fmt.Errorf("pg_dump could not be run: %s", program)
}
