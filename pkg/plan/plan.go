// Package plan resolves a rule set against a schema. The result is a plan: one decision for
// each column, with the reason and the position of the rule. The package reads no rows and does
// no I/O, so a plan can be built, checked and digested anywhere. Package review shows plans to people.
//
// Build never decides by itself. It fails for a column that has no rule and does not follow
// a column with a rule through a reference.
package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/subset"
	"github.com/masker-project/masker/pkg/transform"
)

// Plan is a rule set resolved against a schema for one kind of target environment. The digest covers only what
// Decisions returns. For example, it does not cover Fingerprint, References and Notes, and of Findings it covers only
// those that have a Figure.
type Plan struct {
	Revision    int       `json:"revision"`            // revision of the rule set
	TargetKind  string    `json:"target_kind"`         // staging, integration, local, …
	Fingerprint string    `json:"fingerprint"`         // fingerprint of the catalog
	Tables      []Table   `json:"tables"`              // ordinary tables, partition roots and inheritance tables, sorted by name. A partition has the decisions of its root
	Objects     []Object  `json:"objects"`             // decisions on kinds of objects
	LeaveOut    []LeftOut `json:"leave_out,omitempty"` // single objects that the target does not get, sorted by name
	Hooks       []Hook    `json:"hooks"`
	Findings    []Finding `json:"findings"`        // warnings, and findings that refuse the plan. Build fails if the rules do not fit the schema
	Notes       []string  `json:"notes,omitempty"` // what could not be judged, for the reviewer and the operator

	References []Reference `json:"references"`

	Questions []Question `json:"-"` // what a server can compute and the plan cannot

	Waivers []ruleset.Waiver `json:"waivers,omitempty"` // the waivers of the rule set. review.Findings applies them

	measures []measure // the figures from statistics, with and without a finding

	// Definitions are the definitions that are not silent, sorted by kind and name. Silent is the number of silent
	// definitions. The caller of Build sets both with Define.
	Definitions []Definition `json:"definitions,omitempty"`
	Silent      int          `json:"silent_definitions,omitempty"`

	// Policy holds the settings of the configuration that decide what masker trusts. The caller of Build sets it.
	Policy Policy `json:"policy,omitempty"`

	// Subset says which rows are copied. nil means all rows. The caller of Build sets Subset, and also the entries of
	// Policy that describe it, so that the digest covers the subset.
	Subset *subset.Definition `json:"-"`
}

// Table is the decision on one table.
type Table struct {
	Name    catalog.Name `json:"name"`
	Skip    bool         `json:"skip,omitempty"` // the table is made without its rows
	Reason  string       `json:"reason,omitempty"`
	Pos     string       `json:"pos,omitempty"`     // file:line:col of the decision
	Subject string       `json:"subject,omitempty"` // name of the subject column
	Columns []Column     `json:"columns"`           // in the table's order, including generated columns

	Joins []catalog.Join `json:"joins,omitempty"` // rows of other tables that treatments of this table read

	Partitions string `json:"partitions,omitempty"` // the strategy and the partition key of a partitioned table: "range of at"

	Shuffled bool   `json:"shuffled,omitempty"` // masker loads the rows in an order that it derives from the key, not in the source's order
	Order    *Order `json:"order,omitempty"`    // the rule on the order of rows. Nil if there is none
}

// Order is the rule that keeps the source's order of rows.
type Order struct {
	Keep string `json:"keep"` // the reason
	Pos  string `json:"pos"`
}

// Column is the decision on one column.
type Column struct {
	Name      string               `json:"name"`
	Type      catalog.Type         `json:"type"`
	NotNull   bool                 `json:"not_null,omitempty"`
	Unique    bool                 `json:"unique,omitempty"`    // the column alone is in a key, also of some rows or of an expression
	Generated bool                 `json:"generated,omitempty"` // the target computes the column, and masker never reads it
	Class     string               `json:"class,omitempty"`
	Use       transform.Use        `json:"use"` // Treatment "keep" copies the bytes. Treatment is "" if the column is generated or the table is skipped
	Discloses transform.Disclosure `json:"discloses,omitempty"`
	Needs     []string             `json:"needs,omitempty"`   // transform.Traits.Needs: columns of the same row, and columns of joined rows by their path in Joins
	Reason    string               `json:"reason"`            // "kept: surrogate key", "class email (pack baseline)", "follows public.customers.id"
	Special   string               `json:"special,omitempty"` // what becomes of NaN and infinities, as in transform.Traits
	Pos       string               `json:"pos"`               // file:line:col of the rule that decided
}

// Keeps reports whether the column's bytes are copied as they are.
func (c *Column) Keeps() bool { return c.Use.Is("keep") }

// Target describes the column to its treatment.
func (c *Column) Target(table catalog.Name) transform.Column {
	return transform.Column{Table: table, Name: c.Name, Type: c.Type, NotNull: c.NotNull, Unique: c.Unique}
}

// Table returns the decision on the table with that name. It is nil if the plan has no such table.
func (p *Plan) Table(n catalog.Name) *Table {
	if i, ok := slices.BinarySearchFunc(p.Tables, n, func(t Table, n catalog.Name) int { return t.Name.Compare(n) }); ok {
		return &p.Tables[i]
	}
	for i := range p.Tables {
		if p.Tables[i].Name == n {
			return &p.Tables[i]
		}
	}
	return nil
}

// Object returns the decision on that kind of objects. It is nil if the rules decide nothing on the kind. In this
// case, the schema has no objects of the kind. Comments are an exception: if the decision is nil, the target gets none.
func (p *Plan) Object(kind string) *Object {
	for i := range p.Objects {
		if p.Objects[i].Kind == kind {
			return &p.Objects[i]
		}
	}
	return nil
}

// Object is the decision on all objects of one kind. ruleset.ObjectKinds lists the kinds.
type Object struct {
	Kind     string `json:"kind"`
	Decision string `json:"decision"` // "drop" or "keep". For foreign_tables also "empty": an ordinary empty table is made instead
	Reason   string `json:"reason,omitempty"`
	Pos      string `json:"pos,omitempty"`
}

// Hook is a SQL file that runs on the shadow before it is published.
type Hook struct {
	File string `json:"file"` // as the rules name it
	SQL  string `json:"sql"`
}

// Finding is something that a reviewer should look at. It stops a run in two cases: Refuses is true, or the flow has
// the setting findings: refuse. A waiver can accept it, unless Refuses is true and Guessed is false.
type Finding struct {
	Code   string        `json:"code"` // a stable name in kebab-case: "check-may-break", "few-values", …
	Table  *catalog.Name `json:"table,omitempty"`
	Column string        `json:"column,omitempty"`
	Pos    string        `json:"pos,omitempty"`
	Text   string        `json:"text"` // never a value

	// Refuses is true for a finding of a gate: no run may have it. Guessed is true if only a guess says what the column
	// holds. Then the finding can be waived.
	Refuses bool `json:"refuses,omitempty"`
	Guessed bool `json:"guessed,omitempty"`

	// Figure is the number that caused the finding, if the number comes from the planner's statistics: a number of
	// values, a share or a correlation. The statistics change every night. So the decisions record a finding with a
	// figure.
	Figure float64 `json:"figure,omitempty"`
}
