package target

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// largeObjects is the session number large objects use, so that they can go beside the workers.
const largeObjects = -1

// PutLargeObject makes the large object under the same OID, in one transaction. It reads r in
// pieces, so that memory does not grow with the object.
func (s *Shadow) PutLargeObject(ctx context.Context, oid uint32, r io.Reader) error {
	l, err := s.worker(ctx, largeObjects)
	if err != nil {
		return err
	}
	fail := func(err error) error { return fmt.Errorf("large object %d: %w", oid, pgsession.Safe(err)) }
	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // a no-op after Commit
	objects := tx.LargeObjects()
	if _, err := objects.Create(ctx, oid); err != nil {
		return fail(err)
	}
	object, err := objects.Open(ctx, oid, pgx.LargeObjectModeWrite)
	if err != nil {
		return fail(err)
	}
	buf := make([]byte, 256<<10)
	for {
		n, rerr := io.ReadFull(r, buf)
		if n > 0 {
			if _, err := object.Write(buf[:n]); err != nil {
				return fail(err)
			}
		}
		if rerr == io.EOF || rerr == io.ErrUnexpectedEOF {
			break
		}
		if rerr != nil {
			return fmt.Errorf("large object %d: %w", oid, rerr)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fail(err)
	}
	return nil
}
