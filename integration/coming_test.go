package integration

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// comingRow finds the rows with a rule in the tables of docs/coming-from.md: the name in the other tool, the type, and
// the rule.
var comingRow = regexp.MustCompile("(?m)^\\| ([^|]+) \\| ([a-z]+) \\| `(\\{[^`]*\\})` \\|")

const comingFrom = "../docs/coming-from.md"

// The commands of docs/coming-from.md work in their order, on the drafted rules of a shop.
func TestTheCommandsOfComingFromWork(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(comingFrom)
	if err != nil {
		t.Fatal(err)
	}
	srv := Server(t)
	src := database(t, srv, "production", `
		CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL, xq text);
		CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, placed date NOT NULL);
		INSERT INTO customers SELECT i, 'Ada Number' || i, 'ada' || i || '@corp.test', 'q' || i % 3 FROM generate_series(1, 40) i;
		INSERT INTO orders SELECT i, 1 + i % 40, date '2026-01-01' + i FROM generate_series(1, 80) i; ANALYZE`)
	reader, writer := leastRights(t, src, newDatabaseURL(t, srv, "staging"))
	t.Cleanup(func() { dropAll(t, srv, "pr_4711") }) // the branch that the commands make
	role, err := url.Parse(writer)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := role.User.Password()
	script := "set -e\n"
	for _, s := range stepsOf(text) {
		script += s.commands
	}
	if strings.Count(script, "\nmasker ") != 7 {
		t.Fatalf("the page has other commands than this test knows:\n%s", script)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "PGSSLMODE=disable", "PRODUCTION_URL=" + reader, "STAGING_URL=" + writer,
		"PGHOST=" + role.Hostname(), "PGPORT=" + role.Port(), "PGUSER=" + role.User.Username(), "PGPASSWORD=" + password,
		"PATH=" + strings.Join([]string{filepath.Dir(masker(t)), srv.bin, os.Getenv("PATH")}, string(filepath.ListSeparator)),
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	local := srv.url(databaseName(t, writer) + "_local")
	if n := ask(t, local, "SELECT count(*) FROM customers"); n != "40" {
		t.Errorf("the laptop's database has %s customers, want 40", n)
	}
}

// The rules of docs/coming-from.md do not stop at ordinary values. A rule that stops at a blank, at an accent or at an
// empty text is useless to somebody who moves to masker: the other tool did not stop there.
func TestRulesInComingFromTakeOrdinaryValues(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(comingFrom)
	if err != nil {
		t.Fatal(err)
	}
	var names, columns, rules []string
	for _, row := range comingRow.FindAllStringSubmatch(string(text), -1) {
		name, kind, rule := row[1], row[2], row[3]
		if strings.Contains(rule, "treat: command") { // it needs a program
			continue
		}
		c := fmt.Sprintf("c%d", len(names))
		names = append(names, c+": "+name)
		columns = append(columns, fmt.Sprintf("(%s)::%s AS %s", ordinary(kind, rule), sqlType(kind), c))
		rules = append(rules, c+": "+strings.NewReplacer("old.c", "old."+c, "'c ==", "'"+c+" ==").Replace(rule))
	}
	if len(names) < 150 {
		t.Fatalf("the guide has %d rules, want at least 150", len(names))
	}
	srv := Server(t)
	src := database(t, srv, "production", "CREATE TABLE t AS SELECT i AS id, "+strings.Join(columns, ", ")+" FROM generate_series(1, 5) i; ALTER TABLE t ADD PRIMARY KEY (id)")
	s := newSite(t, src, newDatabaseURL(t, srv, "staging"))
	s.rules(t, "revision: 1\npacks: [baseline]\ntables:\n  public.t:\n    subject: id\n    columns:\n      id: {keep: surrogate}\n      "+strings.Join(rules, "\n      ")+"\n")
	if o := s.refresh(t); o.code != exitDone {
		t.Errorf("%v\n%s", o, strings.Join(names, "\n"))
	}
}

// ordinary returns an SQL expression for the values of row i. If a rule is for values of one form, such as documents,
// the values have this form.
func ordinary(kind, rule string) string {
	switch {
	case strings.Contains(rule, "$.meta.name"):
		return `'{"meta": {"name": "Zoë"}}'`
	case strings.Contains(rule, "json:"):
		return `'{"a": "Zoë"}'`
	case strings.Contains(rule, "xml:"):
		return `'<a><b>Zoë</b></a>'`
	case strings.Contains(rule, "separators: ' +-'"):
		return `'+49 30-123' || i`
	case strings.Contains(rule, "otherwise: stop"):
		return `'a'`
	case strings.Contains(rule, "alphabet: digits"):
		return `'7328293200007' || i`
	case strings.Contains(rule, "range: [2000000000,"):
		return `4930123450 + i`
	}
	switch kind {
	case "text":
		return `(ARRAY['Zoë O''Brien-Müller', '+44 20 7946 0000', 'ada@example.org', '', '12 Long Road, Flat 3, 10115 Berlin'])[i]`
	case "boolean":
		return `i % 2 = 0`
	case "date", "timestamptz":
		return `date '2020-02-28' + i`
	case "uuid":
		return `md5(i::text)::uuid`
	case "inet":
		return `'192.168.0.' || i`
	case "macaddr":
		return `'08:00:2b:01:02:0' || i`
	case "bytea":
		return `decode('ffd8ffe000104a46', 'hex')`
	}
	return `i * 40` // integer, numeric and float
}

// sqlType returns PostgreSQL's name of a type of the guide.
func sqlType(kind string) string {
	switch kind {
	case "integer":
		return "bigint"
	case "float":
		return "float8"
	}
	return kind
}
