package target

import (
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// checkInherited refuses tables that a server of the target's version does not make. Up to version 15, PostgreSQL makes
// a generated column in a table whose parent has an ordinary column of this name. Later versions refuse it. The
// argument version is the target's setting server_version_num.
func checkInherited(source *catalog.Database, version int) error {
	if version < 160000 {
		return nil
	}
	ordinary := map[catalog.Name]map[string]bool{}
	for _, t := range source.Tables {
		ordinary[t.Name] = map[string]bool{}
		for _, c := range t.Columns {
			ordinary[t.Name][c.Name] = !c.Generated
		}
	}
	var problems []error
	for _, t := range source.Tables {
		for _, parent := range parents(t) {
			for _, c := range t.Columns {
				if c.Generated && ordinary[parent][c.Name] {
					problems = append(problems, fmt.Errorf("%w: column %s of table %s is generated, and its parent %s has an ordinary column of this name; PostgreSQL 16 and newer do not make such a table; use a target of version 15 or older, or end the inheritance in the source",
						sides.ErrRefused, catalog.Quote(c.Name), t.Name, parent))
				}
			}
		}
	}
	return errors.Join(problems...)
}

// parents returns the tables from which a table inherits columns.
func parents(t *catalog.Table) []catalog.Name {
	if t.PartitionOf != nil {
		return []catalog.Name{*t.PartitionOf}
	}
	return t.Inherits
}
