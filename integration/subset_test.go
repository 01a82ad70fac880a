package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/subset"
)

// Subsets of public databases are published: PostgreSQL accepts every foreign key over the selected rows. The policy,
// the summary and the ledger say that the target is a subset.
func TestSubsetsOfRealDatabases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ subset, some, whole string }{
		"pagila":         {`{roots: [{table: public.customer, percent: 5}, {table: public.language, all: true}], children: [{table: "*", limit: 3}]}`, "public.rental", "public.language"},
		"adventureworks": {`{roots: [{table: sales.salesorderheader, percent: 1}], children: [{table: "*", limit: 5}]}`, "sales.salesorderdetail", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, dst := sample(t, name), newDatabaseURL(t, Server(t), "staging")
			s := newSite(t, src, dst)
			s.rulesFrom(t, name+"/rules.yaml")
			s.flow["subset"] = c.subset
			if text := s.masker(t, "plan", "--flow", "nightly").stdout; !strings.Contains(text, "subset.roots") {
				t.Errorf("the plan does not show the subset:\n%s", text)
			}
			explained := s.masker(t, "subset", "explain", "--format", "json").stdout
			if again := s.masker(t, "subset", "explain", "--format", "json").stdout; again != explained {
				t.Errorf("two selections differ:\n%s\n%s", explained, again)
			}
			o := s.mustRefresh(t)
			var e subset.Explanation
			if err := json.Unmarshal([]byte(explained), &e); err != nil {
				t.Fatal(err)
			}
			for _, table := range e.Tables {
				if got := ask(t, dst, "SELECT count(*) FROM "+table.Table.String()); !table.Whole && got != fmt.Sprint(table.Rows) {
					t.Errorf("%s: the target has %s rows, and explain says %d", table.Table, got, table.Rows)
				}
			}
			if !strings.Contains(o.stderr+o.stdout, "the target is a subset") {
				t.Errorf("the summary does not tell of a subset:\n%v", o)
			}
			if shown := s.masker(t, "ledger", "show", "--format", "json").stdout; !strings.Contains(shown, `"subset.roots"`) {
				t.Errorf("the ledger does not tell of a subset:\n%s", shown)
			}
			count := func(url, table string) string {
				return fmt.Sprint(askAll(t, url, "SELECT count(*) FROM "+table))
			}
			if all, got := count(src, c.some), count(dst, c.some); got == all || got == "[0]" {
				t.Errorf("%s: %s of %s rows", c.some, got, all)
			}
			if c.whole != "" && count(dst, c.whole) != count(src, c.whole) {
				t.Errorf("%s is not whole", c.whole)
			}
		})
	}
}
