package integration

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/subset"
)

// masker subset explain says which rows a run will select, and why one row is among them. It reads and prints no
// value of a row, and changes nothing.
func TestASubsetIsExplained(t *testing.T) {
	t.Parallel()
	s := storeSite(t, `{roots: [{table: public.customer, key: "id=400"}], children: [{table: public.purchase, limit: 2}]}`)
	o := s.masker(t, "subset", "explain", "nightly", "--row", "public.product:id=40")
	o.want(t, exitDone,
		"public.customer  9 ", "8 rows: parents by public.customer (friend) → public.customer (id)",
		"no index finds them", "lead", "public.audit",
		"the row is in the subset by\n  parents by public.purchase (product) → public.product (id)\n  children by public.purchase (customer) → public.customer (id)\n  root public.customer by key id\n")
	s.sweep(t, o)

	var e subset.Explanation
	if err := json.Unmarshal([]byte(s.masker(t, "subset", "explain", "--format", "json").stdout), &e); err != nil {
		t.Fatal(err)
	}
	s.mustRefresh(t)
	for _, table := range e.Tables {
		if got := ask(t, s.target, "SELECT count(*) FROM "+table.Table.String()); got != string(must(json.Marshal(table.Rows))) {
			t.Errorf("%s: the target has %s rows, and explain says %d", table.Table, got, table.Rows)
		}
	}
	for row, why := range map[string]string{
		"public.customer:id=399": "is not in the subset", "public.customer:id=4000": "0 rows of public.customer have this key",
		"public.custmer:id=1": "there is no table", "public.customer:nr=1": "has no column nr",
	} {
		s.masker(t, "subset", "explain", "--row", row).want(t, exitFailed, why)
	}
	s.masker(t, "subset", "explain", "--row", "customer").want(t, exitUsage, "--row")
	s.masker(t, "subset", "explain", "--graph", "dot").want(t, exitUsage, "--graph")
	s.masker(t, "subset", "explain", "--graph", "svg").want(t, exitDone, "<svg xmlns=", "public.customer")
	if shown := s.masker(t, "ledger", "show", "--event", "explain", "--format", "json").stdout; strings.Count(shown, "public.customer by key id") != 7 {
		t.Errorf("the ledger does not have every search, also those that failed:\n%s", shown)
	}
	s.flow["subset"] = ""
	delete(s.flow, "subset")
	s.masker(t, "subset", "explain").want(t, exitUsage, "has no subset")
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// Explaining a subset of production needs the approvals of a refresh. Before the approval, the ledger has no record of
// an explanation.
func TestExplainNeedsAnApproval(t *testing.T) {
	t.Parallel()
	s := signedWith(t, database(t, Server(t), "prod", store), newDatabaseURL(t, Server(t), "staging"), storeRules)
	s.edit(t, "masker.yaml", "    verify: off\n", "    verify: off\n    subset: {roots: [{table: public.customer, limit: 5}]}\n")
	s.masker(t, "subset", "explain").want(t, exitRefused, "subset.roots")
	s.approveAgain(t)
	s.masker(t, "subset", "explain").want(t, exitDone, "root public.customer limit 5")
}

// For a subset, the target's disk needs space for the selected rows only. masker check does not know the selected
// rows. It says that a run checks the disk when it has selected them.
func TestTheDiskOfASubset(t *testing.T) {
	t.Parallel()
	s := storeSite(t, "")
	delete(s.flow, "subset")
	do(t, s.source, "ALTER TABLE audit ADD pad text; UPDATE audit SET pad = repeat('x', 200); INSERT INTO audit SELECT i, repeat('x', 900) FROM generate_series(1000, 41000) i; ANALYZE audit")
	s.rules(t, strings.Replace(storeRules, "audit: {columns: {id: {keep: key}}}", "audit: {columns: {id: {keep: key}, pad: {keep: ballast}}}", 1))
	need := func(o outcome) string {
		return regexp.MustCompile(`disk: about [0-9]+ MB`).FindString(o.stderr)
	}
	if got := need(s.mustRefresh(t)); got < "disk: about 1070 MB" {
		t.Errorf("all rows: %s", got)
	}
	s.flow["subset"] = `{roots: [{table: public.audit, where: "id = 7"}]}`
	if got := need(s.mustRefresh(t)); got != "disk: about 1033 MB" {
		t.Errorf("one row: %s", got)
	}
	s.masker(t, "check").want(t, exitDone, "when it has selected the rows of the subset")
}
