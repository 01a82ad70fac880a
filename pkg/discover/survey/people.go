package survey

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/values"
)

// alone reports whether values of a class say something about a person even in a table without people. A date, a town,
// a URL or a sentence does not: the table can be a list of provinces, of products or of web pages.
func alone(class string) bool {
	switch class {
	case "free_text", "url", "city", "birth_date":
		return false
	}
	return true
}

// dropOthers removes the evidence of values that say nothing about people in tables without people.
func (s *Survey) dropOthers(db *catalog.Database, at map[catalog.ColumnName]*Column) {
	people := withPeople(db, at)
	for _, t := range db.Tables {
		if t.Root != nil || people[t.Name] {
			continue
		}
		for i := range t.Columns {
			c := at[catalog.ColumnName{Table: t.Name, Column: t.Columns[i].Name}]
			c.Values = slices.DeleteFunc(c.Values, func(e values.Evidence) bool { return e.Path == "" && !alone(e.Class) })
			if c.Named == "" && !alone(c.Class) {
				c.Class = ""
			}
		}
	}
}

// withPeople returns the tables that have a column about people, and the tables that reference such a table, directly or
// through other tables.
func withPeople(db *catalog.Database, at map[catalog.ColumnName]*Column) map[catalog.Name]bool {
	people := map[catalog.Name]bool{}
	for name, c := range at {
		if c.Class != "" && (c.Named != "" || alone(c.Class)) {
			people[name.Table] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, fk := range db.ForeignKeys {
			child, parent := db.Table(fk.Child), db.Table(fk.Parent)
			if child == nil || parent == nil {
				continue
			}
			if from, to := child.Decider(), parent.Decider(); people[to] && !people[from] {
				people[from], grown = true, true
			}
		}
	}
	return people
}
