package integration

import (
	"os"
	"strings"
	"testing"
)

const fixtureGuide = "../docs/fixtures.md"

// The test makes the guide's fixture of the example shop, and compares what show prints with the page. If the output
// has changed, run go test ./integration -run FixtureGuide -update.
func TestTheFixtureGuideShowsTheRealOutput(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(fixtureGuide)
	if err != nil {
		t.Fatal(err)
	}
	s := shopStaging(t)
	s.fixture(t, "shop.sql", "--budget", "200kB")
	o := s.masker(t, "fixture", "show", "shop.sql")
	before, rest, _ := strings.Cut(string(page), "```text\n")
	shown, after, _ := strings.Cut(rest, "```\n")
	if *update {
		if err := os.WriteFile(fixtureGuide, []byte(before+"```text\n"+o.stdout+"```\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	tables := func(text string) string { table, _, _ := strings.Cut(text, "\nmade from "); return table } // the version of the server differs
	if tables(o.stdout) != tables(shown) {
		t.Errorf("show prints\n%s\nand %s shows\n%s", o.stdout, fixtureGuide, shown)
	}
}
