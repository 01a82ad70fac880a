package ruleset

import (
	"fmt"
	"slices"
	"strings"
)

// Pos is a position in a rule file. Line and Col count from 1. Col counts characters. Line and Col are 0 if
// they are not known.
type Pos struct {
	File string
	Line int
	Col  int
}

// String returns file:line:col, or fewer parts if Line or Col is 0.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// IsZero reports whether there is no position.
func (p Pos) IsZero() bool { return p == Pos{} }

// Compare orders by file, line and column.
func (p Pos) Compare(q Pos) int {
	if c := strings.Compare(p.File, q.File); c != 0 {
		return c
	}
	if p.Line != q.Line {
		return p.Line - q.Line
	}
	return p.Col - q.Col
}

// Problem is one error in the rules, with its position.
type Problem struct {
	Pos     Pos
	About   string // the column that Text begins with, or "". Problems that differ only in this column are shown as one
	Text    string // what is wrong and what to do. It never holds a row's value
	Excerpt string // the line, with a caret below it at the position, or ""
}

// String returns the problem in the form that compilers use, with the excerpt below.
func (p Problem) String() string {
	head := p.Text
	if !p.Pos.IsZero() {
		head = p.Pos.String() + ": " + p.Text
	}
	if p.Excerpt == "" {
		return head
	}
	return head + "\n" + p.Excerpt
}

// Problems is an error that lists everything wrong with a rule set. Sort orders it.
type Problems []Problem

// Error combines problems that differ only in the column and the position. It shows them as one problem with a list.
func (ps Problems) Error() string {
	type same struct{ file, text string }
	groups := map[same][]Problem{}
	var order []same
	for _, p := range ps {
		key := same{p.Pos.File, strings.TrimPrefix(p.Text, p.About)}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], p)
	}
	lines := make([]string, len(order))
	for i, key := range order {
		first, others := groups[key][0], groups[key][1:]
		if lines[i] = first.String(); len(others) > 0 {
			lines[i] += "\n" + alike(others)
		}
	}
	return strings.Join(lines, "\n")
}

// alike lists the columns and positions of the combined problems.
func alike(others []Problem) string {
	names := make([]string, len(others))
	for i, p := range others {
		names[i] = strings.TrimSpace(p.About + " (" + p.Pos.String() + ")")
	}
	return "      and in the same way: " + strings.Join(names, ", ")
}

// Sort sorts the problems by position.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int { return a.Pos.Compare(b.Pos) })
}

// Problem makes a problem at a position in the set's files, with the excerpt.
func (s *Set) Problem(at Pos, format string, args ...any) Problem {
	p := Problem{Pos: at, Text: fmt.Sprintf(format, args...)}
	if src := s.sources[at.File]; src != nil {
		p.Excerpt = src.excerpt(at)
	}
	return p
}

// Line returns a line of one of the set's files, or "" if there is no such line.
func (s *Set) Line(file string, line int) string {
	if src := s.sources[file]; src != nil && line >= 1 && line <= len(src.lines) {
		return src.lines[line-1]
	}
	return ""
}

// source is a file's text, split into lines. Excerpts are made from it.
type source struct {
	name  string
	lines []string
}

func newSource(name string, data []byte) *source {
	return &source{name: name, lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")}
}

// excerptWidth is how much of a long line an excerpt shows, in characters.
const excerptWidth = 160

func (s *source) excerpt(at Pos) string {
	if at.Line < 1 || at.Line > len(s.lines) {
		return ""
	}
	line := []rune(strings.ReplaceAll(s.lines[at.Line-1], "\t", " "))
	col := min(max(at.Col, 1), len(line)+1)
	from := 0
	if col > excerptWidth {
		from = col - excerptWidth/2
	}
	to := min(len(line), from+excerptWidth)
	num := fmt.Sprintf("%5d | ", at.Line)
	return num + string(line[from:to]) + "\n" + strings.Repeat(" ", 6) + "| " + strings.Repeat(" ", col-1-from) + "^"
}

// Lines returns the number of lines of one of the set's files.
func (s *Set) Lines(file string) int {
	if src := s.sources[file]; src != nil {
		return len(src.lines)
	}
	return 0
}
