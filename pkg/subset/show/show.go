// Package show writes the explanation of a subset as text, as a graph in the language of Mermaid, or as an SVG picture.
// The package opens no file and no connection.
package show

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
)

// Text prints an explanation: one line for each table, the edges that brought the rows of each table, the tables
// without rows, and the chain.
func Text(w io.Writer, e subset.Explanation) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TABLE\tROWS\tOF ABOUT\tSIZE")
	var rows, of, bytes int64
	for _, s := range e.Tables {
		rows, of, bytes = rows+s.Rows, of+s.Of, bytes+s.Bytes
		line(t, visible.Text(s.Table.String()), s.Rows, s.Of, s.Bytes)
	}
	line(t, "all", rows, of, bytes)
	if err := t.Flush(); err != nil {
		return err
	}
	var empty []string
	for _, s := range e.Tables {
		if !s.Whole && s.Rows == 0 {
			empty = append(empty, visible.Text(s.Table.String()))
			continue
		}
		if err := ways(w, s); err != nil {
			return err
		}
	}
	if len(empty) > 0 {
		if _, err := fmt.Fprintf(w, "\nempty in the target, because nothing in the subset leads to a row: %s\n", strings.Join(empty, ", ")); err != nil {
			return err
		}
	}
	return chain(w, e.Chain)
}

// ways prints the edges that brought rows of a table. It also prints each edge that had to read the whole table, even
// if this edge brought no row.
func ways(w io.Writer, s subset.TableShare) error {
	if _, err := fmt.Fprintf(w, "\n%s\n", visible.Text(s.Table.String())); err != nil {
		return err
	}
	if s.Whole {
		fmt.Fprintln(w, "  the whole table")
	}
	for _, way := range s.By {
		if way.Rows > 0 || way.Scans {
			fmt.Fprintf(w, "  %s: %s\n", spell.Count(way.Rows, "row"), visible.Text(way.Edge))
		}
		if way.Scans {
			fmt.Fprintf(w, "    no index finds them: %s of the whole table\n", spell.Count(way.Searches, "scan"))
		}
	}
	return nil
}

func line(w io.Writer, name string, rows, of, bytes int64) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, spell.Number(rows), spell.Number(of), kilobytes(bytes))
}

func kilobytes(bytes int64) string { return spell.Number((bytes+999)/1000) + " kB" }

func chain(w io.Writer, edges []string) error {
	if len(edges) == 0 {
		return nil
	}
	if _, err := fmt.Fprintln(w, "\nthe row is in the subset by"); err != nil {
		return err
	}
	for _, edge := range edges {
		if _, err := fmt.Fprintln(w, "  "+visible.Text(edge)); err != nil {
			return err
		}
	}
	return nil
}

// Mermaid prints an explanation as a graph in the language of Mermaid. Each arrow is an edge: it leads from a root or a
// table to the table whose rows the edge brings. The number at the arrow is the number of rows that this edge brought
// first.
func Mermaid(w io.Writer, e subset.Explanation) error {
	var b strings.Builder
	b.WriteString("graph LR\n")
	nodes := map[catalog.Name]int{}
	for i, s := range e.Tables {
		nodes[s.Table] = i
		fmt.Fprintf(&b, "  t%d[\"%s<br>%s of %s\"]\n", i, label(s.Table.String()), spell.Number(s.Rows), spell.Number(s.Of))
	}
	for i, s := range e.Tables {
		for j, way := range s.By {
			if way.From == nil {
				fmt.Fprintf(&b, "  r%d_%d([\"%s\"]) -->|%d| t%d\n", i, j, label(way.Edge), way.Rows, i)
				continue
			}
			fmt.Fprintf(&b, "  t%d -->|%d| t%d\n", nodes[*way.From], way.Rows, i)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// label escapes a name, so that it can stand between the quotes of a Mermaid text. Mermaid escapes characters as
// entities.
func label(name string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(visible.Text(name))
}
