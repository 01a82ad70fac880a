package postgres

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// largeObjectsAtOnce is the number of large objects that one query lists.
const largeObjectsAtOnce = 1000

// LargeObjects implements probe.Database.
func (d *Database) LargeObjects(ctx context.Context, f func(oid uint32, p probe.Piece) error) error {
	conn, err := d.session(ctx, 0)
	if err != nil {
		return fmt.Errorf("reading large objects of the loaded database: %w", err)
	}
	r := &reader{d, conn}
	defer r.Close()
	for after := uint32(0); ; {
		page, err := collect[struct{ OID uint32 }](ctx, conn,
			`SELECT oid FROM pg_largeobject_metadata WHERE oid > $1 ORDER BY oid LIMIT $2`, after, largeObjectsAtOnce)
		if err != nil {
			return fmt.Errorf("listing large objects of the loaded database: %w", pgsession.Safe(err))
		}
		for _, o := range page {
			after = o.OID
			var failed error
			err := r.pieces(ctx, fmt.Sprintf("SELECT lo_get(%d, $1 - 1, $2)", o.OID), true, func(p probe.Piece) error {
				failed = f(o.OID, p)
				return failed
			})
			if failed != nil {
				return failed
			}
			if err != nil {
				return fmt.Errorf("reading large object %d of the loaded database: %w", o.OID, err)
			}
		}
		if len(page) < largeObjectsAtOnce {
			return nil
		}
	}
}
