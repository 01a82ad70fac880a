package review

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
)

// longestValue is the largest number of characters that a preview shows of a value.
const longestValue = 40

// Sample is rows of a table as they would arrive.
type Sample struct {
	Columns []string
	Hidden  []string    // for each column, why its values are not shown, or ""
	Rows    [][]*string // nil for NULL
}

// WritePreview writes the rows of a sample in columns, next to what each column becomes and the rule that decides it.
func WritePreview(w io.Writer, t Table, targetKind string, s Sample) error {
	out := &printer{w: w}
	out.line("%s: %s as they would arrive in %s", t.Name, rowsOf(len(s.Rows)), targetKind)
	out.line("")
	head := []string{"COLUMN", "BECOMES", "WHERE"}
	for i := range s.Rows {
		head = append(head, fmt.Sprintf("ROW %d", i+1))
	}
	lines, at := [][]string{head}, map[string]int{}
	for i, name := range s.Columns {
		at[name] = i
	}
	for _, c := range t.Columns {
		line := []string{catalog.Quote(c.Name), c.Becomes, short(c.At)}
		i, read := at[c.Name]
		for _, row := range s.Rows {
			switch {
			case !read:
				line = append(line, "(computed)")
			case s.Hidden[i] != "":
				line = append(line, "("+s.Hidden[i]+")")
			default:
				line = append(line, shown(row[i]))
			}
		}
		lines = append(lines, line)
	}
	out.rows("  ", lines)
	return out.err
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// shown returns a value in one short line.
func shown(value *string) string {
	if value == nil {
		return "NULL"
	}
	text := visible.Text(*value)
	if utf8.RuneCountInString(text) > longestValue {
		text = string([]rune(text)[:longestValue-1]) + "…"
	}
	if strings.TrimSpace(text) == "" {
		return fmt.Sprintf("%q", text)
	}
	return text
}
