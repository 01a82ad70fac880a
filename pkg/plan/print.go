package plan

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Print writes the plan for people: a table at a time, what each column becomes and why, then
// objects, hooks, findings, those waived on that day and totals.
func (p *Plan) Print(w io.Writer, today time.Time) error {
	out := &printer{w: w}
	out.line("Plan for %s, revision %d of the rules, digest %s", p.TargetKind, p.Revision, p.Digest())
	for _, t := range p.Tables {
		out.table(t)
	}
	out.objects(p)
	open, waived, stale := Waive(p, p.Waivers, today)
	out.findings(append(open, stale...))
	out.waived(waived)
	out.totals(p)
	return out.err
}

// printer keeps the first error, so that printing reads straight.
type printer struct {
	w   io.Writer
	err error
}

func (o *printer) line(format string, args ...any) {
	if o.err != nil {
		return
	}
	_, o.err = fmt.Fprintf(o.w, "%s\n", strings.TrimRight(visible.Text(fmt.Sprintf(format, args...)), " "))
}

// rows prints cells in columns as wide as their widest, the last one ragged.
func (o *printer) rows(indent string, rows [][]string) {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for i, c := range r {
			b.WriteString(c)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)+2))
			}
		}
		o.line("%s%s", indent, b.String())
	}
}

func (o *printer) table(t Table) {
	o.line("")
	switch {
	case t.Skip:
		o.line("%s: rows stay behind (%s)  %s", t.Name, t.Reason, shortPos(t.Pos))
		return
	case t.Subject != "":
		o.line("%s, subject %s", t.Name, catalog.Quote(t.Subject))
	default:
		o.line("%s", t.Name)
	}
	rows := [][]string{{"COLUMN", "TYPE", "BECOMES", "DISCLOSES", "WHERE", "WHY"}}
	for _, c := range t.Columns {
		rows = append(rows, []string{
			catalog.Quote(c.Name), c.Type.Name, becomes(c), disclosed(c.Discloses), shortPos(c.Pos), c.Reason,
		})
		for other := &c.Use; other.When != "" && other.Else != nil; other = other.Else {
			rows = append(rows, []string{"  where " + other.When, "", "  else " + useText(*other.Else), "", "", ""})
		}
		for _, path := range c.Use.Paths {
			rows = append(rows, []string{"  " + path.Path, "", "  " + useText(path.Use), "", "", ""})
		}
	}
	if len(rows) > 1 {
		o.rows("  ", rows)
	}
}

// becomes is the treatment with its parameters, and what seeds it.
func becomes(c Column) string {
	if c.Generated {
		return "generated"
	}
	return useText(c.Use)
}

func useText(u transform.Use) string {
	text := u.Treatment
	if len(u.Params) > 0 {
		var parts []string
		for name, v := range u.Params {
			parts = append(parts, fmt.Sprintf("%s: %v", name, v))
		}
		slices.Sort(parts)
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if u.Subject != "" {
		text += " by " + catalog.Quote(u.Subject)
	}
	if len(u.Paths) > 0 {
		text += fmt.Sprintf(", %s", spell.Count(len(u.Paths), "path"))
	}
	return text
}

func disclosed(d transform.Disclosure) string {
	if d == "" {
		return "-"
	}
	return string(d)
}

// shortPos is the file's name and line, without folder and column: enough to find it by.
func shortPos(pos string) string {
	if pos == "" {
		return "-"
	}
	parts := strings.Split(filepath.ToSlash(pos), "/")
	last := parts[len(parts)-1]
	if f := strings.Split(last, ":"); len(f) == 3 {
		return f[0] + ":" + f[1]
	}
	return last
}

func (o *printer) objects(p *Plan) {
	if len(p.Objects)+len(p.Hooks) == 0 {
		return
	}
	o.line("")
	o.line("Objects and hooks")
	var rows [][]string
	for _, d := range p.Objects {
		rows = append(rows, []string{d.Kind, d.Decision, shortPos(d.Pos), d.Reason})
	}
	for _, h := range p.Hooks {
		rows = append(rows, []string{"before_publish", h.File, "sha256 " + h.SHA256[:min(12, len(h.SHA256))], ""})
	}
	o.rows("  ", rows)
}

func (o *printer) findings(fs []Finding) {
	if len(fs) == 0 {
		return
	}
	o.line("")
	o.line("For the reviewer (%s)", spell.Count(len(fs), "finding"))
	for _, f := range fs {
		where := ""
		if f.Pos != "" {
			where = " (" + shortPos(f.Pos) + ")"
		}
		o.line("  %s: %s%s", f.Code, f.Text, where)
	}
}

func (o *printer) waived(ws []Waived) {
	if len(ws) == 0 {
		return
	}
	o.line("")
	o.line("Waived (%s)", spell.Count(len(ws), "finding"))
	for _, w := range ws {
		o.line("  %s: %s (%s)", w.Code, w.Text, shortPos(w.Pos))
		o.line("    until %s by %s: %s (%s)", w.Until, w.Owner, w.Why, shortPos(w.Waiver))
	}
}

// totals counts columns by what they still disclose.
func (o *printer) totals(p *Plan) {
	counts := map[transform.Disclosure]int{}
	columns, generated, skipped := 0, 0, 0
	for _, t := range p.Tables {
		if t.Skip {
			skipped++
			continue
		}
		for _, c := range t.Columns {
			columns++
			if c.Generated {
				generated++
				continue
			}
			counts[c.Discloses]++
		}
	}
	o.line("")
	o.line("%s in %s; rows of %s stay behind", spell.Count(columns, "column"), spell.Count(len(p.Tables)-skipped, "table"), spell.Count(skipped, "table"))
	var rows [][]string
	for _, d := range []transform.Disclosure{
		transform.Suppressed, transform.Synthetic, transform.Generalised, transform.Pseudonymised, transform.Unchanged,
	} {
		rows = append(rows, []string{string(d), fmt.Sprint(counts[d])})
	}
	rows = append(rows, []string{"generated", fmt.Sprint(generated)})
	o.rows("  ", rows)
}
