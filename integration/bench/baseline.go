package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// These names identify the contenders in the result file. Pages in docs refer to the names.
const (
	pipesText   = "rows only: two COPY pipes, text"
	pipesBinary = "rows only: two COPY pipes, binary"
	dumpPlain   = "unmasked: pg_dump -Z0, pg_restore, vacuumdb"
	dumpPacked  = "unmasked: the same, default compression"
)

// baselines returns the unmasked copies that masker is compared with.
func (b *bench) baselines() []*contender {
	base := contender{rows: b.rows(), bytes: b.heap, orders: true}
	pipe := func(name, format string) *contender {
		c := base
		c.name, c.target = name, "bench_pipes"
		c.prepare = func(ctx context.Context) error { return b.preData(ctx, c.target) }
		c.run = func(ctx context.Context) (sample, error) { return sample{}, b.pipes(ctx, c.target, format) }
		return &c
	}
	dump := func(name string, flags ...string) *contender {
		c := base
		c.name, c.target = name, "bench_restored"
		c.prepare = func(ctx context.Context) error { return b.create(ctx, c.target) }
		c.run = func(ctx context.Context) (sample, error) { return b.dumpRestore(ctx, c.target, flags, true) }
		return &c
	}
	return []*contender{
		pipe(pipesText, "text"), pipe(pipesBinary, "binary"),
		dump(dumpPlain, "-Z0"), dump(dumpPacked),
	}
}

func (b *bench) create(ctx context.Context, db string) error {
	return b.exec(ctx, "postgres", "CREATE DATABASE "+db+" TEMPLATE template0")
}

// preData makes a target with empty tables, without indexes and constraints.
func (b *bench) preData(ctx context.Context, db string) error {
	if err := b.create(ctx, db); err != nil {
		return err
	}
	file := filepath.Join(b.work, "pre.sql")
	if err := b.tool(ctx, sourceDB, "pg_dump", "--section=pre-data", "-f", file).Run(); err != nil {
		return fmt.Errorf("pg_dump: %w", err)
	}
	return b.tool(ctx, db, "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.DevNull, "-f", file).Run()
}

// pipes copies all tables at the same time, each with psql | psql.
func (b *bench) pipes(ctx context.Context, db, format string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, table := range []string{"customers", "orders", "tickets"} {
		g.Go(func() error {
			from := b.tool(ctx, sourceDB, "psql", "-qX", "-c", fmt.Sprintf("COPY %s TO STDOUT (FORMAT %s)", table, format))
			into := b.tool(ctx, db, "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", fmt.Sprintf("COPY %s FROM STDIN (FORMAT %s)", table, format))
			return pipeline(from, into)
		})
	}
	return g.Wait()
}

// pipeline runs two programs and connects them with a pipe.
func pipeline(from, into *exec.Cmd) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	from.Stdout, into.Stdin = w, r
	errFrom, errInto := from.Start(), into.Start()
	// The programs now have their own ends of the pipe. If this process left its ends open, the pipe would never end.
	err = errors.Join(errFrom, errInto, w.Close(), r.Close())
	if errFrom == nil {
		err = errors.Join(err, from.Wait())
	}
	if errInto == nil {
		err = errors.Join(err, into.Wait())
	}
	return err
}

// dumpRestore copies the source with PostgreSQL's programs. With vacuum, it also gathers statistics, as masker does.
func (b *bench) dumpRestore(ctx context.Context, db string, flags []string, vacuum bool) (s sample, err error) {
	dir := filepath.Join(b.work, "dump")
	defer os.RemoveAll(dir)
	dump := append([]string{"-Fd", "-j2", "--no-sync", "-f", dir}, flags...)
	steps := []*exec.Cmd{b.tool(ctx, sourceDB, "pg_dump", dump...), b.tool(ctx, db, "pg_restore", "-j2", "-d", db, dir)}
	if vacuum {
		steps = append(steps, b.tool(ctx, db, "vacuumdb", "-q", "-Z", "-j2", db))
	}
	for _, step := range steps {
		if err := s.timed(step); err != nil {
			return s, err
		}
	}
	return s, nil
}

// tool returns a command that runs one of PostgreSQL's programs on a database. The password is in an environment
// variable.
func (b *bench) tool(ctx context.Context, db, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(b.server.BinDir(), program), args...)
	cmd.Env = append(os.Environ(), b.environment(db)...)
	cmd.Stderr = os.Stderr
	return cmd
}

func (b *bench) environment(db string) []string {
	u, err := url.Parse(b.server.URL(db))
	if err != nil {
		return nil // not expected; the program then reports that it has no host
	}
	password, _ := u.User.Password()
	return []string{
		"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGUSER=" + u.User.Username(),
		"PGPASSWORD=" + password, "PGDATABASE=" + db, "PGSSLMODE=disable",
	}
}
