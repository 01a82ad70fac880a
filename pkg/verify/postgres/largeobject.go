package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

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
	defer closeSoon(conn)
	for after := uint32(0); ; {
		page, err := collect[struct{ OID uint32 }](ctx, conn,
			`SELECT oid FROM pg_largeobject_metadata WHERE oid > $1 ORDER BY oid LIMIT $2`, after, largeObjectsAtOnce)
		if err != nil {
			return fmt.Errorf("listing large objects of the loaded database: %w", pgsession.Safe(err))
		}
		for _, o := range page {
			after = o.OID
			if err := largeObject(ctx, conn, o.OID, int64(d.pieceLength()), f); err != nil {
				return err
			}
		}
		if len(page) < largeObjectsAtOnce {
			return nil
		}
	}
}

// largeObject reads a large object piece by piece, and calls f with each piece.
func largeObject(ctx context.Context, conn *pgx.Conn, oid uint32, length int64, f func(oid uint32, p probe.Piece) error) error {
	for at := int64(0); ; at += length {
		var p probe.Piece
		if err := conn.QueryRow(ctx, `SELECT lo_get($1, $2, $3)`, oid, at, int32(length)).Scan(&p.Data); err != nil {
			return fmt.Errorf("reading large object %d of the loaded database: %w", oid, pgsession.Safe(err))
		}
		p.Bytes, p.Last = true, int64(len(p.Data)) < length
		if err := f(oid, p); err != nil || p.Last {
			return err
		}
	}
}
