package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/provenance"
)

// Proof tells which databases of the target's server are masker's. A mark can be copied to any database, and a database
// with everything in it to another name; what proves one is with whoever holds the ledger.
//
// Each method returns "" where it is shown, else why it is not. An error says that it cannot be told.
type Proof interface {
	// Made: the run built this very database and published it under the target's name.
	Made(ctx context.Context, d Database) (why string, err error)
	// Replaced: the run found this very database under the target's name and replaced it.
	Replaced(ctx context.Context, d Database) (why string, err error)
	// Abandoned: the run built this very database, and neither published it nor is it going on.
	Abandoned(ctx context.Context, d Database) (why string, err error)
}

// Database is one that claims to be a target's.
type Database struct {
	SystemID string // of the server
	Target   string // name of the target
	Name     string // its own
	OID      uint32 // its own: it stays through a rename, and no copy has it
	Run      string // that it names
	Marked   bool   // in its comment; otherwise its name alone says so, and it is one that only we could have made
}

// Cleared is what was done about databases beside the target.
type Cleared struct {
	Dropped []string
	Left    []string // sentences: which claim to be this target's, and why they are left as they are
}

func (c *Cleared) leave(name, why string) {
	c.Left = append(c.Left, fmt.Sprintf("database %s carries a mark of this target, but %s; it is left as it is, drop it by hand if nobody needs it", name, why))
}

func (p *Postgres) claims(d existing, run string, marked bool) Database {
	return Database{SystemID: p.server.systemID, Target: p.name, Name: d.name, OID: d.oid, Run: run, Marked: marked}
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
			ErrRefused, name, oid, now)
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
		return fmt.Errorf("%w: database %s is not the shadow (OID %d, this one has %d): somebody exchanged it", ErrRefused, s.name, s.oid, here)
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
