package review

import (
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/internal/visible"
)

// WriteFindings writes findings as text, one on each line. Many findings of one kind become one line.
func WriteFindings(w io.Writer, fs []Finding) error {
	out := &printer{w: w}
	folded := Fold(fs)
	for _, f := range folded {
		flow := ""
		if f.Flow != "" {
			flow = "flow " + f.Flow + ": "
		}
		if by := f.Waiver; by != nil {
			out.line("%swaived until %s by %s: %s: %s", flow, by.Until, by.Owner, f.Code, f)
			continue
		}
		out.line("%sfinding: %s: %s", flow, f.Code, f)
	}
	if len(folded) < len(fs) {
		out.line("%s", foldedNote)
	}
	return out.err
}

// WriteComparison writes differences as text, one on each line.
func WriteComparison(w io.Writer, c Comparison) error {
	out := &printer{w: w}
	out.line("%s: %s", c.Of, c.count())
	for _, d := range c.Differences {
		out.line("  %-8s  %s: %s", d.Effect, d.Where, d.Text)
	}
	return out.err
}

// count returns a text such as "3 changes: 1 weaker, 2 new".
func (c Comparison) count() string {
	head := fmt.Sprintf("%d changes", len(c.Differences))
	switch len(c.Differences) {
	case 0:
		return "no decision differs"
	case 1:
		head = "1 change"
	}
	var parts []string
	for _, e := range Effects() {
		n := 0
		for _, d := range c.Differences {
			if d.Effect == e {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, e))
		}
	}
	return head + ": " + strings.Join(parts, ", ")
}

// printer writes lines and makes them safe to show. It stores the first error, so that the caller checks for an error
// only once.
type printer struct {
	w   io.Writer
	err error
}

func (o *printer) line(format string, args ...any) {
	if o.err != nil {
		return
	}
	_, o.err = fmt.Fprintf(o.w, "%s\n", visible.Text(fmt.Sprintf(format, args...)))
}
