package plan

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// copyReason is the reason for every keep in a plan of Copy.
const copyReason = "already sanitized in the source"

// Copy returns the plan that copies an already sanitized database to an environment of that kind. It keeps every
// column. Foreign tables become ordinary empty tables. It drops foreign servers with their passwords, event triggers
// and job schedulers, because they connect to other servers or act without a user. It does not copy the rows of an
// extension's own tables, because CREATE EXTENSION fills those tables.
//
// Copy does not check that the source is sanitized. The caller verifies the source's provenance first.
func Copy(db *catalog.Database, kind string) (*Plan, error) {
	set := &ruleset.Set{Classes: map[string]*ruleset.Class{}}
	for _, k := range ruleset.ObjectKinds() {
		o := ruleset.Object{Kind: k, Decision: "drop"}
		switch k {
		case "large_objects", "unlogged_tables", ruleset.Comments:
			o.Decision, o.Reason = "keep", copyReason
		case "foreign_tables":
			o.Decision = "empty" // views that read foreign tables can still be made
		}
		set.Objects = append(set.Objects, o)
	}
	for _, t := range db.Tables {
		if t.Root != nil || t.ExtMember != "" || t.ExtConfig != "" {
			continue
		}
		all := &ruleset.TableDecision{Reason: copyReason}
		for _, c := range t.Columns {
			if !c.Generated {
				all.Only = append(all.Only, ruleset.Ident{Name: c.Name})
			}
		}
		set.Tables = append(set.Tables, &ruleset.Table{Name: t.Name, Keep: all})
	}
	return Build(set, db, kind)
}
