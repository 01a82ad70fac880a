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

// Recover drops the shadows that dead and failed refreshes of this target left behind, and nothing else: databases marked as this
// target's shadow, and unmarked ones that a run died on between creating and marking, which are closed and ours. Both
// are named exactly as their run would have, and proven to be that run's.
// A publish needs no completion: it is one transaction.
func (p *Postgres) Recover(ctx context.Context) (c sides.Cleared, err error) {
	all, err := p.databases(ctx, "WHERE datname <> $1 ORDER BY datname", p.name)
	if err != nil {
		return c, err
	}
	for _, d := range all {
		claim, ok := p.shadowClaim(d)
		if !ok {
			continue
		}
		why, err := p.notAbandoned(ctx, d, claim)
		switch {
		case err != nil:
			return c, err
		case why != "" && claim.Marked:
			leave(&c, d.name, why)
		case why == "":
			switch err := p.drop(ctx, d); {
			case err == nil:
				c.Dropped = append(c.Dropped, d.name)
			case ctx.Err() != nil || p.conn.IsClosed():
				return c, fmt.Errorf("dropping the orphan shadow %s: %w", d.name, err)
			default: // it is in nobody's way: a night without a refresh would be worse
				c.Left = append(c.Left, fmt.Sprintf("database %s, which a refresh that died had left, could not be dropped (%v); every run tries again", d.name, err))
			}
		}
	}
	return c, nil
}

// shadowClaim is what a database claims that says, by its mark or by its name, that it is a shadow of this target.
func (p *Postgres) shadowClaim(d existing) (sides.Database, bool) {
	if m, ok := provenance.ParseMark(d.comment); ok {
		return p.claims(d, m.Run, true), m.State == provenance.Shadow && m.Target == p.name
	}
	run, ok := runOf(p.name, d.name)
	closed := !d.allowConn || d.connLimit == invalidLimit
	return p.claims(d, run, false), ok && closed && d.owner == p.server.role
}

func (p *Postgres) notAbandoned(ctx context.Context, d existing, claim sides.Database) (why string, err error) {
	name, err := ShadowName(p.name, claim.Run)
	switch {
	case err != nil, name != d.name:
		return fmt.Sprintf("run %s gives another name to its shadow", claim.Run), nil
	case !d.canOwn:
		return "role " + p.server.role + " may not drop it", nil
	case p.opts.Proof == nil:
		return "there is no ledger to prove it by", nil
	}
	return p.opts.Proof.Abandoned(ctx, claim)
}

// invalidLimit is datconnlimit of a database whose DROP was interrupted; nothing but DROP works on it.
const invalidLimit = -2

// Prune drops databases that are proven to be replaced ones of this target, beyond those to keep, oldest first, and those whose
// drop was interrupted. It is for after Publish; the target is not affected if it fails.
func (p *Postgres) Prune(ctx context.Context) (c sides.Cleared, err error) {
	all, err := p.databases(ctx, "WHERE datname <> $1 ORDER BY datname", p.name)
	if err != nil {
		return c, err
	}
	type previous struct {
		existing
		run string
	}
	var found []previous
	for _, d := range all {
		m, ok := provenance.ParseMark(d.comment)
		if !ok || m.Target != p.name || m.State == provenance.Shadow { // shadows are for Recover
			continue
		}
		why, err := p.notReplaced(ctx, d, m)
		if err != nil {
			return c, err
		}
		if why != "" {
			leave(&c, d.name, why)
			continue
		}
		found = append(found, previous{d, m.Run})
	}
	slices.SortFunc(found, func(a, b previous) int { return strings.Compare(b.run, a.run) }) // a run's ID sorts after all before it
	for i, d := range found {
		if i < p.opts.KeepPrevious && d.connLimit != invalidLimit {
			continue
		}
		if err := p.drop(ctx, d.existing); err != nil {
			return c, fmt.Errorf("dropping the previous database %s: %w", d.name, err)
		}
		c.Dropped = append(c.Dropped, d.name)
	}
	return c, nil
}

func (p *Postgres) notReplaced(ctx context.Context, d existing, m provenance.Mark) (why string, err error) {
	if m.State != provenance.Previous {
		return "it is not the target: a copy of it, or it was renamed", nil
	}
	name, err := previousName(p.name, m.Run)
	switch {
	case err != nil, name != d.name:
		return fmt.Sprintf("run %s gives another name to what it replaces", m.Run), nil
	case !d.canOwn:
		return "role " + p.server.role + " may not drop it", nil
	case p.opts.Proof == nil:
		return "there is no ledger to prove it by", nil
	}
	return p.opts.Proof.Replaced(ctx, p.claims(d, m.Run, true))
}

// drop drops the very database that was looked at. DROP DATABASE takes a name and no transaction, so the name is asked
// again right before.
func (p *Postgres) drop(ctx context.Context, d existing) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return dropOn(ctx, p.conn, d.name, d.oid)
}

func dropOn(ctx context.Context, conn *pgx.Conn, name string, oid uint32) error {
	switch now, err := oidOf(ctx, conn, name); {
	case err != nil:
		return err
	case now == 0:
		return nil
	case now != oid:
		return same(ctx, conn, name, oid)
	}
	_, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+catalog.Quote(name)+" WITH (FORCE)")
	return pgsession.Safe(err)
}

// dropAnyway drops on a new session where the maintenance session is gone.
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

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = conn.Close(ctx) // whatever had to last was committed before
}

// literal quotes a string for SQL; utility statements take no parameters.
func literal(s string) string {
	out := make([]byte, 0, len(s)+3)
	for i := range len(s) {
		if s[i] == '\'' {
			out = append(out, '\'')
		}
		out = append(out, s[i])
	}
	return "'" + string(out) + "'" // standard_conforming_strings is pinned on
}
