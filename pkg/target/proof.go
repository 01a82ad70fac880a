package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// leave records in c that a database is not dropped, and why.
func leave(c *sides.Cleared, name, why string) {
	c.Left = append(c.Left, fmt.Sprintf("database %s carries a mark of this target, but %s; it is left as it is, drop it by hand if nobody needs it", name, why))
}

// claims returns the description of a database for Proof. It includes the run that the database claims to be from.
func (p *Postgres) claims(d existing, run string, marked bool) sides.Database {
	return sides.Database{SystemID: p.server.systemID, Target: p.name, Name: d.name, OID: d.oid, Run: run, Marked: marked}
}

// unproven returns why it is not proven that masker made the target. If it is proven, unproven returns "" and sets
// p.published.
func (p *Postgres) unproven(ctx context.Context, d existing) (string, error) {
	m, ok := provenance.ParseMark(d.comment)
	if !ok || m.State != provenance.Published || m.Target != p.name {
		return "masker did not make it", nil
	}
	why, err := noLedger, error(nil)
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

const noLedger = "there is no ledger that could prove it"

// checkSame returns an error if the database with this name no longer has this OID.
func checkSame(ctx context.Context, conn *pgx.Conn, name string, oid uint32) error {
	now, err := oidOf(ctx, conn, name)
	if err == nil && now != oid {
		err = fmt.Errorf("%w: database %s is not the one that was looked at (OID %d, now %d): somebody renamed, dropped or replaced it; it is left as it is",
			sides.ErrRefused, name, oid, now)
	}
	return err
}

// checkInside refuses a session that is not in the shadow. This happens if another database has the shadow's name now.
func (s *Shadow) checkInside(ctx context.Context, conn *pgx.Conn) error {
	var here uint32
	if err := conn.QueryRow(ctx, "SELECT oid FROM pg_database WHERE datname = current_database()").Scan(&here); err != nil {
		return fmt.Errorf("checking which database a session of the shadow is in: %w", pgsession.Safe(err))
	}
	if here != s.oid {
		return fmt.Errorf("%w: database %s is not the shadow: its OID is %d, the shadow's is %d; somebody renamed, dropped or replaced the shadow", sides.ErrRefused, s.name, here, s.oid)
	}
	return nil
}

// oidOf returns the OID of the database with a name, or 0 if there is none.
func oidOf(ctx context.Context, conn *pgx.Conn, name string) (oid uint32, err error) {
	err = conn.QueryRow(ctx, "SELECT coalesce((SELECT oid FROM pg_database WHERE datname = $1), 0)", name).Scan(&oid)
	if err != nil {
		return 0, fmt.Errorf("looking at database %s: %w", name, pgsession.Safe(err))
	}
	return oid, nil
}
