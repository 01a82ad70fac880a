package plan

import (
	"cmp"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// ReferenceKind says what kind of reference joins two tables.
type ReferenceKind string

// The kinds of references. All except the first come from virtual_keys of the rules.
const (
	ForeignKey  ReferenceKind = "foreign_key" // a constraint of the schema
	VirtualKey  ReferenceKind = "virtual_key" // columns that reference other columns without a constraint
	Polymorphic ReferenceKind = "polymorphic" // a column whose target another column chooses, row by row
	Embedded    ReferenceKind = "embedded"    // a value inside a document
)

// FromCatalog is the value of Reference.Declared for foreign keys of the schema.
const FromCatalog = "catalog"

// Reference joins columns of a child table to columns of a parent table. Partitions have the references of their root.
// A reference may name a table that is copied without its rows (see Table.Skip).
type Reference struct {
	Kind          ReferenceKind `json:"kind"`
	Child         catalog.Name  `json:"child"`
	ChildColumns  []string      `json:"child_columns"`
	Path          string        `json:"path,omitempty"`  // Embedded only: the JSON path of the value in the child column
	By            string        `json:"by,omitempty"`    // Polymorphic only: the type column of the child
	Value         string        `json:"value,omitempty"` // Polymorphic only: the reference holds for rows whose column By has this value
	Parent        catalog.Name  `json:"parent"`
	ParentColumns []string      `json:"parent_columns"`       // in the order of ChildColumns
	Period        bool          `json:"period,omitempty"`     // ForeignKey only: the last columns are periods, and a row references the rows whose periods overlap its period
	Constraint    string        `json:"constraint,omitempty"` // ForeignKey only: the constraint's name. If each partition has its own constraint, one of the names
	Declared      string        `json:"declared"`             // FromCatalog, or file:line:col of the virtual key
}

// resolved returns the references between the tables of the plan, sorted.
func (b *builder) resolved() []Reference {
	out := []Reference{}
	for _, fk := range b.fks {
		r := Reference{
			Kind: ForeignKey, Child: fk.Child, ChildColumns: fk.ChildColumns, Parent: fk.Parent, ParentColumns: fk.ParentColumns,
			Period: fk.Period, Constraint: fk.Name, Declared: FromCatalog,
		}
		if pos, ok := b.virtual[fk.Name]; ok {
			r.Kind, r.Constraint, r.Declared = VirtualKey, "", pos.String()
		}
		out = append(out, r)
	}
	for _, k := range b.choices {
		for i, parent := range k.parents {
			r := single(Polymorphic, k.child, parent, k.key.Pos)
			r.By, r.Value = k.by.cat.Name, k.key.To[i].Value
			out = append(out, r)
		}
	}
	for _, k := range b.inside {
		r := single(Embedded, k.child, k.parent, k.key.Pos)
		r.Path = k.path
		out = append(out, r)
	}
	slices.SortStableFunc(out, Reference.compare)
	return slices.CompactFunc(out, func(r, s Reference) bool { return r.compare(s) == 0 })
}

// single makes a reference of one column.
func single(kind ReferenceKind, child, parent cell, pos ruleset.Pos) Reference {
	return Reference{
		Kind: kind, Child: child.table, ChildColumns: []string{child.column}, Parent: parent.table, ParentColumns: []string{parent.column},
		Declared: pos.String(),
	}
}

// compare returns 0 if both references join the same columns. A foreign key of a root can be declared again on each
// partition. The plan lists such references once.
func (r Reference) compare(s Reference) int {
	return cmp.Or(
		r.Child.Compare(s.Child), slices.Compare(r.ChildColumns, s.ChildColumns), cmp.Compare(r.Path, s.Path),
		cmp.Compare(r.By, s.By), cmp.Compare(r.Value, s.Value),
		r.Parent.Compare(s.Parent), slices.Compare(r.ParentColumns, s.ParentColumns), cmp.Compare(r.Kind, s.Kind),
	)
}
