package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
)

// These contenders copy a database of an unusual shape: with very many tables, or with a very wide table.
const (
	shapeDump   = "unmasked: pg_dump -Fd -j2, pg_restore -j2"
	shapeVacuum = "unmasked: the same, then vacuumdb -Z -j2"
	shapeCheck  = "masker check"
)

// shape is a source database, and the rules for it.
type shape struct {
	name    string
	tables  int
	rows    int // number of rows of each table
	treated int // number of treated columns of each table
	create  []string
	rules   string
}

const (
	tableRows = 10
	wideRows  = 10_000
)

// manyTables returns a shape of n small tables. Two columns of each table are faked.
func manyTables(n int) shape {
	const inOneStatement = 500 // number of tables; each table needs several locks until the transaction ends
	s := shape{name: fmt.Sprintf("%d tables of %d rows, 2 treated columns each", n, tableRows), tables: n, rows: tableRows, treated: 2}
	var rules strings.Builder
	rules.WriteString("revision: 1\npacks: [baseline]\ntables:\n")
	for first := 1; first <= n; first += inOneStatement {
		s.create = append(s.create, fmt.Sprintf(`DO $$ BEGIN FOR i IN %d..%d LOOP
			EXECUTE format('CREATE TABLE t%%s (id int PRIMARY KEY, full_name text NOT NULL, email text NOT NULL, visits int NOT NULL)', i);
			EXECUTE format('INSERT INTO t%%s SELECT j, ''Given Family '' || j, ''given.family.'' || j || ''@mail.example'', j FROM generate_series(1, %d) j', i);
		END LOOP; END $$`, first, min(n, first+inOneStatement-1), tableRows))
	}
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&rules, "  public.t%d: {keep: not about a person, only: [id, visits], columns: {full_name: {class: full_name}, email: {class: email}}}\n", i)
	}
	s.create, s.rules = append(s.create, "VACUUM ANALYZE"), rules.String()
	return s
}

// wideTable returns a shape of one table with the given numbers of columns and rows. A fifth of the columns are names,
// and another fifth are birth dates. A row nearly fills a page, which is PostgreSQL's limit.
func wideTable(columns, rows int) shape {
	fifth := columns / 5
	s := shape{name: fmt.Sprintf("one table of %d columns and %d rows, %d treated columns", columns, rows, 2*fifth), tables: 1, rows: rows, treated: 2 * fifth}
	var defs, values, kept, treated []string
	add := func(name, def, value string) {
		defs, values = append(defs, name+" "+def), append(values, value)
	}
	for i := range columns - 2*fifth {
		name := "n" + strconv.Itoa(i)
		add(name, "int", "i + "+strconv.Itoa(i))
		kept = append(kept, name)
	}
	for i := range fifth {
		name := "d" + strconv.Itoa(i)
		add(name, "date", "date '1940-01-01' + (i + "+strconv.Itoa(i)+") % 20000")
		treated = append(treated, name+": {class: birth_date}")
	}
	for i := range fifth {
		name := "g" + strconv.Itoa(i)
		add(name, "text", "'Given' || (i + "+strconv.Itoa(i)+") % 99")
		treated = append(treated, name+": {class: given_name}")
	}
	s.create = []string{
		"CREATE TABLE t1 (" + strings.Join(defs, ", ") + ")",
		fmt.Sprintf("INSERT INTO t1 SELECT %s FROM generate_series(1, %d) i", strings.Join(values, ", "), rows),
		"VACUUM ANALYZE",
	}
	s.rules = "revision: 1\npacks: [baseline]\ntables:\n  public.t1: {keep: not about a person, only: [" + strings.Join(kept, ",\n    ") +
		"], columns: {" + strings.Join(treated, ",\n    ") + "}}\n"
	return s
}

// raceShape compares masker with unmasked copies of a shape.
func (b *bench) raceShape(ctx context.Context, s shape) error {
	if err := b.exec(ctx, "postgres", "CREATE DATABASE "+sourceDB); err != nil {
		return err
	}
	for _, sql := range s.create {
		if err := b.exec(ctx, sourceDB, sql); err != nil {
			return err
		}
	}
	if err := b.writeOperator(fmt.Sprintf(flow, "shape", "shape", 2, "off"), map[string]string{"shape.yaml": s.rules}); err != nil {
		return err
	}
	count := func(c *contender) {
		c.count = func(ctx context.Context, db string) error { return b.countShape(ctx, db, s) }
	}
	dump := func(name string, vacuum bool) *contender {
		c := &contender{name: name, target: "bench_restored"}
		count(c)
		c.prepare = func(ctx context.Context) error { return b.create(ctx, c.target) }
		c.run = func(ctx context.Context) (sample, error) { return b.dumpRestore(ctx, c.target, nil, vacuum) }
		return c
	}
	ours := &contender{name: maskerRun, target: maskerTarget, run: func(ctx context.Context) (sample, error) { return b.refresh(ctx, "shape") }}
	count(ours)
	check := &contender{name: shapeCheck, target: maskerTarget, run: func(ctx context.Context) (sample, error) {
		return measure(b.maskerCommand(ctx, "check", "--flow", "shape"))
	}}
	list := []*contender{dump(shapeDump, false), ours, dump(shapeVacuum, true), check}
	if err := b.race(ctx, list); err != nil {
		return err
	}
	return b.reportShape(os.Stdout, s, list)
}

// countShape checks that a contender has copied all rows.
func (b *bench) countShape(ctx context.Context, db string, s shape) error {
	conn, err := pgx.Connect(ctx, b.server.URL(db))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var tables, rows int
	if err := conn.QueryRow(ctx, `SELECT count(*), COALESCE(sum((xpath('/row/n/text()',
		query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]::text::int), 0)
		FROM (SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid) t`).Scan(&tables, &rows); err != nil {
		return err
	}
	if tables != s.tables || rows != s.tables*s.rows {
		return fmt.Errorf("%s has %d tables with %d rows, want %d with %d", db, tables, rows, s.tables, s.tables*s.rows)
	}
	return nil
}

// reportShape prints the medians, and the ratios of each round to the copy of the same round.
func (b *bench) reportShape(w io.Writer, s shape, list []*contender) error {
	fmt.Fprintf(w, "\n%s, medians of %d rounds\n\n", s.name, b.rounds)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tseconds\tratio\tratio of each round\trows phase\tCPU s\tserver's CPU s\tpeak MB\t")
	base := list[0]
	for _, c := range list {
		var ratios []string
		for i, one := range c.samples {
			ratios = append(ratios, fmt.Sprintf("%.2f", one.Seconds/base.samples[i].Seconds))
		}
		m := median(c.samples)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%s\t%s\t%s\t%s\t%s\t\n", c.name, m.Seconds, m.Seconds/median(base.samples).Seconds, strings.Join(ratios, " "),
			figure(m.Rows, "%.2f"), figure(m.CPU, "%.2f"), figure(m.Server, "%.2f"), figure(float64(m.Peak)/1e6, "%.0f"))
	}
	return t.Flush()
}

// serverCPU returns the processor time in seconds of the server's ended processes. It is 0 if the server is in a
// container, or if this is not Linux.
func (b *bench) serverCPU() float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", b.server.Pid()))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	const user, system, ticks = 13, 14, 100 // cutime and cstime in proc(5), counted from the state
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.ParseFloat(fields[user], 64)
	k, _ := strconv.ParseFloat(fields[system], 64)
	return (u + k) / ticks
}

// timed runs one program and adds what it used to a sample.
func (s *sample) timed(cmd *exec.Cmd) error {
	one, err := measure(cmd)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(cmd.Path), err)
	}
	s.CPU, s.Peak = s.CPU+one.CPU, max(s.Peak, one.Peak)
	return nil
}

// settle waits until the server's processes for all other sessions have ended, so that serverCPU includes them.
func (b *bench) settle(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.server.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for others := 1; others > 0; time.Sleep(20 * time.Millisecond) {
		err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()").Scan(&others)
		if err != nil {
			return err
		}
	}
	return nil
}
