package plan

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// copied is why columns are kept that were treated where they come from.
const copied = "sanitized where it comes from"

// Copy is the plan of an onward copy: of a database that holds nothing sensitive any more, to an
// environment of that kind. Every column is kept, so that the copy is what its source is. What leads
// out of a database or acts by itself (foreign servers and their passwords, event triggers, jobs)
// stays behind, and so do rows of an extension's own tables, which CREATE EXTENSION fills.
//
// It proves nothing about its source: whoever asks for it has verified the provenance before.
func Copy(db *catalog.Database, kind string) (*Plan, error) {
	set := &ruleset.Set{Classes: map[string]*ruleset.Class{}}
	for _, k := range ruleset.ObjectKinds() {
		o := ruleset.Object{Kind: k, Decision: "drop"}
		switch k {
		case "large_objects", "unlogged_tables":
			o.Decision, o.Reason = "keep", copied
		case "foreign_tables":
			o.Decision = "empty" // what reads them, views above all, can still be made
		}
		set.Objects = append(set.Objects, o)
	}
	for _, t := range db.Tables {
		if t.Root != nil || t.ExtMember != "" || t.ExtConfig != "" {
			continue
		}
		all := &ruleset.Whole{Reason: copied}
		for _, c := range t.Columns {
			if !c.Generated {
				all.Only = append(all.Only, ruleset.Ident{Name: c.Name})
			}
		}
		set.Tables = append(set.Tables, &ruleset.Table{Name: t.Name, Keep: all})
	}
	return Build(set, db, kind)
}
