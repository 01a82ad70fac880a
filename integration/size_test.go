package integration

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// The limits of the code's size, in lines. Code that is longer probably has two purposes.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
	maxCommandLines  = 6500 // cmd/masker and all packages below it, without tests
	maxRoomPercent   = 20   // a room's part of all code
)

func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, found := range tooLong(goFiles(t)) {
		t.Error(found)
	}
}

func TestTheCommandIsSmall(t *testing.T) {
	if lines := linesOfCommand(goFiles(t)); lines > maxCommandLines {
		t.Errorf("cmd/masker has %d lines without its tests, and may have %d; move code that does not parse flags or print results into pkg", lines, maxCommandLines)
	}
}

func TestNoRoomIsTooLarge(t *testing.T) {
	for _, found := range tooLarge(goFiles(t)) {
		t.Error(found)
	}
}

// lines returns the number of lines in the file, as an editor counts them.
func (f sourceFile) lines() int { return f.set.File(f.file.FileStart).LineCount() }

// tooLong finds files and functions that are too long, including those of tests.
func tooLong(files []sourceFile) (found []string) {
	for _, f := range files {
		if n := f.lines(); n > maxFileLines {
			found = append(found, fmt.Sprintf("%s has %d lines, and may have %d", f.path, n, maxFileLines))
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
			if lines := f.line(n.End()) - f.line(n.Pos()) + 1; lines > maxFunctionLines {
				found = append(found, fmt.Sprintf("%s: %s has %d lines, and may have %d", f.at(n.Pos()), name, lines, maxFunctionLines))
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

// tooLarge finds rooms that hold too large a part of all code. A room below another room counts separately.
func tooLarge(files []sourceFile) (found []string) {
	rooms, all := map[string]int{}, 0
	for _, f := range files {
		rooms[f.pkg] += f.lines()
		all += f.lines()
	}
	for room, lines := range rooms {
		if lines*100 > all*maxRoomPercent {
			found = append(found, fmt.Sprintf("%s has %d of %d lines, more than %d %%; split the room", room, lines, all, maxRoomPercent))
		}
	}
	return found
}

func TestTooLargeCodeIsFound(t *testing.T) {
	long := func(lines int) string { return strings.Repeat("\n", lines) }
	for name, c := range map[string]struct {
		source string
		want   string // a part of the only message; "" if there is no message
	}{
		"the longest file":     {"package x" + long(maxFileLines), ""},
		"a file":               {"package x" + long(maxFileLines) + "// one more", "file.go has 401 lines"},
		"the longest function": {"package x\nfunc f() {" + long(maxFunctionLines-1) + "}", ""},
		"a function":           {"package x\nfunc f() {" + long(maxFunctionLines) + "}", "file.go:2: f has 61 lines"},
		"a method":             {"package x\ntype y int\nfunc (y) f() {" + long(maxFunctionLines) + "}", "file.go:3: f has 61 lines"},
		"a function's value":   {"package x\nvar f = func() {" + long(maxFunctionLines) + "}", "file.go:2: a function without a name has 61 lines"},
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
	if found := tooLarge(house); len(found) != 1 || !strings.HasPrefix(found[0], "pkg/d/e has 240 of 430 lines") {
		t.Errorf("%q", found)
	}
}
