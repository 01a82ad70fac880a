package review

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// WriteInventory writes an inventory as text. It writes for each table what its columns become and why. Then come
// objects, the policy, hooks, definitions that are not silent, findings, waived findings, notes and totals.
func WriteInventory(w io.Writer, inv *Inventory) error {
	out := &printer{w: w}
	out.line("Plan for %s, revision %d of the rules, digest %s", inv.TargetKind, inv.Revision, inv.Digest)
	if text := copied(inv.Tables); text != "" {
		out.line("")
		out.line("%s", text)
	} else {
		for _, t := range inv.Tables {
			out.table(t)
		}
	}
	out.objects(inv.Objects)
	out.policy(inv.Policy)
	for _, s := range inv.Scripts {
		out.script(s)
	}
	if inv.Silent > 0 {
		out.line("")
		out.line("%s only compute, and are not shown.", spell.Count(inv.Silent, "other definition"))
	}
	open, waived := Split(inv.Findings)
	out.findings(open)
	out.waived(waived)
	out.notes(inv.Notes)
	out.sum(inv.Sum())
	return out.err
}

// copied describes the tables of a plan without rules in one line, because all its columns have the same decision. It
// returns "" for any other plan.
func copied(tables []Table) string {
	columns, why := 0, ""
	for _, t := range tables {
		for _, c := range t.Columns {
			if c.At != (ruleset.Pos{}) || len(c.Parts) > 0 || why != "" && c.Why != why {
				return ""
			}
			columns, why = columns+1, c.Why
		}
	}
	if !strings.HasPrefix(why, "kept") {
		return ""
	}
	return fmt.Sprintf("All %s of %s are %s", spell.Count(columns, "column"), spell.Count(len(tables), "table"), why)
}

// rows prints cells in aligned columns. The last column is not padded.
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
		o.line("%s", strings.TrimRight(indent+b.String(), " "))
	}
}

func (o *printer) table(t Table) {
	o.line("")
	switch {
	case t.Skipped:
		o.line("%s: rows stay behind (%s)  %s", t.Name, t.Why, short(t.At))
		return
	case t.Subject != "":
		o.line("%s, subject %s", t.Name, catalog.Quote(t.Subject))
	default:
		o.line("%s", t.Name)
	}
	if t.KeepOrder != "" {
		o.line("  the rows keep the source's order: %s (%s)", t.KeepOrder, short(t.OrderAt))
	}
	rows := [][]string{{"COLUMN", "TYPE", "BECOMES", "DISCLOSES", "WHERE", "WHY"}}
	for _, c := range t.Columns {
		rows = append(rows, []string{catalog.Quote(c.Name), c.Type, c.Becomes, disclosed(c.Discloses), short(c.At), c.Why})
		for _, p := range c.Parts {
			rows = append(rows, []string{"  " + p.Where, "", "  " + p.Becomes, "", "", ""})
		}
	}
	if len(rows) > 1 {
		o.rows("  ", rows)
	}
}

func disclosed(d transform.Disclosure) string {
	if d == "" {
		return "-"
	}
	return string(d)
}

func (o *printer) objects(list []Object) {
	if len(list) == 0 {
		return
	}
	o.line("")
	o.line("Objects")
	var rows [][]string
	for _, d := range list {
		rows = append(rows, []string{d.Kind, d.Decision, d.Source, d.Why})
	}
	o.rows("  ", rows)
}

func (o *printer) policy(p plan.Policy) {
	if len(p) == 0 {
		return
	}
	o.line("")
	o.line("Policy of masker.yaml")
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		rows = append(rows, []string{name, p[name]})
	}
	o.rows("  ", rows)
}

func (o *printer) findings(fs []Finding) {
	if len(fs) == 0 {
		return
	}
	o.line("")
	o.line("For the reviewer (%s)", spell.Count(len(fs), "finding"))
	folded := Fold(fs)
	for _, f := range folded {
		where := ""
		if !f.At.IsZero() {
			where = " (" + short(f.At) + ")"
		}
		o.line("  %s: %s%s", f.Code, f.Text, where)
	}
	o.folded(folded, fs)
}

func (o *printer) waived(fs []Finding) {
	if len(fs) == 0 {
		return
	}
	o.line("")
	o.line("Waived (%s)", spell.Count(len(fs), "finding"))
	folded := Fold(fs)
	for _, f := range folded {
		o.line("  %s: %s (%s)", f.Code, f.Text, short(f.At))
		o.line("    until %s by %s: %s (%s)", f.Waiver.Until, f.Waiver.Owner, f.Waiver.Why, short(f.Waiver.At))
	}
	o.folded(folded, fs)
}

func (o *printer) notes(list []string) {
	if len(list) == 0 {
		return
	}
	o.line("")
	o.line("Not judged")
	for _, text := range list {
		o.line("  %s", text)
	}
}

// folded says where the whole list is, if the list was folded.
func (o *printer) folded(shown, all []Finding) {
	if len(shown) < len(all) {
		o.line("  %s", foldedNote)
	}
}

func (o *printer) sum(s Sum) {
	o.line("")
	o.line("%s", s.counts())
	var rows [][]string
	for _, d := range transform.Disclosures() {
		rows = append(rows, []string{string(d), fmt.Sprint(s.Discloses[d])})
	}
	rows = append(rows, []string{"generated", fmt.Sprint(s.Generated)})
	o.rows("  ", rows)
}
