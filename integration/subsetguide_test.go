package integration

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/examples/shop"
)

const subsetGuide = "../docs/subsets.md"

// The test runs the guide's subset on the example shop, and compares what explain prints with the page. If the output
// has changed, run go test ./integration -run SubsetGuide -update.
func TestTheSubsetGuideShowsTheRealOutput(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(subsetGuide)
	if err != nil {
		t.Fatal(err)
	}
	src, dst := database(t, Server(t), "prod", shop.Schema), newDatabaseURL(t, Server(t), "staging")
	do(t, src, shop.Fill(400))
	do(t, src, "ANALYZE")
	s := newSite(t, src, dst).rules(t, shop.Rules)
	_, block, _ := strings.Cut(string(page), "    subset:\n")
	block, _, _ = strings.Cut(block, "```")
	s.flow["subset"] = "\n" + strings.TrimSuffix(block, "\n")
	s.flow["verify"] = "strict"

	o := s.masker(t, "subset", "explain", "nightly")
	o.want(t, exitDone)
	before, rest, _ := strings.Cut(string(page), "```text\n")
	shown, after, _ := strings.Cut(rest, "```\n")
	if *update {
		if err := os.WriteFile(subsetGuide, []byte(before+"```text\n"+o.stdout+"```\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	sizes := regexp.MustCompile(` +[0-9,]+ kB`) // they depend on the server's version
	if sizes.ReplaceAllString(o.stdout, "") != sizes.ReplaceAllString(shown, "") {
		t.Errorf("explain prints\n%s\nand %s shows\n%s", o.stdout, subsetGuide, shown)
	}
	if o := s.masker(t, "subset", "explain", "nightly", "--graph", "mermaid"); !strings.Contains(o.stdout, "graph LR\n") || !strings.Contains(o.stdout, `["public.customers<br>`) {
		t.Errorf("the graph is\n%s", o)
	}
	if o := s.masker(t, "ledger", "show", "--event", "explain"); strings.Count(o.stdout, "are about to be counted") != 2 {
		t.Errorf("the ledger does not have both searches:\n%s", o)
	}
	s.mustRefresh(t)
	if got := ask(t, dst, "SELECT count(*) FROM customers"); !strings.Contains(shown, " "+got+" ") {
		t.Errorf("the target has %s customers, and the page shows\n%s", got, shown)
	}
}
