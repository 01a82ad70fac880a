package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	maskerBranch = "masker branch create"
	branchTarget = "bench_branch"
	templateName = maskerTarget + "_masker_template"
)

// raceBranch compares a branch, which masker makes of a template, with the copies that the server alone makes of this
// template: with cloned files, if the server can clone files (from PostgreSQL 18), and with copied files. Cloning needs
// a file system that shares blocks, below TMPDIR. On another file system, such a server fails, and the benchmark too.
func (b *bench) raceBranch(ctx context.Context) error {
	if err := b.fill(ctx); err != nil {
		return err
	}
	flows := fmt.Sprintf(flow, "keep", "keep", 2, "off") + "    branches: {template: true}\n"
	if err := b.writeOperator(flows, map[string]string{"keep.yaml": keepRules}); err != nil {
		return err
	}
	if _, err := b.refresh(ctx, "keep"); err != nil {
		return err
	}
	ways, err := b.copies(ctx)
	if err != nil {
		return err
	}
	ours := &contender{name: maskerBranch, target: branchTarget, run: func(ctx context.Context) (sample, error) {
		return measure(b.maskerCommand(ctx, "branch", "create", "staging", branchTarget))
	}}
	list := append(ways, ours)
	if err := b.race(ctx, list); err != nil {
		return err
	}
	size, err := b.size(ctx, templateName)
	if err != nil {
		return err
	}
	if err := b.reportShape(os.Stdout, shape{name: fmt.Sprintf("a branch of %d MB, %s", size>>20, b.version)}, list); err != nil {
		return err
	}
	fmt.Printf("\nmasker's own part: %.0f ms (median of %s minus the copy of the same round)\n", ownPart(ways[0].samples, ours.samples)*1e3, maskerBranch)
	return nil
}

// ownPart returns by how many seconds a branch takes longer than the copy of the same round, as the median of all
// rounds.
func ownPart(alone, branch []sample) float64 {
	var own []sample
	for i := range branch {
		own = append(own, sample{Seconds: branch[i].Seconds - alone[i].Seconds})
	}
	return median(own).Seconds
}

// copies returns the copies that the server makes of the template without masker. The copy that
// masker would try first comes first.
func (b *bench) copies(ctx context.Context) ([]*contender, error) {
	conn, err := pgx.Connect(ctx, b.server.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var clones bool
	var version string
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'file_copy_method' AND 'clone' = ANY (enumvals)), current_setting('server_version_num')").
		Scan(&clones, &version); err != nil {
		return nil, err
	}
	const strategies = 150000 // the first version with STRATEGY
	files := " STRATEGY file_copy"
	if n, err := strconv.Atoi(version); err != nil || n < strategies {
		files = ""
	}
	copied := func(name, set, strategy string) *contender {
		return &contender{name: name, target: "bench_copy", run: func(ctx context.Context) (sample, error) {
			return b.copy(ctx, set, "CREATE DATABASE bench_copy TEMPLATE "+templateName+strategy)
		}}
	}
	list := []*contender{}
	if clones {
		list = append(list, copied("CREATE DATABASE, files cloned", "SET file_copy_method = clone", files))
	}
	return append(list, copied("CREATE DATABASE, files copied", "", files)), nil
}

// copy opens a session and copies a database. The caller measures the time.
func (b *bench) copy(ctx context.Context, set, create string) (s sample, err error) {
	conn, err := pgx.Connect(ctx, b.server.URL("postgres"))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for sql := range strings.SplitSeq(strings.TrimPrefix(set+";"+create, ";"), ";") {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return s, err
		}
	}
	return s, nil
}

// size returns the bytes of a database on the disk.
func (b *bench) size(ctx context.Context, db string) (bytes int64, err error) {
	conn, err := pgx.Connect(ctx, b.server.URL("postgres"))
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT pg_database_size($1::name)", db).Scan(&bytes)
	return bytes, err
}
