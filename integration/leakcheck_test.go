package integration

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/verify"
)

// leak is one way in which values of the source arrive in the target. Each leak has a schema of its own, so that one
// refresh shows many of them. In all texts of a leak, "~" stands for the name of the schema.
type leak struct {
	kind  string // the kind of the leak, in words
	sql   string // makes the tables and their rows
	rules string // YAML of the tables
	hook  string // SQL of a hook
	raw   string // a query on the source that returns a value which arrives; "" means rawEmail
	proof string // a query on the shadow that returns true if the value "?" is in it
	hits  hits   // what the verification has to report
}

// hits are the findings of a verification, by target and source, as placeText writes them. The value lists the findings
// with their forms, "found as it is" or "equal", and the number of values.
type hits map[[2]string][]string

const rawEmail = "SELECT email FROM ~.people WHERE id = 7"

// inventors are functions that make values for the source. No treatment invents such values.
const inventors = `
CREATE FUNCTION pseudo(what text, i int, n int) RETURNS text IMMUTABLE LANGUAGE sql AS
	$$ SELECT translate(substr(md5(what || i), 1, n), '0123456789abcdef', 'aeioubdfgklmnrst') $$;
CREATE FUNCTION digits(what text, i int, n int) RETURNS text IMMUTABLE LANGUAGE sql AS
	$$ SELECT ((('x' || substr(md5(what || i), 1, 12))::bit(48)::bigint % (9 * (10 ^ (n - 1))::bigint)) + (10 ^ (n - 1))::bigint)::text $$;
CREATE FUNCTION luhn(v text) RETURNS text IMMUTABLE LANGUAGE sql AS
	$$ SELECT v || (10 - sum(CASE WHEN (length(v) - i) % 2 = 0 THEN d * 2 / 10 + d * 2 % 10 ELSE d END) % 10) % 10
	   FROM generate_series(1, length(v)) i, LATERAL (SELECT substr(v, i, 1)::int d) x $$;
CREATE FUNCTION hidden(v text) RETURNS text IMMUTABLE LANGUAGE sql AS -- hidden(hidden(v)) = v
	$$ SELECT translate(v, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789@#+!.: _', 'nopqrstuvwxyzabcdefghijklm0123456789ABCDEFGHIJ#@!+:._ ') $$;
`

// people is the SQL of a table, and peopleRules treats it in the right way.
const (
	people = `CREATE TABLE ~.people (id int PRIMARY KEY, given text, family text, email text, phone text, login text, card text, citizen uuid);
		INSERT INTO ~.people SELECT i, initcap(pseudo('~ given', i, 6)), initcap(pseudo('~ family', i, 8)), pseudo('~ mail', i, 9) || i || '@mail.invalid',
			'+49 30 ' || digits('~ phone', i, 8), pseudo('~ login', i, 6) || digits('~ login', i, 3), luhn('4' || digits('~ card', i, 8) || digits('~ card 2', i, 6)), md5('~' || i)::uuid
		FROM generate_series(1, 60) i;
	`
	peopleRules = `
  ~.people:
    subject: id
    columns:
      id: {keep: surrogate key}
      given: {class: given_name, as: person}
      family: {class: family_name, as: person}
      email: {class: email, as: person}
      phone: {class: phone}
      login: {class: user_name, as: person}
      card: {class: pan}
      citizen: {treat: token}
`
)

// in puts the leak into its schema.
func (l *leak) in(schema string) {
	if l.raw == "" {
		l.raw = rawEmail
	}
	for _, text := range []*string{&l.sql, &l.rules, &l.hook, &l.raw, &l.proof} {
		*text = strings.ReplaceAll(*text, "~", schema)
	}
	in := hits{}
	for at, forms := range l.hits {
		in[[2]string{strings.ReplaceAll(at[0], "~", schema), strings.ReplaceAll(at[1], "~", schema)}] = forms
	}
	l.hits = in
}

// TestV5BrokenMaskersAreCaught refreshes a database in which every leak lets values through. For
// each leak, a query proves that a value of the source is in the shadow. The verification has to
// report the place and the source of each leak, and no other place. Half of the leaks are
// generated. The environment variable LEAK_SEED repeats the generated leaks of an earlier run.
func TestV5BrokenMaskersAreCaught(t *testing.T) {
	t.Parallel()
	seed := leakSeed(t)
	list := slices.Concat(wrongTreatments(), forgottenPlaces(), texts(), definitions(), afterwards())
	for i := range list {
		list = append(list, randomLeak(rand.New(rand.NewPCG(seed, uint64(i)))))
	}
	for i := range list {
		list[i].in(fmt.Sprintf("leak%d", i))
	}
	srv := Server(t)
	s := newSite(t, database(t, srv, "leaky", inventors), newDatabaseURL(t, srv, "leaky_staging"))
	raw := s.plant(t, list)
	got := s.verified(t, exitUnverified)
	shadow := s.failedShadow(t)
	found, all := reported(got), hits{}
	for i, l := range list {
		t.Run(strings.ReplaceAll(l.kind, " ", "-"), func(t *testing.T) {
			if answer := ask(t, shadow, strings.ReplaceAll(l.proof, "?", quoted(raw[i]))); answer != "t" {
				t.Fatalf("the value is not in the shadow: %s gives %s", l.proof, answer)
			}
			l.compare(t, found)
		})
		maps.Copy(all, l.hits)
	}
	falseAlarms(t, found, all)
}

// falseAlarms fails the test for findings that nobody expects.
func falseAlarms(t *testing.T, found, expected hits) {
	t.Helper()
	for at, forms := range found {
		if _, ok := expected[at]; !ok {
			t.Errorf("false alarm: %s, values of %s: %q", at[0], at[1], forms)
		}
	}
}

// leakSeed returns the seed of the generated leaks.
func leakSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if s := os.Getenv("LEAK_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("LEAK_SEED=%d", seed)
	return seed
}

// plant makes the source and the rules of all leaks. It returns the value of each leak.
func (s *site) plant(t *testing.T, list []leak) (raw []string) {
	t.Helper()
	var source, rules, hook strings.Builder
	for i, l := range list {
		fmt.Fprintf(&source, "CREATE SCHEMA leak%d;\n%s\n", i, l.sql)
		rules.WriteString(l.rules)
		hook.WriteString(l.hook + "\n")
	}
	do(t, s.source, source.String())
	do(t, s.source, "VACUUM ANALYZE")
	for _, l := range list {
		raw = append(raw, ask(t, s.source, l.raw))
	}
	s.write(t, "again.sql", hook.String(), 0o600)
	s.rules(t, "revision: 1\npacks: [baseline]\nhooks: {before_publish: [again.sql]}\nobjects:\n  comments: {keep: the documentation}\n  large_objects: {keep: scans}\ntables:"+rules.String())
	s.broken(t)
	s.superuser = true
	s.canaries = raw
	s.flow["verify"] = "{level: strict, keep_failed: 1h}"
	return raw
}

// broken builds the program that treats values wrongly.
func (s *site) broken(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(s.dir, "broken"), "./testdata/broken").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// verified runs the flow, checks the exit code, and returns the report of the verification.
func (s *site) verified(t *testing.T, exit int) *verify.Report {
	t.Helper()
	o := s.refresh(t, "--format", "json")
	var report *verify.Report
	for line := range strings.Lines(o.stdout) {
		var event struct{ Verification *verify.Report }
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if event.Verification != nil {
			report = event.Verification
		}
	}
	if report == nil {
		t.Fatalf("exit code %d, and no report: %s", o.code, o.stderr)
	}
	if o.code != exit {
		t.Errorf("exit code %d, want %d: %s", o.code, exit, o.stderr)
	}
	return report
}

// failedShadow returns the URL of the only database that a failed verification has left. The target must not exist.
func (s *site) failedShadow(t *testing.T) string {
	t.Helper()
	srv := Server(t)
	name := databaseName(t, s.target)
	left := askAll(t, srv.url("postgres"), "SELECT datname FROM pg_database WHERE starts_with(datname, '"+name+"')")
	if len(left) != 1 || left[0] == name {
		t.Fatalf("databases of the run: %q, want only a shadow", left)
	}
	return srv.url(left[0])
}

// reported returns the hits of a report.
func reported(r *verify.Report) hits {
	found := hits{}
	for _, h := range r.Hits {
		at := [2]string{placeText(h.Target), placeText(h.Source)}
		text := string(h.Finding)
		if h.Form != "" {
			text += " " + string(h.Form)
		}
		if h.Kind != "" {
			text += " " + h.Kind
		}
		found[at] = append(found[at], fmt.Sprintf("%s: %d", text, h.Values))
	}
	return found
}

func placeText(p verify.Place) string {
	text := ""
	if p.Table.Name != "" {
		text = p.Table.String()
	}
	if p.Column != "" {
		text += "." + p.Column
	}
	return strings.TrimSpace(text + " " + p.Path)
}

// compare compares what was found with the leak. All places and sources have to be found, each with the forms of the
// leak.
func (l *leak) compare(t *testing.T, found hits) {
	t.Helper()
	for at, forms := range l.hits {
		for _, form := range forms {
			if !slices.Contains(found[at], form) {
				t.Errorf("missed: %s, values of %s, %s; found there: %q", at[0], at[1], form, found[at])
			}
		}
	}
	if t.Failed() {
		schema, _, _ := strings.Cut(sortedPlaces(l.hits)[0], ".")
		t.Logf("all findings of the schema: %q", slices.DeleteFunc(sortedPlaces(found), func(p string) bool { return !strings.Contains(p, schema+".") }))
	}
}

func sortedPlaces(h hits) []string {
	var list []string
	for at := range maps.Keys(h) {
		list = append(list, at[0]+" < "+at[1])
	}
	return slices.Sorted(slices.Values(list))
}
