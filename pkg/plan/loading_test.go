package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A function that runs while rows are loaded may need rows that are not there. The plan says so, and refuses the rules if
// the function probably fails. A waiver accepts it. A table that is skipped itself is not loaded.
func TestLoadingMayNeedRowsThatAreNotThere(t *testing.T) {
	name := func(table string) catalog.Name { return catalog.Name{Schema: "public", Name: table} }
	const skips = `tables:
  public.rates: {skip: operational}
  public.items: {columns: {id: {keep: x}}}
  public.parts: {skip: operational}
`
	keeps := strings.Replace(skips, "{skip: operational}", "{columns: {id: {keep: x}}}", 1)
	waived := func(rules, code string) string {
		return rules + "waivers: [{finding: " + code + ", on: public.items, owner: O, reason: R, until: 2030-01-01}]\n"
	}
	sure := catalog.LoadRead{Name: name("rates"), By: "generated column g", Functions: "look(text)", Sure: true, Fails: true}
	unsure, calm, view, itself := sure, sure, sure, sure
	unsure.Sure, calm.Fails = false, false
	view.Name, view.MatView = name("rates_view"), true
	itself.Name = name("items")
	for what, c := range map[string]struct {
		read    catalog.LoadRead
		rules   string
		mutual  bool
		finding string
		refused string
	}{
		"skipped, sure":     {read: sure, rules: skips, refused: "r.yaml:5:3: generated column g of public.items calls look(text), which reads public.rates, whose rows stay behind (r.yaml:4:18); without them it probably fails while rows are loaded; skip public.items too with `public.items: {skip: reason}`, or do not skip public.rates; if it needs no rows, waive load-reads-skipped on public.items"},
		"skipped, waived":   {read: sure, rules: waived(skips, "load-reads-skipped"), finding: "load-reads-skipped items"},
		"skipped, unsure":   {read: unsure, rules: skips, finding: "load-reads-skipped items"},
		"skipped, calm":     {read: calm, rules: skips, finding: "load-reads-skipped items"},
		"there":             {read: sure, rules: keeps},
		"materialized view": {read: view, rules: keeps, refused: "which reads materialized view public.rates_view, and masker fills it only after all rows are loaded"},
		"itself":            {read: itself, rules: keeps, refused: "which reads public.items itself: rows are loaded together"},
		"itself, waived":    {read: itself, rules: waived(keeps, "load-reads-later"), finding: "load-reads-later items"},
		"mutual":            {read: sure, rules: keeps, mutual: true, refused: "and public.rates needs rows of public.items too: no order of loading is right"},
		"mutual, calm":      {read: calm, rules: keeps, mutual: true, finding: "load-reads-later items"},
	} {
		t.Run(what, func(t *testing.T) {
			db := loadReads(t, c.read, c.mutual)
			if c.refused != "" {
				if got := told(t, db, c.rules); !strings.Contains(got, c.refused) {
					t.Errorf("got %q, want %q", got, c.refused)
				}
				return
			}
			var codes []string
			for _, f := range mustBuild(t, db, c.rules).Findings {
				codes = append(codes, f.Code+" "+f.Table.Name)
			}
			if got := strings.Join(codes, ", "); got != c.finding {
				t.Errorf("got %q, want %q", got, c.finding)
			}
		})
	}
}

// loadReads returns a schema in which a function reads a table while items and parts are loaded. If mutual is true,
// loading rates also needs rows of items.
func loadReads(t *testing.T, read catalog.LoadRead, mutual bool) *catalog.Database {
	table := func(name string) catalog.Name { return catalog.Name{Schema: "public", Name: name} }
	db := schema(t, "public.rates: id int! pk", "public.items: id int! pk", "public.parts: id int! pk")
	db.Table(table("items")).LoadReads = []catalog.LoadRead{read}
	if read.Name.Name == "items" {
		read.Name.Name = "rates"
	}
	db.Table(table("parts")).LoadReads = []catalog.LoadRead{read}
	if mutual {
		db.Table(table("rates")).LoadReads = []catalog.LoadRead{{Name: table("items")}}
	}
	return db
}
