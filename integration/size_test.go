package integration

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// What a reader can hold: more lines than these are a sign that something has two purposes.
const (
	mostOfFile     = 400
	mostOfFunction = 60
	mostOfCommand  = 6500 // of cmd/masker and what lies below it, without tests: whatever decides stands in pkg
	mostOfRoom     = 20   // per cent of the house
)

func TestNothingIsTooLongToRead(t *testing.T) {
	for _, found := range tooLong(goFiles(t)) {
		t.Error(found)
	}
}

func TestTheCommandIsWiring(t *testing.T) {
	if lines := linesOfCommand(goFiles(t)); lines > mostOfCommand {
		t.Errorf("cmd/masker has %d lines without its tests, and may have %d: what does not parse flags or render an answer belongs in pkg", lines, mostOfCommand)
	}
}

func TestNoRoomOutgrowsTheHouse(t *testing.T) {
	for _, found := range tooWide(goFiles(t)) {
		t.Error(found)
	}
}

// lines are those of the file, as an editor counts them.
func (f sourceFile) lines() int { return f.set.File(f.file.FileStart).LineCount() }

// tooLong finds files and functions, those of tests too.
func tooLong(files []sourceFile) (found []string) {
	for _, f := range files {
		if n := f.lines(); n > mostOfFile {
			found = append(found, fmt.Sprintf("%s has %d lines, and may have %d", f.path, n, mostOfFile))
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			name := ""
			switch n := n.(type) {
			case *ast.FuncDecl:
				name = n.Name.Name
			case *ast.FuncLit:
				name = "a function without a name"
			default:
				return true
			}
			if lines := f.line(n.End()) - f.line(n.Pos()) + 1; lines > mostOfFunction {
				found = append(found, fmt.Sprintf("%s: %s has %d lines, and may have %d", f.at(n.Pos()), name, lines, mostOfFunction))
			}
			return true
		})
	}
	return found
}

func (f sourceFile) line(p token.Pos) int { return f.set.Position(p).Line }

func linesOfCommand(files []sourceFile) (lines int) {
	for _, f := range files {
		if !f.test && inside(f.pkg, "cmd/masker") {
			lines += f.lines()
		}
	}
	return lines
}

// tooWide finds rooms that hold too much of the house. A room in a room counts for itself.
func tooWide(files []sourceFile) (found []string) {
	rooms, all := map[string]int{}, 0
	for _, f := range files {
		rooms[f.pkg] += f.lines()
		all += f.lines()
	}
	for room, lines := range rooms {
		if lines*100 > all*mostOfRoom {
			found = append(found, fmt.Sprintf("%s has %d of %d lines, more than %d %%: it is several rooms", room, lines, all, mostOfRoom))
		}
	}
	return found
}

func TestWhatIsTooLargeIsFound(t *testing.T) {
	long := func(lines int) string { return strings.Repeat("\n", lines) }
	for name, c := range map[string]struct {
		source string
		want   string // in the only finding; "" where there is none
	}{
		"the longest file":     {"package x" + long(mostOfFile), ""},
		"a file":               {"package x" + long(mostOfFile) + "// one more", "file.go has 401 lines"},
		"the longest function": {"package x\nfunc f() {" + long(mostOfFunction-1) + "}", ""},
		"a function":           {"package x\nfunc f() {" + long(mostOfFunction) + "}", "file.go:2: f has 61 lines"},
		"a method":             {"package x\ntype y int\nfunc (y) f() {" + long(mostOfFunction) + "}", "file.go:3: f has 61 lines"},
		"a function's value":   {"package x\nvar f = func() {" + long(mostOfFunction) + "}", "file.go:2: a function without a name has 61 lines"},
	} {
		found := tooLong(parsed(t, map[string]string{"pkg/x/file.go": c.source}))
		if (len(found) == 1) != (c.want != "") || len(found) > 1 || !strings.Contains(strings.Join(found, ""), c.want) {
			t.Errorf("%s: %q, want %q", name, found, c.want)
		}
	}
	house := parsed(t, map[string]string{
		"cmd/masker/a.go":          "package main" + long(30),
		"cmd/masker/internal/b.go": "package b" + long(20),
		"cmd/masker/a_test.go":     "package main" + long(40),
		"cmd/maskers/c.go":         "package c" + long(20),
		"pkg/d/d.go":               "package d" + long(80),
		"pkg/d/e/e.go":             "package e" + long(240),
	})
	if lines := linesOfCommand(house); lines != 50 {
		t.Errorf("the command has %d lines, want 50", lines)
	}
	if found := tooWide(house); len(found) != 1 || !strings.HasPrefix(found[0], "pkg/d/e has 240 of 430 lines") {
		t.Errorf("%q", found)
	}
}
