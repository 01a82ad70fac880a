package survey

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
)

// Show prints the columns with evidence, the paths of documents and the tables that could not be read.
func (s *Survey) Show(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	suspects := s.Suspects()
	if len(suspects) > 0 {
		fmt.Fprintln(t, "COLUMN\tTYPE\tHOLDS\tEVIDENCE")
	}
	for _, c := range suspects {
		class := c.Class
		switch {
		case c.Special:
			class += " (special category)"
		case c.Quasi:
			class += " (quasi-identifier)"
		}
		fmt.Fprintf(t, "%s.%s\t%s\t%s\t%s\n", visible.Text(c.Table), visible.Text(catalog.Quote(c.Name)), visible.Text(c.Type), class, visible.Text(strings.Join(c.Evidence(), "; ")))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, line := range s.Documents() {
		fmt.Fprintf(&b, "paths of %s\n", visible.Text(line))
	}
	for _, u := range s.Unread {
		fmt.Fprintf(&b, "not looked at: %s: %s\n", visible.Text(u.Table), visible.Text(u.Why))
	}
	fmt.Fprintf(&b, "%s of %d with evidence", spell.Count(len(suspects), "column"), len(s.Columns))
	if s.Sampled {
		b.WriteString("; no evidence does not mean that a column holds nothing about people\n")
	} else {
		b.WriteString(" in names, types, comments and keys; no row was read. masker discover --sample looks at values too\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
