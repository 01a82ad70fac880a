package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Somebody adds roots to a published subset, with lines of a file. The next run needs no new
// approval. It publishes the rows of all roots, with the rows that they reference. The ledger and
// the provenance do not quote the keys of the file.
func TestASubsetIsToppedUp(t *testing.T) {
	t.Parallel()
	s := signedWith(t, database(t, Server(t), "prod", store), newDatabaseURL(t, Server(t), "staging"), storeRules)
	file := filepath.Join(t.TempDir(), "more.txt") // the folder of the site must not hold a canary
	more := func(lines string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.edit(t, "masker.yaml", "    verify: off\n", "    verify: strict\n    subset:\n      roots: [{table: public.customer, key: id=7}]\n      more: {file: "+file+", columns: [public.purchase.id, public.customer.name], limit: 4}\n")
	s.masker(t, "run", "--flow", "nightly").want(t, exitUsage, "more.txt", "make it, it may be empty")
	more("")
	s.approveAgain(t)
	s.masker(t, "run", "--flow", "nightly").want(t, exitDone)
	counts := func(want string) {
		t.Helper()
		if got := ask(t, s.target, storeCounts); got != want {
			t.Errorf("the target has %s rows, want %s", got, want)
		}
	}
	counts("3|0|0|0") // the customers 7, 3 and 1

	more("public.purchase id=11,12  until 2100-01-01\npublic.purchase id=13 until 2020-01-01\npublic.customer name=CANARY-name-3,CANARY-none\n")
	s.masker(t, "check").want(t, exitDone, "more.txt:2 ended on 2020-01-01 and no longer counts")
	s.masker(t, "subset", "explain").want(t, exitDone, "rows: root public.purchase by key id ("+file+":1)", "more.txt:3 names 2 values, and selects 1 row")
	o := s.masker(t, "run", "--flow", "nightly")
	o.want(t, exitDone, "the subset has the rows of 2 lines of", "more.txt:3 names 2 values, and selects 1 row")
	counts("6|2|2|0") // purchase 11 and 12 bring the customers 12, 13 and 6
	s.sweep(t, o)
	records := s.masker(t, "ledger", "show", "--format", "json").stdout
	steps := ask(t, s.target, "SELECT string_agg(p::text, ' ') FROM masker.provenance p")
	if strings.Contains(records+steps, "CANARY") || !strings.Contains(steps, "public.purchase by key id: 2 values; public.customer by key name: 2 values") {
		t.Errorf("the ledger or the provenance quotes a key, or does not tell the lines:\n%s\n%s", records, steps)
	}

	more("# nothing\npublic.purchase id=CANARY-x")
	s.masker(t, "check").want(t, exitUsage, "more.txt:2 public.purchase: value 1 of column id is not of type integer")
	counts("6|2|2|0")
	s.edit(t, "masker.yaml", "limit: 4", "limit: 5")
	more("")
	s.masker(t, "run", "--flow", "nightly").want(t, exitRefused, "subset.more")
}
