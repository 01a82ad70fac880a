// Package plan resolves a rule set against a schema into data: one decision per
// column with its reason and its place in the rule files. It reads no rows and does
// no I/O; a plan can be built, checked and digested anywhere. Package review puts it into words.
//
// It must never fill a gap by itself: a column nobody decided on, directly or through
// the key it references, makes Build fail.
package plan

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// Plan is a rule set resolved against a schema for one kind of target environment.
type Plan struct {
	Revision    int       `json:"revision"`    // of the rule set
	TargetKind  string    `json:"target_kind"` // staging, integration, local, …
	Fingerprint string    `json:"fingerprint"` // of the catalog; outside the digest
	Tables      []Table   `json:"tables"`      // every root, ordinary and inheritance table; partitions follow their root. Sorted by name
	Objects     []Object  `json:"objects"`     // decisions on what is not a table
	Hooks       []Hook    `json:"hooks"`
	Findings    []Finding `json:"findings"` // warnings; whatever is an error made Build fail. Outside the digest

	References []Reference `json:"references"` // what joins rows that belong together. Outside the digest

	Waivers []ruleset.Waiver `json:"waivers,omitempty"` // of the rules; review.Findings applies them. Outside the digest, which the rule files' own covers
}

// Table is the decision on one table.
type Table struct {
	Name    catalog.Name `json:"name"`
	Skip    bool         `json:"skip,omitempty"` // the table is made, its rows stay behind
	Reason  string       `json:"reason,omitempty"`
	Pos     string       `json:"pos,omitempty"` // file:line of the decision
	Subject string       `json:"subject,omitempty"`
	Columns []Column     `json:"columns"` // in the table's order, generated ones too

	Joins []catalog.Join `json:"joins,omitempty"` // the rows of other tables that treatments of this one look at
}

// Column is the decision on one column.
type Column struct {
	Name      string               `json:"name"`
	Type      catalog.Type         `json:"type"`
	NotNull   bool                 `json:"not_null,omitempty"`
	Unique    bool                 `json:"unique,omitempty"`    // alone a primary key or unique
	Generated bool                 `json:"generated,omitempty"` // computed by the target; never read
	Class     string               `json:"class,omitempty"`
	Use       transform.Use        `json:"use"` // Treatment "keep" copies the bytes; "" where Generated or Skip
	Discloses transform.Disclosure `json:"discloses,omitempty"`
	Needs     []string             `json:"needs,omitempty"` // transform.Traits.Needs: columns of the row, and by the Joins' paths of others
	Reason    string               `json:"reason"`          // "kept: surrogate key", "class email (pack baseline)", "follows public.customers.id"
	Pos       string               `json:"pos"`             // file:line:col of the rule that decided
}

// Keeps says that the column's bytes are copied as they are.
func (c *Column) Keeps() bool { return c.Use.Is("keep") }

// Target is what the column's treatment may know of it.
func (c *Column) Target(table catalog.Name) transform.Column {
	return transform.Column{Table: table, Name: c.Name, Type: c.Type, NotNull: c.NotNull, Unique: c.Unique}
}

// Table returns the decision on that table, or nil.
func (p *Plan) Table(n catalog.Name) *Table {
	for i := range p.Tables {
		if p.Tables[i].Name == n {
			return &p.Tables[i]
		}
	}
	return nil
}

// Object is the decision on that kind of objects, or nil: nobody decided, because there are none.
func (p *Plan) Object(kind string) *Object {
	for i := range p.Objects {
		if p.Objects[i].Kind == kind {
			return &p.Objects[i]
		}
	}
	return nil
}

// Object is the decision on an object that is not a table: kind large_objects, foreign_servers,
// foreign_tables, event_triggers, job_schedulers, unlogged_tables, extension_tables.
type Object struct {
	Kind     string `json:"kind"`
	Decision string `json:"decision"` // "drop", "keep"; foreign_tables also "empty" (an ordinary empty table stands in)
	Reason   string `json:"reason,omitempty"`
	Pos      string `json:"pos,omitempty"`
}

// Hook is a SQL file that runs on the shadow before it is published.
type Hook struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
	SQL    string `json:"-"`
}

// Finding is something a reviewer should know that does not stop a run.
type Finding struct {
	Code   string        `json:"code"` // stable, kebab-case: "check-may-break", "collisions-expected", …
	Table  *catalog.Name `json:"table,omitempty"`
	Column string        `json:"column,omitempty"`
	Pos    string        `json:"pos,omitempty"`
	Text   string        `json:"text"` // never a value
}
