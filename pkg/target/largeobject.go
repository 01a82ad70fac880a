package target

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// largeObjects is the worker number for large objects, so that they have their own session beside the workers.
const largeObjects = -1

// PutLargeObject makes a large object with the given OID and the content of r, in one transaction. It reads r in
// pieces, so that the memory does not depend on the size of the object.
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
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after Commit
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
