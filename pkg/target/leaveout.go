package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// dropLeftOut drops the CHECK constraints that a decision leaves out. The archive has no entry for most of them,
// because the statement for their table or domain declares them. leavesOut finds the others. A parent's constraint is
// dropped before the constraints that inherit it.
func (s *Shadow) dropLeftOut(ctx context.Context, conn *pgx.Conn) error {
	for _, inherited := range []bool{false, true} {
		for _, o := range s.spec.Decisions.LeaveOut {
			on := "TABLE"
			switch o.Kind {
			case catalog.KindCheck:
			case catalog.KindDomainCheck:
				on = "DOMAIN"
			default:
				continue
			}
			if inherited != (o.Of != "") || inherited && !o.Local { // PostgreSQL drops an inherited constraint with the parent's constraint
				continue
			}
			if err := s.statement(ctx, conn, "ALTER "+on+" "+o.Table.String()+" DROP CONSTRAINT IF EXISTS "+catalog.Quote(o.Own)); err != nil {
				return fmt.Errorf("leaving out %s: %w", o.Label(), err)
			}
		}
	}
	return nil
}

// leavesOut reports whether a decision leaves out the object that an entry makes.
func leavesOut(e archive.Entry, d sides.Decisions) bool {
	for _, o := range d.LeaveOut {
		if o.OID != 0 && o.Class == e.CatalogOID && o.OID == e.OID {
			return true
		}
	}
	return false
}
