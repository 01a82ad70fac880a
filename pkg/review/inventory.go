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

// Inventory lists what a plan makes of a database: what each column is, becomes and discloses, and why.
type Inventory struct {
	TargetKind string // staging, integration, local, …
	Revision   int    // revision of the rules
	Digest     string // digest of the plan
	Tables     []Table
	Objects    []Object // objects that are not tables
	Policy     plan.Policy
	Scripts    []Script // the hooks, and the definitions that are not silent
	Silent     int      // number of silent definitions
	Findings   []Finding
	Notes      []string // what the plan could not judge
}

// Table says what becomes of a table.
type Table struct {
	Name    catalog.Name
	Skipped bool   // the rows are not copied
	Why     string // the reason for Skipped
	Subject string // the subject column, or ""
	At      ruleset.Pos
	Columns []Column // empty if the rows are not copied

	KeepOrder string // why the rows keep the source's order, or ""
	OrderAt   ruleset.Pos
}

// Column says what becomes of a column.
type Column struct {
	Name      string
	Type      string
	Becomes   string // the treatment with its parameters: "mask(keep_last: 4)"
	Discloses transform.Disclosure
	Generated bool // the target computes the column
	At        ruleset.Pos
	Why       string
	Parts     []Part
}

// Part says what becomes of rows that do not meet a condition, of NaN, infinities and infinite dates, or of a path
// inside a document.
type Part struct {
	Where   string // "where kind == 1", "NaN and infinities", "infinite dates", "$.email"
	Becomes string // "else redact", "mask"
}

// Object says what becomes of one kind of objects, or of one object that is left out.
type Object struct {
	Kind     string
	Decision string
	Source   string // the position of the decision
	Why      string
}

// InventoryOf makes the inventory of a plan. The findings have the waivers that are valid on that day.
func InventoryOf(p *plan.Plan, today time.Time) *Inventory {
	inv := &Inventory{TargetKind: p.TargetKind, Revision: p.Revision, Digest: p.Digest(), Findings: Findings(p, today), Notes: p.Notes, Policy: p.Policy, Silent: p.Silent}
	definitions, _ := DefinitionScripts(p.Definitions, nil)
	inv.Scripts = append(Scripts(p.Decisions()), definitions...)
	for i := range p.Tables {
		inv.Tables = append(inv.Tables, tableOf(&p.Tables[i]))
	}
	for _, o := range p.Objects {
		inv.Objects = append(inv.Objects, Object{o.Kind, o.Decision, short(ParsePos(o.Pos)), o.Reason})
	}
	for _, o := range p.LeaveOut {
		inv.Objects = append(inv.Objects, Object{catalog.Object{Kind: o.Kind, Name: o.Name}.Label(), leftOutWords(o.Kind), short(ParsePos(o.Pos)), o.Reason})
	}
	return inv
}

func tableOf(t *plan.Table) Table {
	out := Table{Name: t.Name, Skipped: t.Skip, Why: t.Reason, Subject: t.Subject, At: ParsePos(t.Pos)}
	if t.Skip {
		return out
	}
	if t.Order != nil {
		out.KeepOrder, out.OrderAt = t.Order.Keep, ParsePos(t.Order.Pos)
	}
	for i := range t.Columns {
		out.Columns = append(out.Columns, columnOf(&t.Columns[i]))
	}
	return out
}

func columnOf(c *plan.Column) Column {
	use := c.Use
	if strings.HasSuffix(c.Reason, use.Reason) {
		use.Reason = "" // the column Why shows the reason
	}
	out := Column{
		Name: c.Name, Type: c.Type.Name, Becomes: becomes(use), Discloses: c.Discloses, Generated: c.Generated,
		At: ParsePos(c.Pos), Why: c.Reason,
	}
	if c.Generated {
		out.Becomes = "generated"
	}
	for u := &c.Use; u.When != "" && u.Else != nil; u = u.Else {
		out.Parts = append(out.Parts, Part{"where " + u.When, "else " + becomes(*u.Else)})
	}
	if c.Special != "" {
		out.Parts = append(out.Parts, Part{specialValues(c.Type), c.Special})
	}
	for _, p := range c.Use.Paths {
		out.Parts = append(out.Parts, Part{p.Path, becomes(p.Use)})
	}
	return out
}

// specialValues names the special values of a column's type. Dates have no NaN.
func specialValues(t catalog.Type) string {
	if f := t.Innermost().Family; f == catalog.Numeric || f == catalog.Float {
		return "NaN and infinities"
	}
	return "infinite dates"
}

// becomes returns a treatment with its parameters, and the subject that its results depend on.
func becomes(u transform.Use) string {
	text := u.Treatment
	if u.Reason != "" {
		text += " (" + u.Reason + ")"
	}
	if len(u.Params) > 0 {
		var parts []string
		for name, v := range u.Params {
			parts = append(parts, fmt.Sprintf("%s: %v", name, v))
		}
		slices.Sort(parts)
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if u.Treatment == "command" {
		text += ", a program decides"
	}
	if u.Subject != "" {
		text += " by " + catalog.Quote(u.Subject)
	}
	if len(u.Paths) > 0 {
		text += ", " + spell.Count(len(u.Paths), "path")
	}
	return text
}

// Sum counts the tables and columns of an inventory.
type Sum struct {
	Columns, Tables int                          // columns and tables whose rows are copied
	Skipped         int                          // tables whose rows are not copied
	Discloses       map[transform.Disclosure]int // columns by what they disclose
	Generated       int                          // columns that the target computes
}

// Sum counts tables, and columns by what they disclose.
func (inv *Inventory) Sum() Sum {
	s := Sum{Discloses: map[transform.Disclosure]int{}}
	for _, t := range inv.Tables {
		if t.Skipped {
			s.Skipped++
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

// counts returns a text such as "19 columns in 3 tables. 1 more table is made without its rows."
func (s Sum) counts() string {
	text := fmt.Sprintf("%s in %s.", spell.Count(s.Columns, "column"), spell.Count(s.Tables, "table"))
	switch s.Skipped {
	case 0:
		return text
	case 1:
		return text + " 1 more table is made without its rows."
	}
	return text + fmt.Sprintf(" %d more tables are made without their rows.", s.Skipped)
}

// short returns a position as file:line, without folder and column, or "-" for none.
func short(at ruleset.Pos) string {
	if at.IsZero() {
		return "-"
	}
	at.File, at.Col = filepath.Base(at.File), 0
	return at.String()
}
