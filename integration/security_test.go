package integration

import (
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// requirements are the numbers of the requirements that docs/security.md answers for. There is no L4.
func requirements() (all []string) {
	for _, s := range []struct {
		letter string
		last   int
	}{{"L", 8}, {"A", 9}, {"R", 6}, {"C", 9}} {
		for n := 1; n <= s.last; n++ {
			if id := fmt.Sprintf("%s%d", s.letter, n); id != "L4" {
				all = append(all, id)
			}
		}
	}
	return all
}

// Every requirement has its line in docs/security.md, and every test that is named there is in the tree.
func TestEveryRequirementNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, f := range goFiles(t) {
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				tests[fn.Name.Name] = true
			}
		}
	}
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`").FindAllStringSubmatch(string(text), -1) {
		if !tests[name[1]] {
			t.Errorf("docs/security.md names %s, and there is no such test", name[1])
		}
	}
	for _, id := range requirements() {
		row := regexp.MustCompile(`(?m)^\| `+id+` \|(.*)$`).FindAllStringSubmatch(string(text), -1)
		if len(row) != 1 {
			t.Errorf("%s has %d lines in docs/security.md, want one", id, len(row))
			continue
		}
		cells := strings.Split(row[0][1], " | ")
		if len(cells) != 3 {
			t.Errorf("%s: want where it is built, tests, and what is not covered: %d cells", id, len(cells))
			continue
		}
		if !strings.Contains(cells[1], "`Test") && !strings.Contains(cells[2], "no test") {
			t.Errorf("%s names no test and does not say so", id)
		}
	}
}

// L5: whatever the shell allows, masker forbids core dumps of itself, and says so of the very process.
func TestL5MaskerForbidsCoreDumpsOfItself(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -S -c "$(ulimit -H -c)"; exec "$0" doctor -c missing.yaml`, masker(t))
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err == nil {
		t.Error("a configuration that is missing is no problem")
	}
	if !strings.Contains(string(out), "no core dumps, no debugger of the same user") {
		t.Errorf("%s", out)
	}
}

// C9: no word of ours calls data anonymous. Texts that name a product or quote a rule of law are not claims.
func TestC9NothingIsCalledAnonymous(t *testing.T) {
	word := regexp.MustCompile(`(?i)anonym`)
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && word.MatchString(lit.Value) {
				t.Errorf("%s: say suppressed, synthetic, generalised, pseudonymised or unchanged: %s", f.at(lit.Pos()), lit.Value)
			}
			return true
		})
	}
}
