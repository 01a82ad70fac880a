package target

import (
	"errors"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// checkCollations refuses foreign keys that a server of the target's version does not make. From version 18 on, the two
// columns must have the same collation if the collation of one of them is not deterministic. The argument version is the
// target's setting server_version_num.
func checkCollations(source *catalog.Database, d sides.Decisions, version int) error {
	if version < 180000 {
		return nil
	}
	var problems []error
	for _, fk := range source.ForeignKeys {
		o := catalog.Object{Kind: catalog.KindForeignKey, Name: fk.Child.Column(fk.Name)}
		left := slices.ContainsFunc(d.LeaveOut, func(l catalog.Object) bool { return l.Label() == o.Label() })
		if fk.MixedCollations && !left {
			problems = append(problems, fmt.Errorf("%w: %s joins columns with different collations, of which one is not deterministic; PostgreSQL 18 and newer do not make such a foreign key; give both columns the same collation in the source, use a target of version 17 or older, or leave it out: %s",
				sides.ErrRefused, o.Label(), o.Line()))
		}
	}
	return errors.Join(problems...)
}
