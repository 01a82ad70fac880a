package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
)

const (
	exitUnverified = 4
	leakGroups     = 40 // columns with the same number of leaked values
)

// leakSizes returns the numbers of raw values that a hook puts into a column.
func leakSizes() []int { return []int{1, 10, 100} }

// address is a mail address that only one person has. The number of the person replaces %[1]s.
const address = "substr(md5((%[1]s)::text), 1, 6) || (%[1]s) || '@mail.example'"

// slim makes one table of people. Each person has a rare address and a kept remark. The number of
// people replaces %[1]d, and the address replaces %[2]s.
const slim = `CREATE TABLE person (id bigint PRIMARY KEY, email text NOT NULL, remark text NOT NULL);
	INSERT INTO person SELECT i, %[2]s, 'desk ' || i %% 37 || ', batch ' || i / 1000 FROM generate_series(1, %[1]d::bigint) i`

// leaks writes the SQL of the tables that get leaked values, the hook that fills them in the shadow, and their rules.
// Each value belongs to another person.
func leaks(people int) (create []string, hook, rules string) {
	n := 0
	for _, size := range leakSizes() {
		var defs, names, values []string
		for g := range leakGroups {
			name := fmt.Sprintf("g%d", g+1)
			defs, names = append(defs, name+" text"), append(names, name)
			values = append(values, fmt.Sprintf(address, fmt.Sprintf("1 + (%d + j) * 7919 %% %d", n, people)))
			n += size
		}
		create = append(create, fmt.Sprintf("CREATE TABLE leak_%d (%s)", size, strings.Join(defs, ", ")))
		hook += fmt.Sprintf("INSERT INTO leak_%d SELECT %s FROM generate_series(0::bigint, %d) j;\n", size, strings.Join(values, ", "), size-1)
		rules += fmt.Sprintf("  public.leak_%d: {keep: the hook fills it, only: [%s]}\n", size, strings.Join(names, ", "))
	}
	return create, hook, rules
}

const sampledRules = `revision: 1
packs: [baseline]
hooks: {before_publish: [leak.sql]}
tables:
  public.person:
    subject: id
    keep: not about a person
    only: [id, remark]
    columns: {email: {class: email}}
`

// sampled measures a strict verification of many rare values in little memory: its costs, and how many leaks it finds.
func (b *bench) sampled(ctx context.Context) error {
	create, hook, tables := leaks(b.people)
	if err := b.exec(ctx, "postgres", "CREATE DATABASE "+sourceDB); err != nil {
		return err
	}
	for _, sql := range append(create, fmt.Sprintf(slim, b.people, fmt.Sprintf(address, "i")), "VACUUM ANALYZE") {
		if err := b.exec(ctx, sourceDB, sql); err != nil {
			return err
		}
	}
	flows := fmt.Sprintf(flow, "off", "sampled", 2, "off") + fmt.Sprintf(flow, "strict", "sampled", 2, "{level: strict, memory: "+b.memory+"}")
	if err := b.writeOperator(flows, map[string]string{"sampled.yaml": sampledRules + tables, "leak.sql": hook}); err != nil {
		return err
	}
	var report *verification
	list := []*contender{
		{name: maskerRun, target: maskerTarget, run: func(ctx context.Context) (sample, error) { return b.refresh(ctx, "off") }},
		{name: maskerStrict, target: maskerTarget, run: func(ctx context.Context) (s sample, err error) {
			s, report, err = b.unverified(ctx, "strict")
			return s, err
		}},
	}
	b.rounds = 1
	if err := b.race(ctx, list); err != nil {
		return err
	}
	if err := b.costs(ctx, os.Stdout, list, report); err != nil {
		return err
	}
	return report.promises(os.Stdout)
}

// verification is what the benchmark reads of masker's report.
type verification struct {
	Memory   int64
	Sampling int
	Columns  []struct {
		Cells, Probed int64
	}
	Hits []struct {
		Finding        string
		Target, Source struct {
			Table  struct{ Name string }
			Column string
		}
		Values int64
	}
}

// unverified runs a flow whose verification must fail, and returns the report of the verification.
func (b *bench) unverified(ctx context.Context, flow string) (sample, *verification, error) {
	cmd := b.maskerCommand(ctx, "run", "--flow", flow, "--format", "json", "--quiet")
	var events, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &events, &errs
	s, err := measure(cmd)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitUnverified {
		return s, nil, fmt.Errorf("masker has to end with exit code %d: %w\n%s", exitUnverified, err, errs.String())
	}
	for line := range bytes.Lines(events.Bytes()) {
		var event struct{ Verification *verification }
		if err := json.Unmarshal(line, &event); err != nil {
			return s, nil, fmt.Errorf("masker's events: %w", err)
		}
		if event.Verification != nil {
			s.Rows, err = rowsPhase(events.Bytes())
			return s, event.Verification, err
		}
	}
	return s, nil, errors.New("masker's events have no report of the verification")
}

// costs prints what both runs used.
func (b *bench) costs(ctx context.Context, w io.Writer, list []*contender, report *verification) error {
	conn, err := pgx.Connect(ctx, b.server.URL(sourceDB))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var bytes int64
	if err := conn.QueryRow(ctx, "SELECT pg_relation_size('person')").Scan(&bytes); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d people, %.0f MB without indexes, memory for fingerprints: %s\n\n", b.people, float64(bytes)/1e6, b.memory)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tseconds\trows/s\trows phase\tCPU s\tserver's CPU s\tpeak MB\t")
	for _, c := range list {
		s := c.samples[0]
		fmt.Fprintf(t, "%s\t%.1f\t%.0f\t%.1f\t%.1f\t%s\t%.0f\t\n", c.name, s.Seconds, float64(b.people)/s.Seconds, s.Rows, s.CPU, figure(s.Server, "%.1f"), float64(s.Peak)/1e6)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	more := list[1].samples[0].CPU - list[0].samples[0].CPU
	fmt.Fprintf(w, "\nverification: %.0f ns of CPU for each person (one value collected, three looked up)\n", more*1e9/float64(b.people))
	fmt.Fprintf(w, "fingerprints: at most %.0f MB, %.1f bytes for each collected value; one value in %d is looked for\n\n",
		float64(report.Memory)/1e6, float64(report.Memory)/float64(b.people), 1<<report.Sampling)
	return nil
}

// promises prints how many leaks were found, beside the number that the sample promises.
func (v *verification) promises(w io.Writer) error {
	share := math.Ldexp(1, -v.Sampling)
	seen := map[string][]int64{} // by table, the number of values that were seen in each column
	for _, h := range v.Hits {
		if h.Finding == "found" && h.Source.Column == "email" {
			table := h.Target.Table.Name
			seen[table] = append(seen[table], h.Values>>v.Sampling)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "leaked values\tcolumns\tcolumns with a finding\tpromised\tvalues seen\tpromised\t\n")
	for _, size := range leakSizes() {
		var values int64
		found := seen[fmt.Sprintf("leak_%d", size)]
		for _, n := range found {
			values += n
		}
		one := 1 - math.Pow(1-share, float64(size)) // the probability that a column has a finding
		fmt.Fprintf(t, "%d\t%d\t%d\t%s\t%d\t%s\t\n", size, leakGroups, len(found), expected(leakGroups, one), values, expected(size*leakGroups, share))
	}
	return t.Flush()
}

// expected returns the expected number of hits, and its standard deviation.
func expected(n int, share float64) string {
	return fmt.Sprintf("%.1f ± %.1f", float64(n)*share, math.Sqrt(float64(n)*share*(1-share)))
}
