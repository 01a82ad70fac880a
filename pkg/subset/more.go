package subset

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// More says which roots a file may add to a subset, and which roots it adds. An approval covers what the file may add,
// and not what it adds.
type More struct {
	File    string               // the name of the file; "" if no file may add roots
	Columns []catalog.ColumnName // the columns by which the file may name rows
	Limit   int                  // the largest number of rows
	Lines   []Line               // the roots of the file
}

// Line is one line of the file.
type Line struct {
	Root  Root   // a root by key
	Until string // the last day on which the line counts, as 2026-12-24; "" if it has none
	At    string // FILE:LINE
}

// defaultMore is the value of More.Limit if the configuration gives none.
const defaultMore = 100

// Read reads the lines of the file. It replaces the lines that were read before. Its errors quote nothing of the file,
// because the file holds keys of rows.
func (m *More) Read(data []byte) error {
	m.Lines = nil
	number := 0
	for text := range strings.Lines(string(data)) {
		number++
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		l := Line{At: fmt.Sprintf("%s:%d", m.File, number)}
		if err := l.parse(text); err != nil {
			return fmt.Errorf("subset: more: %s: %w", l.At, err)
		}
		m.Lines = append(m.Lines, l)
	}
	return m.check()
}

// lastDay finds a day at the end of a line without the word until. The word before the day may be until with a typing
// error. Such a line is refused, because the word and the day would otherwise become a part of the key.
var lastDay = regexp.MustCompile(`\s\S+\s*\d{4}-\d\d?-\d\d?$`)

func (l *Line) parse(text string) (err error) {
	if i := strings.LastIndex(text, " until "); i >= 0 {
		l.Until = strings.TrimSpace(text[i+len(" until "):])
		if _, err := time.Parse(time.DateOnly, l.Until); err != nil {
			return fmt.Errorf("want a day after until, such as until 2026-12-24")
		}
		text = text[:i]
	} else if lastDay.MatchString(text) {
		return fmt.Errorf("it ends in a day, and the word before the day is not until; want for example: until 2026-12-24")
	}
	if l.Root, err = ParseRoot(text); err != nil || l.Root.Column == "" {
		return fmt.Errorf("want a root by key, such as public.orders order_id=42,77")
	}
	slices.Sort(l.Root.Values)
	l.Root.Values = slices.Compact(l.Root.Values)
	return nil
}

// count returns an error if the lines together have more values than Limit.
func (m *More) count() error {
	values := 0
	for _, l := range m.Lines {
		values += len(l.Root.Values)
	}
	if values > m.Limit {
		return fmt.Errorf("more: the lines of %s have %s, and may have %d; remove lines, or raise limit", m.File, spell.Count(values, "value"), m.Limit)
	}
	return nil
}

// check returns an error if the settings are wrong for every schema, or if a line names rows that the file may not
// name.
func (m *More) check() error {
	switch {
	case m.File == "" && len(m.Columns)+len(m.Lines) == 0:
		return nil
	case m.File == "":
		return fmt.Errorf("subset: more: file is missing; name the file that has the roots")
	case len(m.Columns) == 0:
		return fmt.Errorf("subset: more: columns are missing; name the columns by which the file may name rows, such as public.orders.order_id")
	case m.Limit < 1:
		return fmt.Errorf("subset: more: limit must be at least 1")
	}
	for _, l := range m.Lines {
		if !slices.Contains(m.Columns, catalog.ColumnName{Table: l.Root.Table, Column: l.Root.Column}) {
			return fmt.Errorf("subset: more: %s: the file may not name rows by this column; it may name rows by %s", l.At, m.columns())
		}
	}
	return nil
}

func (m *More) columns() string {
	names := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		names[i] = c.Table.Column(c.Column)
	}
	return strings.Join(names, ", ")
}

// String describes what the file may add. It is "" if no file may add roots.
func (m *More) String() string {
	if m.File == "" {
		return ""
	}
	return fmt.Sprintf("at most %s by %s from %s", spell.Count(m.Limit, "row"), m.columns(), m.File)
}

// From returns the lines that count on a day, as 2026-12-24.
func (m *More) From(today string) More {
	part := *m
	part.Lines = slices.DeleteFunc(slices.Clone(m.Lines), func(l Line) bool { return l.Until != "" && l.Until < today })
	return part
}

// Texts returns the roots of the lines with their values. The texts are the same for two files whose lines have
// the same tables, columns and values in the same order. Their dates and comments may differ.
func (m *More) Texts() []string {
	list := make([]string, len(m.Lines))
	for i, l := range m.Lines {
		list[i] = l.Root.policy()
	}
	return list
}

// summary describes the roots of the lines without their values.
func (m *More) summary() string {
	list := make([]string, len(m.Lines))
	for i, l := range m.Lines {
		list[i] = fmt.Sprintf("%s: %s", l.Root, spell.Count(len(l.Root.Values), "value"))
	}
	return strings.Join(list, "; ")
}

// named adds the position of the root's line to an error.
func (e *Edge) named(err error) error {
	if e.line == nil {
		return err
	}
	return fmt.Errorf("subset: more: %s: %w", e.line.At, err)
}

// missing says that a line names more values than it selects rows. Then rows are not in the source, or they are
// excluded, or two values are equal for the server, such as 42 and 042. Otherwise missing returns "".
func (e *Edge) missing() string {
	if e.line == nil || e.found >= len(e.line.Root.Values) {
		return ""
	}
	return fmt.Sprintf("%s names %s, and selects %s (the others are not in the source, are excluded, or are a second spelling of a value)",
		e.line.At, spell.Count(len(e.line.Root.Values), "value"), spell.Count(e.found, "row"))
}

// Missing says which lines of the file name more values than they select rows. It is called after Run.
func (s *Selection) Missing() (list []string) {
	for _, e := range s.roots {
		if text := e.missing(); text != "" {
			list = append(list, text)
		}
	}
	return list
}

// checkMore returns an error if the lines of the file together select more rows than More.Limit.
func (s *Selection) checkMore() error {
	rows := 0
	for _, e := range s.roots {
		if e.line != nil {
			rows += e.found
		}
	}
	if rows > s.more.Limit {
		return fmt.Errorf("subset: more: the lines of %s select more than %s; remove lines, or raise limit", s.more.File, spell.Count(s.more.Limit, "row"))
	}
	return nil
}
