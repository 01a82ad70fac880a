package target

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
)

// Recover drops the shadows that dead refreshes of this target left behind, and nothing else:
// databases marked as this target's shadow by a run that isDead, and unmarked ones that a run died
// on between creating and marking: named exactly as that run would have, closed, and ours.
// isDead must say yes only for a run whose start the ledger holds and that is not running.
// A publish needs no completion: it is one transaction.
func (p *Postgres) Recover(ctx context.Context, isDead func(run string) bool) (dropped []string, err error) {
	all, err := p.databases(ctx, "ORDER BY datname")
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if !p.orphan(d, isDead) {
			continue
		}
		if err := p.drop(ctx, d.name); err != nil {
			return dropped, fmt.Errorf("dropping the orphan shadow %s: %w", d.name, err)
		}
		dropped = append(dropped, d.name)
	}
	return dropped, nil
}

func (p *Postgres) orphan(d existing, isDead func(run string) bool) bool {
	if !d.canOwn || d.name == p.name {
		return false
	}
	if m, ok := provenance.ParseMark(d.comment); ok {
		return m.State == provenance.Shadow && m.Target == p.name && isDead(m.Run)
	}
	run, ok := runOf(p.name, d.name)
	closed := !d.allowConn || d.connLimit == invalidLimit
	return ok && closed && d.owner == p.server.role && isDead(run)
}

// invalidLimit is datconnlimit of a database whose DROP was interrupted; nothing but DROP works on it.
const invalidLimit = -2

// Prune drops replaced databases beyond the ones to keep, oldest first, and those whose
// drop was interrupted. It is for after Publish; the target is not affected if it fails.
func (p *Postgres) Prune(ctx context.Context) (dropped []string, err error) {
	all, err := p.databases(ctx, "")
	if err != nil {
		return nil, err
	}
	type previous struct {
		existing
		provenance.Mark
	}
	var found []previous
	for _, d := range all {
		if m, ok := provenance.ParseMark(d.comment); ok && m.State == provenance.Previous && m.Target == p.name && d.canOwn {
			found = append(found, previous{d, m})
		}
	}
	slices.SortFunc(found, func(a, b previous) int { return b.At.Compare(a.At) })
	for i, d := range found {
		if i < p.opts.KeepPrevious && d.connLimit != invalidLimit {
			continue
		}
		if err := p.drop(ctx, d.existing.name); err != nil {
			return dropped, fmt.Errorf("dropping the previous database %s: %w", d.existing.name, err)
		}
		dropped = append(dropped, d.existing.name)
	}
	return dropped, nil
}

func (p *Postgres) drop(ctx context.Context, name string) error {
	return p.exec(ctx, "DROP DATABASE IF EXISTS "+catalog.Quote(name)+" WITH (FORCE)")
}

// dropAnyway drops on a new session where the maintenance session is gone.
func (p *Postgres) dropAnyway(ctx context.Context, name string) error {
	if !p.alive(ctx) {
		conn, err := pgsession.Connect(ctx, p.url, pgsession.Options{Name: "cleanup", Database: p.opts.Maintenance})
		if err != nil {
			return err
		}
		defer closeConn(conn)
		_, err = conn.Exec(ctx, "DROP DATABASE IF EXISTS "+catalog.Quote(name)+" WITH (FORCE)")
		return pgsession.Safe(err)
	}
	return p.drop(ctx, name)
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
