package source

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

const (
	largeObjectsAtOnce = 1000      // OIDs that one query lists
	largeObjectPiece   = 512 << 10 // bytes that one query reads
)

// LargeObjects calls fn for every large object of the snapshot, one after the other, in the order of their OIDs. The
// function fn need not read r to its end.
func (p *Postgres) LargeObjects(ctx context.Context, fn func(ctx context.Context, oid uint32, r io.Reader) error) error {
	conn, err := p.session(ctx)
	if err != nil {
		return p.Explain(err)
	}
	defer p.leave(conn)
	return p.Explain(eachLargeObject(ctx, conn, fn))
}

func eachLargeObject(ctx context.Context, conn *pgx.Conn, fn func(ctx context.Context, oid uint32, r io.Reader) error) error {
	after := uint32(0)
	for {
		r := reader{ctx: ctx, conn: conn}
		page := rows[struct{ OID uint32 }](&r, fmt.Sprintf(
			`SELECT oid FROM pg_largeobject_metadata WHERE oid > %d ORDER BY oid LIMIT %d`, after, largeObjectsAtOnce))
		if r.err != nil {
			return r.err
		}
		for _, lo := range page {
			if err := fn(ctx, lo.OID, &largeObject{ctx: ctx, conn: conn, oid: lo.OID}); err != nil {
				return err
			}
			after = lo.OID
		}
		if len(page) < largeObjectsAtOnce {
			return nil
		}
	}
}

// largeObject reads one large object piece by piece.
type largeObject struct {
	ctx    context.Context // ends with the call of LargeObjects
	conn   *pgx.Conn
	oid    uint32
	offset int64
	piece  []byte // bytes from the server that Read has not returned yet
	err    error
}

// Read returns bytes of the current piece. If the piece is used up, it fetches the next one.
func (l *largeObject) Read(b []byte) (int, error) {
	if len(l.piece) == 0 && l.err == nil {
		l.err = l.fetch()
	}
	if len(l.piece) == 0 {
		return 0, l.err
	}
	n := copy(b, l.piece)
	l.piece = l.piece[n:]
	return n, nil
}

// fetch reads the next piece. It returns io.EOF with the last piece, which may be empty. lo_get reads the large object
// as the transaction's snapshot sees it.
func (l *largeObject) fetch() error {
	err := l.conn.QueryRow(l.ctx, `SELECT lo_get($1, $2, $3)`, l.oid, l.offset, int32(largeObjectPiece)).Scan(&l.piece)
	if err != nil {
		if pgsession.Code(err) == "42501" {
			return fmt.Errorf("the source's role may not read it; GRANT SELECT ON LARGE OBJECT %d, or write large_objects: drop: %w", l.oid, pgsession.Safe(err))
		}
		return pgsession.Safe(err)
	}
	l.offset += int64(len(l.piece))
	if len(l.piece) < largeObjectPiece {
		return io.EOF
	}
	return nil
}
