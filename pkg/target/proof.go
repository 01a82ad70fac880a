package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

func leave(c *sides.Cleared, name, why string) {
	c.Left = append(c.Left, fmt.Sprintf("database %s carries a mark of this target, but %s; it is left as it is, drop it by hand if nobody needs it", name, why))
}

func (p *Postgres) claims(d existing, run string, marked bool) sides.Database {
	return sides.Database{SystemID: p.server.systemID, Target: p.name, Name: d.name, OID: d.oid, Run: run, Marked: marked}
}

// unproven is why a database is not shown to be the target that its mark says it is, "" where it is.
func (p *Postgres) unproven(ctx context.Context, d existing) (string, error) {
	m, ok := provenance.ParseMark(d.comment)
	if !ok || m.State != provenance.Published || m.Target != p.name {
		return "masker did not make it", nil
	}
	why, err := "there is no ledger to prove it by", error(nil)
	if p.opts.Proof != nil {
		why, err = p.opts.Proof.Made(ctx, p.claims(d, m.Run, true))
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("database %s: %w", d.name, err)
	case why != "":
		return "its comment says that masker made it, and that is not proven: " + why, nil
	}
	p.published = m.Run
	return "", nil
}

// same refuses to go on where another database has the name by now.
func same(ctx context.Context, conn *pgx.Conn, name string, oid uint32) error {
	now, err := oidOf(ctx, conn, name)
	if err == nil && now != oid {
		err = fmt.Errorf("%w: database %s is not the one that was looked at (OID %d, now %d): somebody renamed, dropped or replaced it; it is left as it is",
			sides.ErrRefused, name, oid, now)
	}
	return err
}

// inside refuses a session that a name has led into another database than the shadow.
func (s *Shadow) inside(ctx context.Context, conn *pgx.Conn) error {
	var here uint32
	if err := conn.QueryRow(ctx, "SELECT oid FROM pg_database WHERE datname = current_database()").Scan(&here); err != nil {
		return fmt.Errorf("looking where a session of the shadow is: %w", pgsession.Safe(err))
	}
	if here != s.oid {
		return fmt.Errorf("%w: database %s is not the shadow (OID %d, this one has %d): somebody exchanged it", sides.ErrRefused, s.name, s.oid, here)
	}
	return nil
}

// oidOf is the OID of the database of a name, 0 where there is none.
func oidOf(ctx context.Context, conn *pgx.Conn, name string) (oid uint32, err error) {
	err = conn.QueryRow(ctx, "SELECT coalesce((SELECT oid FROM pg_database WHERE datname = $1), 0)", name).Scan(&oid)
	if err != nil {
		return 0, fmt.Errorf("looking at database %s: %w", name, pgsession.Safe(err))
	}
	return oid, nil
}
