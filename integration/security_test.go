package integration

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// requirements returns the numbers of the requirements that docs/security.md states.
func requirements(t *testing.T, text string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^- \*\*([A-Z]\d+)\*\* .{20}`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	if len(all) < 30 {
		t.Fatalf("found only %d requirements in docs/security.md, so the page has another form than this test expects", len(all))
	}
	return all
}

func securityPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docs/security.md states every requirement and has a line for each one. Every test that the page names exists.
func TestEveryRequirementNamesTestsThatExist(t *testing.T) {
	text, tests := securityPage(t), testNames(t)
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9_]+)`").FindAllStringSubmatch(text, -1) {
		if !tests[name[1]] {
			t.Errorf("docs/security.md names %s, but there is no such test", name[1])
		}
	}
	stated := requirements(t, text)
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-Z]\d+) \|`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(stated, row[1]) {
			t.Errorf("docs/security.md does not state what %s requires", row[1])
		}
	}
	for _, id := range stated {
		cells := requirementRow(t, text, id)
		if cells != nil && !strings.Contains(cells[1], "`Test") && !strings.Contains(cells[2], "no test") {
			t.Errorf("%s names no test and does not say \"no test\"", id)
		}
	}
	for name := range tests {
		if id := regexp.MustCompile(`^Test([LARFCPV]\d+)(?:[A-Z_]|$)`).FindStringSubmatch(name); id != nil && !slices.Contains(stated, id[1]) {
			t.Errorf("%s has the number of a requirement that docs/security.md does not state", name)
		}
	}
}

// requirementRow returns the line of a requirement: the code, the tests, and what they do not cover.
func requirementRow(t *testing.T, text, id string) []string {
	t.Helper()
	rows := regexp.MustCompile(`(?m)^\| `+id+` \|(.*)$`).FindAllStringSubmatch(text, -1)
	if len(rows) != 1 {
		t.Errorf("%s has %d lines in docs/security.md, want one", id, len(rows))
		return nil
	}
	cells := strings.Split(rows[0][1], " | ")
	if len(cells) != 3 {
		t.Errorf("%s: the line has %d cells, want three: the code, the tests, and what they do not cover", id, len(cells))
		return nil
	}
	return cells
}

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	for _, f := range goFiles(t) {
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.test && fn.Recv == nil {
				tests[fn.Name.Name] = true
			}
		}
	}
	return tests
}

// Every requirement names existing packages or files that implement it.
func TestEveryRequirementNamesExistingCode(t *testing.T) {
	text := securityPage(t)
	for _, id := range requirements(t, text) {
		cells := requirementRow(t, text, id)
		if cells == nil {
			continue
		}
		folder, found := "", 0
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[0], -1) {
			path := m[1]
			if !strings.HasSuffix(path, ".go") && !regexp.MustCompile(`^(cmd|pkg|internal|rules|integration)/`).MatchString(path) {
				continue // a command or a setting of the configuration
			}
			if !strings.Contains(path, "/") {
				path = folder + "/" + path // in the folder of the file named before
			}
			folder = path
			if strings.HasSuffix(path, ".go") {
				folder = filepath.ToSlash(filepath.Dir(path))
			}
			found++
			if _, err := os.Stat(filepath.Join("..", path)); err != nil {
				t.Errorf("%s names %s, which does not exist", id, path)
			}
		}
		if found == 0 {
			t.Errorf("%s names no package and no file", id)
		}
	}
}

// L5: masker forbids core dumps of itself, even if the shell allows them. Doctor reports the state of its own process.
func TestL5MaskerForbidsCoreDumpsOfItself(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -S -c "$(ulimit -H -c)"; exec "$0" doctor -c missing.yaml`, masker(t))
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err == nil {
		t.Error("doctor reports no problem without a configuration")
	}
	if !strings.Contains(string(out), "no core dumps, no debugger of the same user") {
		t.Errorf("%s", out)
	}
}

// C9: no text of masker calls data anonymous.
func TestC9NothingIsCalledAnonymous(t *testing.T) {
	word := regexp.MustCompile(`(?i)anonym`)
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && word.MatchString(lit.Value) {
				t.Errorf("%s: write suppressed, synthetic, generalised, pseudonymised or unchanged: %s", f.at(lit.Pos()), lit.Value)
			}
			return true
		})
	}
}
