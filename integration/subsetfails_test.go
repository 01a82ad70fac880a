package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// store has customers, what they bought, and a table that nothing references.
const store = `
CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, friend int REFERENCES customer);
CREATE TABLE product (id int PRIMARY KEY, label text);
CREATE TABLE purchase (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer, product int REFERENCES product);
CREATE TABLE audit (id int PRIMARY KEY);
INSERT INTO customer SELECT i, 'CANARY-name-' || i, NULLIF(i / 2, 0) FROM generate_series(1, 400) i;
INSERT INTO product SELECT i, 'product ' || i FROM generate_series(1, 40) i;
INSERT INTO purchase SELECT i, 1 + i % 400, 1 + i % 40 FROM generate_series(1, 4000) i;
INSERT INTO audit SELECT generate_series(1, 100);
ANALYZE;`

const storeRules = `
revision: 1
packs: [baseline]
tables:
  public.customer: {subject: id, columns: {id: {keep: key}, name: {class: full_name, as: customer}, friend: {keep: key}}}
  public.product: {columns: {id: {keep: key}, label: {keep: a product}}}
  public.purchase: {columns: {id: {keep: key}, customer: {keep: key}, product: {keep: key}}}
  public.audit: {columns: {id: {keep: key}}}
`

func storeSite(t *testing.T, subset string) *site {
	t.Helper()
	s := newSite(t, database(t, Server(t), "prod", store), newDatabaseURL(t, Server(t), "staging")).rules(t, storeRules)
	s.canaries = []string{"CANARY-"}
	s.flow["subset"] = subset
	return s
}

const storeCounts = "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM product), (SELECT count(*) FROM purchase), (SELECT count(*) FROM audit)"

// A subset is verified like a full refresh: kept cells are compared, and values of the selected rows are looked for. A
// table that the subset does not reach is empty.
func TestASubsetIsVerified(t *testing.T) {
	t.Parallel()
	s := storeSite(t, `{roots: [{table: public.customer, where: "id = 400"}, {table: public.product, all: true}], children: [{table: public.purchase, via: [customer], limit: 2}]}`)
	s.flow["verify"] = "strict"
	o := s.mustRefresh(t)
	if got := ask(t, s.target, storeCounts); got != "9|40|2|0" { // the nine customers 400, 200, 100, 50, 25, 12, 6, 3 and 1
		t.Errorf("the target has %s rows", got)
	}
	if !strings.Contains(o.stderr+o.stdout, "the target is a subset: 51 of about 4,540 rows") {
		t.Errorf("the summary does not say what share of the source the target has:\n%v", o)
	}
	s.masker(t, "verify", "--flow", "nightly", "--from-source").want(t, exitDone)
	s.masker(t, "verify", "--flow", "nightly").want(t, exitDone)

	do(t, s.source, "UPDATE product SET label = 'CANARY-label' WHERE id = 3")
	s.flow["subset"] = `{roots: [{table: public.customer, where: "name = 'CANARY-name-77'"}]}`
	s.canaries = nil // masker.yaml has the condition, and the plan shows it to its reviewer
	s.mustRefresh(t)
	records := s.masker(t, "ledger", "show", "--format", "json").stdout
	steps := ask(t, s.target, "SELECT string_agg(p::text, ' ') FROM masker.provenance p")
	if strings.Contains(records+steps, "CANARY") || !strings.Contains(steps, "public.customer by condition") {
		t.Errorf("the ledger or the provenance quotes a condition, or does not name the subset:\n%s\n%s", records, steps)
	}
}

// A subset that does not fit the schema is refused before the run begins. A problem that depends on rows ends the run.
// Nothing of the run is left, and the target stays as it was.
func TestSubsetsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := storeSite(t, `{roots: [{table: public.customer, key: "id=7"}]}`)
	s.mustRefresh(t)
	before := ask(t, s.target, storeCounts)
	for _, c := range []struct {
		subset string
		code   int
		words  string
	}{
		{`{roots: [{table: public.custmer, limit: 1}]}`, exitUsage, "there is no table public.custmer"},
		{`{roots: [{table: public.customer, key: "nr=7"}]}`, exitUsage, "there is no column nr"},
		{`{roots: [{table: public.customer, limit: 1}], children: [{table: public.product}]}`, exitUsage, "no reference of the plan fits"},
		{`{roots: [{table: public.customer, limit: 1}], exclude: [{table: public.customer, where: "id = 1) OR (true"}]}`, exitUsage, "parentheses do not match"},
		{`{roots: [{table: public.customer, where: "id > 4000"}]}`, exitFailed, "root public.customer by condition matches no row"},
		{`{roots: [{table: public.customer, where: "id > 0"}]}`, exitFailed, "matches every row of the table"},
		{`{roots: [{table: public.customer, where: "nr > 0"}]}`, exitFailed, "searching public.customer by a condition of the subset: the column does not exist"},
		{
			`{roots: [{table: public.purchase, where: "id = 4"}], exclude: [{table: public.product, where: "label = 'product 5'"}]}`,
			exitFailed, "excluded: parents by public.purchase (product) → public.product (id)",
		},
	} {
		s.flow["subset"] = c.subset
		o := s.refresh(t)
		o.want(t, c.code, c.words)
		if c.code == exitUsage {
			s.masker(t, "check").want(t, exitUsage, c.words)
		}
		s.sweep(t, o)
		if got := ask(t, s.target, storeCounts); got != before {
			t.Errorf("%s: the target has %s rows, want %s", c.subset, got, before)
		}
		if left := siblings(t, Server(t), s.target); len(left) > 1 { // the previous database
			t.Errorf("%s: the run left %v", c.subset, left)
		}
	}
}

// An approval is for one subset. Production needs an approval for a subset as for all rows.
func TestAnApprovalCoversTheSubset(t *testing.T) {
	t.Parallel()
	s := signedWith(t, database(t, Server(t), "prod", store), newDatabaseURL(t, Server(t), "staging"), storeRules)
	s.edit(t, "masker.yaml", "    verify: off\n", "    verify: off\n    subset: {roots: [{table: public.customer, limit: 5}]}\n")
	s.masker(t, "run", "--flow", "nightly").want(t, exitRefused, "subset.roots")
	s.approveAgain(t)
	s.masker(t, "run", "--flow", "nightly").want(t, exitDone)
	s.edit(t, "masker.yaml", "limit: 5", "limit: 6")
	s.masker(t, "run", "--flow", "nightly").want(t, exitRefused, "subset.roots")
	if got := ask(t, s.target, "SELECT count(*) FROM customer"); got != "5" {
		t.Errorf("the target has %s customers", got)
	}
}

// A standby can be the source of a subset: searches write nothing.
func TestASubsetOfAStandby(t *testing.T) {
	t.Parallel()
	primary, local := ownServer(t, pglocal.Options{})
	if _, err := os.Stat(filepath.Join(primary.bin, "pg_basebackup")); err != nil {
		t.Skipf("skipped: %v", err)
	}
	do(t, primary.url("postgres"), "CREATE DATABASE prod")
	do(t, primary.url("prod"), store)
	standby := standbyOf(t, primary, local)
	s := newSite(t, standby.url("prod"), newDatabaseURL(t, Server(t), "staging")).rules(t, storeRules)
	s.flow["subset"] = `{roots: [{table: public.customer, key: "id=400"}], children: [{table: "*"}]}`
	await(t, "the standby to catch up", func() bool { return applied(t, primary, standby) })
	s.mustRefresh(t)
	if got := ask(t, s.target, storeCounts); got != "9|1|10|0" {
		t.Errorf("the target has %s rows", got)
	}
}
