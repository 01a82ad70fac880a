package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// Recover drops two kinds of databases only: shadows that earlier runs for this target left behind, and templates that
// no longer belong to a target. Most of them have a mark of this target. A shadow without a mark is from a run that
// ended before it wrote the mark. It takes no connections and belongs to masker's role. Recover drops a database only
// if its name is exactly the name that its run would give it, and if it is proven that the run made it. Recover never
// has to complete a publish, because a publish is one transaction.
func (p *Postgres) Recover(ctx context.Context) (c sides.Cleared, err error) {
	all, err := p.databases(ctx, "WHERE datname <> $1 ORDER BY datname", p.name)
	if err != nil {
		return c, err
	}
	for _, d := range all {
		marked, why, ok, err := p.leftover(ctx, d)
		switch {
		case err != nil:
			return c, err
		case !ok:
		case why != "" && marked:
			leave(&c, d.name, why)
		case why == "":
			p.opts.Fault("recovering")
			switch err := p.drop(ctx, d); {
			case err == nil:
				c.Dropped = append(c.Dropped, d.name)
			case ctx.Err() != nil || p.conn.IsClosed():
				return c, fmt.Errorf("dropping the orphan database %s: %w", d.name, err)
			default: // the database disturbs nobody, so this run can go on
				c.Left = append(c.Left, fmt.Sprintf("database %s, which a refresh that died had left, could not be dropped (%v); the next run tries again", d.name, err))
			}
		}
	}
	return c, nil
}

// leftover reports whether a database claims to be a shadow of this target, or a template that has not got the name
// under which branches find the template. The result marked reports whether the database has a mark. The result why
// says why Recover must not drop the database. It is "" if it is proven that nobody needs the database.
func (p *Postgres) leftover(ctx context.Context, d existing) (marked bool, why string, ok bool, err error) {
	if claim, ok := p.claimOf(d, provenance.Shadow, shadowInfix); ok {
		why, err = p.notAbandoned(ctx, d, claim)
		return claim.Marked, why, true, err
	}
	claim, ok := p.claimOf(d, provenance.Template, templateInfix)
	if !ok || isGiven(p.name, d.name) {
		return false, "", false, nil
	}
	why, err = p.notTemplate(ctx, d, claim)
	return claim.Marked, why, true, err
}

// claimOf reports whether a database claims, by its mark or by its name, to be a shadow or a template of this target,
// and returns the claim. A database without a mark is from a run that died before it wrote the mark.
func (p *Postgres) claimOf(d existing, state provenance.State, infix string) (sides.Database, bool) {
	if m, ok := provenance.ParseMark(d.comment); ok {
		return p.claims(d, m.Run, true), m.State == state && m.Target == p.name
	}
	run, ok := runIn(p.name, d.name, infix)
	closed := !d.allowConn || d.connLimit == invalidLimit
	return p.claims(d, run, false), ok && closed && d.owner == p.server.role
}

// notAbandoned returns why a shadow must not be dropped. It returns "" if it is proven that the run of the shadow has
// ended without publishing it.
func (p *Postgres) notAbandoned(ctx context.Context, d existing, claim sides.Database) (why string, err error) {
	name, err := ShadowName(p.name, claim.Run)
	switch {
	case err != nil, name != d.name:
		return fmt.Sprintf("run %s gave its shadow another name", claim.Run), nil
	case !d.canOwn:
		return "role " + p.server.role + " may not drop it", nil
	case p.opts.Proof == nil:
		return noLedger, nil
	}
	return p.opts.Proof.Abandoned(ctx, claim)
}

// invalidLimit is datconnlimit of a database whose DROP was interrupted. Only DROP works on such a database.
const invalidLimit = -2

// Prune drops databases that are proven to be previous databases or templates of this target. It keeps the template
// that Publish has named. It keeps the newest previous databases, up to the number in Options.KeepPrevious. It never
// keeps a database whose DROP was interrupted. Call Prune after Publish. An error of Prune does not affect the target.
func (p *Postgres) Prune(ctx context.Context) (c sides.Cleared, err error) {
	found, err := p.findPrevious(ctx, &c)
	if err != nil {
		return c, err
	}
	for i, d := range found {
		if i < p.opts.KeepPrevious && d.connLimit != invalidLimit {
			continue
		}
		if err := p.drop(ctx, d.existing); err != nil {
			return c, fmt.Errorf("dropping the previous database %s: %w", d.name, err)
		}
		c.Dropped = append(c.Dropped, d.name)
	}
	return c, p.pruneTemplates(ctx, &c)
}

// previous is a previous database of this target, and the run that replaced it.
type previous struct {
	existing
	run string
}

// findPrevious returns the databases that are proven to be previous databases of this target, the newest first. It adds
// to c the databases that claim to be previous databases without proof.
func (p *Postgres) findPrevious(ctx context.Context, c *sides.Cleared) ([]previous, error) {
	all, err := p.databases(ctx, "WHERE datname <> $1 ORDER BY datname", p.name)
	if err != nil {
		return nil, err
	}
	var found []previous
	for _, d := range all {
		m, ok := provenance.ParseMark(d.comment)
		if !ok || m.Target != p.name || m.State != provenance.Published && m.State != provenance.Previous { // Recover handles the others
			continue
		}
		why, err := p.notReplaced(ctx, d, m)
		if err != nil {
			return nil, err
		}
		if why != "" {
			leave(c, d.name, why)
			continue
		}
		found = append(found, previous{d, m.Run})
	}
	slices.SortFunc(found, func(a, b previous) int { return strings.Compare(b.run, a.run) }) // identifiers of runs sort by time
	return found, nil
}

// notReplaced returns why it is not proven that a database is a previous database of this target. It returns "" if it
// is proven.
func (p *Postgres) notReplaced(ctx context.Context, d existing, m provenance.Mark) (why string, err error) {
	if m.State != provenance.Previous {
		return "it is not the target: it is a copy, or somebody renamed it", nil
	}
	name, err := previousName(p.name, m.Run)
	switch {
	case err != nil, name != d.name:
		return fmt.Sprintf("run %s gave the database that it replaced another name", m.Run), nil
	case !d.canOwn:
		return "role " + p.server.role + " may not drop it", nil
	case p.opts.Proof == nil:
		return noLedger, nil
	}
	return p.opts.Proof.Replaced(ctx, p.claims(d, m.Run, true))
}

// drop drops a database, if its name still belongs to the same database. DROP DATABASE takes only a name and cannot run
// in a transaction.
func (p *Postgres) drop(ctx context.Context, d existing) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return dropOn(ctx, p.conn, d.name, d.oid)
}

// dropOn does the work of drop on a given session. It looks at the OID before and after DROP DATABASE: the owner of a
// database can rename it, even while DROP DATABASE waits for a lock. DROP DATABASE does not drop a renamed database.
func dropOn(ctx context.Context, conn *pgx.Conn, name string, oid uint32) error {
	if there, err := stays(ctx, conn, name, oid); err != nil || !there {
		return err
	}
	if err := checkSame(ctx, conn, name, oid); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+catalog.Quote(name)+" WITH (FORCE)"); err != nil {
		return pgsession.Safe(err)
	}
	there, err := stays(ctx, conn, name, oid)
	if err == nil && there {
		err = fmt.Errorf("%w: somebody renamed database %s while it was dropped, and it is still there (OID %d)", sides.ErrRefused, name, oid)
	}
	return err
}

// stays reports whether a database still exists, with any name.
func stays(ctx context.Context, conn *pgx.Conn, name string, oid uint32) (there bool, err error) {
	if err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE oid = $1)", oid).Scan(&there); err != nil {
		return false, fmt.Errorf("looking for database %s: %w", name, pgsession.Safe(err))
	}
	return there, nil
}

// dropAnyway drops a database as drop does. If the maintenance session is gone, it uses a new session.
func (p *Postgres) dropAnyway(ctx context.Context, d existing) error {
	if p.alive(ctx) {
		return p.drop(ctx, d)
	}
	conn, err := p.connect(ctx, pgsession.Options{Name: "cleanup", Database: p.opts.Maintenance, Attempts: 1})
	if err != nil {
		return err
	}
	defer closeConn(conn)
	return dropOn(ctx, conn, d.name, d.oid)
}

// closeConn closes a session. It waits at most for closePatience.
func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = conn.Close(ctx) // all changes that matter were committed before
}
