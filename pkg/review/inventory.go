package review

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// Inventory is what a plan makes of a database: what each column is, becomes and discloses, and why.
type Inventory struct {
	TargetKind string // staging, integration, local, …
	Revision   int    // of the rules
	Digest     string // of the plan
	Tables     []Table
	Objects    []Object // what is not a table, and hooks
	Findings   []Finding
}

// Table is what becomes of a table.
type Table struct {
	Name    catalog.Name
	Left    bool   // its rows stay behind
	Why     string // they do
	Subject string // the column that says whose row it is; "" where none does
	At      ruleset.Pos
	Columns []Column // none where the rows stay behind
}

// Column is what becomes of a column.
type Column struct {
	Name      string
	Type      string
	Becomes   string // the treatment with its parameters: "mask(keep_last: 4)"
	Discloses transform.Disclosure
	Generated bool // the target computes it
	At        ruleset.Pos
	Why       string
	Parts     []Part
}

// Part is what becomes of the rows that a condition leaves out, or of a place inside a document.
type Part struct {
	Where   string // "where kind == 1", "$.email"
	Becomes string // "else redact", "mask"
}

// Object is what becomes of objects that are no tables, or a file that runs before the target is published.
type Object struct {
	Kind     string
	Decision string
	Source   string // where it is decided, or the digest of the file
	Why      string
}

// InventoryOf makes the inventory of a plan, with its findings as they are waived on that day.
func InventoryOf(p *plan.Plan, today time.Time) *Inventory {
	inv := &Inventory{TargetKind: p.TargetKind, Revision: p.Revision, Digest: p.Digest(), Findings: Findings(p, today)}
	for i := range p.Tables {
		inv.Tables = append(inv.Tables, tableOf(&p.Tables[i]))
	}
	for _, o := range p.Objects {
		inv.Objects = append(inv.Objects, Object{o.Kind, o.Decision, short(ParsePos(o.Pos)), o.Reason})
	}
	for _, h := range p.Hooks {
		inv.Objects = append(inv.Objects, Object{"before_publish", h.File, "sha256 " + h.SHA256[:min(12, len(h.SHA256))], ""})
	}
	return inv
}

func tableOf(t *plan.Table) Table {
	out := Table{Name: t.Name, Left: t.Skip, Why: t.Reason, Subject: t.Subject, At: ParsePos(t.Pos)}
	if t.Skip {
		return out
	}
	for i := range t.Columns {
		out.Columns = append(out.Columns, columnOf(&t.Columns[i]))
	}
	return out
}

func columnOf(c *plan.Column) Column {
	out := Column{
		Name: c.Name, Type: c.Type.Name, Becomes: becomes(c.Use), Discloses: c.Discloses, Generated: c.Generated,
		At: ParsePos(c.Pos), Why: c.Reason,
	}
	if c.Generated {
		out.Becomes = "generated"
	}
	for u := &c.Use; u.When != "" && u.Else != nil; u = u.Else {
		out.Parts = append(out.Parts, Part{"where " + u.When, "else " + becomes(*u.Else)})
	}
	for _, p := range c.Use.Paths {
		out.Parts = append(out.Parts, Part{p.Path, becomes(p.Use)})
	}
	return out
}

// becomes is a treatment with its parameters, and what seeds it.
func becomes(u transform.Use) string {
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
		text += ", " + spell.Count(len(u.Paths), "path")
	}
	return text
}

// Sum is how many columns disclose what.
type Sum struct {
	Columns, Tables, Left int // columns and tables whose rows come along, and tables whose rows stay behind
	Discloses             map[transform.Disclosure]int
	Generated             int
}

// Sum counts columns by what they still disclose.
func (inv *Inventory) Sum() Sum {
	s := Sum{Discloses: map[transform.Disclosure]int{}}
	for _, t := range inv.Tables {
		if t.Left {
			s.Left++
			continue
		}
		s.Tables++
		for _, c := range t.Columns {
			s.Columns++
			if c.Generated {
				s.Generated++
				continue
			}
			s.Discloses[c.Discloses]++
		}
	}
	return s
}

// disclosures are the degrees of disclosure, from the one that discloses least.
func disclosures() []transform.Disclosure {
	return []transform.Disclosure{transform.Suppressed, transform.Synthetic, transform.Generalised, transform.Pseudonymised, transform.Unchanged}
}

// short is a place by the file's name and line, without folder and column: enough to find it by.
func short(at ruleset.Pos) string {
	if at.IsZero() {
		return "-"
	}
	at.File, at.Col = filepath.Base(at.File), 0
	return at.String()
}
