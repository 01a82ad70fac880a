package review

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// WriteInventoryMarkdown writes an inventory as a document. Every name, type and reason in it is a code span, and
// cannot be a link, markup or the end of a cell.
func WriteInventoryMarkdown(w io.Writer, inv *Inventory) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### masker: what becomes of each column\n\nFor %s environments, revision %d of the rules, plan `%s`.\n",
		inv.TargetKind, inv.Revision, inv.Digest)
	for _, t := range inv.Tables {
		tableMarkdown(&b, t)
	}
	if len(inv.Objects) > 0 {
		b.WriteString("\n#### Objects\n\n| kind | becomes | where | why |\n| --- | --- | --- | --- |\n")
		for _, o := range inv.Objects {
			row(&b, cell(o.Kind), cell(o.Decision), cell(o.Source), cell(o.Why))
		}
	}
	for _, s := range inv.Scripts {
		scriptMarkdown(&b, s)
	}
	findingsMarkdown(&b, inv.Findings)
	if len(inv.Notes) > 0 {
		b.WriteString("\n#### Not judged\n\n")
		for _, text := range inv.Notes {
			fmt.Fprintf(&b, "- %s\n", literal(text))
		}
	}
	sumMarkdown(&b, inv.Sum())
	_, err := w.Write(b.Bytes())
	return err
}

func tableMarkdown(b *bytes.Buffer, t Table) {
	fmt.Fprintf(b, "\n#### %s\n\n", literal(t.Name.String()))
	if t.Skipped {
		fmt.Fprintf(b, "The rows stay behind: %s (%s).\n", literal(t.Why), literal(short(t.At)))
		return
	}
	if t.Subject != "" {
		fmt.Fprintf(b, "%s says whose row it is.\n\n", literal(catalog.Quote(t.Subject)))
	}
	if t.KeepOrder != "" {
		fmt.Fprintf(b, "The rows keep the source's order: %s (%s).\n\n", literal(t.KeepOrder), literal(short(t.OrderAt)))
	}
	b.WriteString("| column | type | becomes | discloses | why | where |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, c := range t.Columns {
		row(b, cell(catalog.Quote(c.Name)), cell(c.Type), cell(c.Becomes), disclosed(c.Discloses), cell(c.Why), cell(short(c.At)))
		for _, p := range c.Parts {
			row(b, cell(p.Where), "", cell(p.Becomes), "", "", "")
		}
	}
}

func findingsMarkdown(b *bytes.Buffer, fs []Finding) {
	open, waived := Split(fs)
	if len(open) > 0 {
		fmt.Fprintf(b, "\n#### For the reviewer (%s)\n\n", spell.Count(len(open), "finding"))
	}
	for _, f := range Fold(open) {
		fmt.Fprintf(b, "- **%s** %s (%s)\n", f.Code, literal(f.Text), literal(short(f.At)))
	}
	if len(waived) > 0 {
		fmt.Fprintf(b, "\n#### Waived (%s)\n\n", spell.Count(len(waived), "finding"))
	}
	for _, f := range Fold(waived) {
		by := f.Waiver
		fmt.Fprintf(b, "- **%s** %s (%s), until %s by %s: %s (%s)\n",
			f.Code, literal(f.Text), literal(short(f.At)), literal(by.Until), literal(by.Owner), literal(by.Why), literal(short(by.At)))
	}
}

// scriptMarkdown writes a script as a block of code. The fence has more backticks than the longest run in the script.
func scriptMarkdown(b *bytes.Buffer, s Script) {
	fence := "```"
	for strings.Contains(s.Text, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n#### %s\n\n%s\n", literal(s.head()), fence)
	for _, text := range s.lines() {
		fmt.Fprintf(b, "%s\n", visible.Text(text))
	}
	fmt.Fprintf(b, "%s\n", fence)
}

func sumMarkdown(b *bytes.Buffer, s Sum) {
	fmt.Fprintf(b, "\n%s\n\n| discloses | columns |\n| --- | --- |\n", s.counts())
	for _, d := range transform.Disclosures() {
		row(b, string(d), fmt.Sprint(s.Discloses[d]))
	}
	row(b, "generated", fmt.Sprint(s.Generated))
}

func row(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// cell returns a text as a code span for a table. A pipe is escaped with a backslash. A pipe that already follows a
// backslash becomes \x7c, because renderers read such a pipe in different ways.
func cell(text string) string {
	if text == "" {
		return ""
	}
	return strings.NewReplacer(`\|`, `\\x7c`, `|`, `\|`).Replace(literal(text))
}
