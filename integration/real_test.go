package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/source"
)

// planned returns the plan that masker plan prints.
func (s *site) planned(t *testing.T) *plan.Plan {
	t.Helper()
	o := s.masker(t, "plan", "--flow", "nightly", "--format", "json")
	o.want(t, exitDone)
	var p plan.Plan
	if err := json.Unmarshal([]byte(o.stdout), &p); err != nil {
		t.Fatalf("masker plan --format json: %v\n%v", err, o)
	}
	return &p
}

func inspect(t *testing.T, url string) *catalog.Database {
	t.Helper()
	db, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// L7, F3: refreshes of public databases with the rules in testdata copy all rows and treat the values. The test runs
// once as a superuser, and once with the least rights that the documentation asks for.
func TestRealDatabasesArriveWholeAndTreated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		treated int // the least number of treated columns
		key     treatedKey
		fed     int // tables with rows and with a default from a sequence
		empty   int // tables without rows and with a default from a sequence
	}{
		{"pagila", 15, treatedKey{"public.customer", "customer_id", "public.customer_customer_id_seq"}, 13, 0},
		{"adventureworks", 30, treatedKey{"sales.creditcard", "creditcardid", "sales.creditcard_creditcardid_seq"}, 34, 2},
	} {
		for _, role := range []string{"superuser", "least"} {
			t.Run(c.name+"/"+role, func(t *testing.T) {
				t.Parallel()
				srv := Server(t)
				src, dst := sample(t, c.name), newDatabaseURL(t, srv, "staging")
				args := []string{"-s", "-x"}
				s := newSite(t, src, dst)
				if role == "least" {
					s.source, s.target = leastRights(t, src, dst)
					args = append(args, "-O")
				}
				s.rulesFrom(t, c.name+"/rules.yaml")
				p := s.planned(t)
				s.mustRefresh(t)

				db := inspect(t, src)
				if n := compareRows(t, db, p, connect(t, src), connect(t, dst)); n < c.treated {
					t.Errorf("%d columns are treated, want at least %d", n, c.treated)
				}
				soundDatabase(t, src, dst)
				sameDump(t, dump(t, src, args...), dump(t, dst, args...), nil)
				sequencesGoOn(t, src, dst, c.key)
				sameCounts(t, src, dst)
				if n, empty := insertThousand(t, dst); n != c.fed || empty != c.empty {
					t.Errorf("%d tables accepted 1,000 inserts and %d are empty, want %d and %d", n, empty, c.fed, c.empty)
				}
			})
		}
	}
}

// leastRights makes two roles with exactly the rights that a refresh needs.
func leastRights(t *testing.T, src, dst string) (source, target string) {
	t.Helper()
	srv := Server(t)
	return as(t, src, role(t, srv, "reader", "IN ROLE pg_read_all_data")),
		as(t, dst, role(t, srv, "writer", "CREATEDB IN ROLE pg_signal_backend", dst))
}

// sameCounts compares the number of rows in every table and every partition.
func sameCounts(t *testing.T, src, dst string) {
	t.Helper()
	queries := askAll(t, src, `SELECT format('SELECT %L, count(*) FROM ONLY %s', c.oid::regclass, c.oid::regclass)
		FROM pg_class c WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`)
	want := askEach(t, src, queries)
	for i, got := range askEach(t, dst, queries) {
		if got != want[i] {
			t.Errorf("number of rows: %s, in the source %s", got, want[i])
		}
	}
}

// treatedKey is a treated key and its sequence.
type treatedKey struct{ table, column, sequence string }

// fallenBehind returns a query for each sequence. The query returns the sequence's name if the sequence gives a number
// that its column already holds.
const fallenBehind = `
SELECT format('SELECT %L WHERE (SELECT last_value FROM %s) <= (SELECT max(%I) FROM %s)', d.objid::regclass, d.objid::regclass, a.attname, a.attrelid::regclass)
FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S' JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')`

// sequencesGoOn checks that every sequence has the position of the source's sequence. There are two exceptions. The
// sequence of a treated key must be past the largest result. A sequence that is behind its key in the source must be
// past its position in the source.
func sequencesGoOn(t *testing.T, src, dst string, key treatedKey) {
	t.Helper()
	queries := askAll(t, src, `SELECT format('SELECT %L, last_value, is_called FROM %s', q, q)
		FROM pg_sequences, format('%I.%I', schemaname, sequencename) q ORDER BY 1`)
	want := askEach(t, src, queries)
	behind := strings.Join(askEach(t, src, askAll(t, src, fallenBehind)), "\n") + "\n"
	for i, got := range askEach(t, dst, queries) {
		name, _, _ := strings.Cut(got, "|")
		if got != want[i] && name != key.sequence && !strings.Contains(behind, name+"\n") {
			t.Errorf("sequence %s, in the source %s", got, want[i])
		}
	}
	if ask(t, dst, fmt.Sprintf("SELECT nextval('%s') > max(%s) FROM %s", key.sequence, key.column, key.table)) != "t" {
		t.Errorf("%s gives a number that %s.%s already holds", key.sequence, key.table, key.column)
	}
}
