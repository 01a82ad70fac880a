package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"

	"github.com/masker-project/masker/pkg/sides"
)

// How often checkVisitors looks for sessions of superusers, and the pause between two looks. A session counts only if
// it is there at every look, because monitoring enters every database for a moment.
const (
	visitorLooks = 5
	visitorPause = 300 * time.Millisecond
)

// checkVisitors refuses a target that has prepared transactions. If the role is not a superuser, it also refuses a
// target in which sessions of superusers stay. Publishing could not end them, and would fail after all rows have been
// loaded.
func (p *Postgres) checkVisitors(ctx context.Context) error {
	if err := p.checkPrepared(ctx); err != nil || p.server.superuser {
		return err
	}
	var stay []visitor
	for look := range visitorLooks {
		now, err := p.visitors(ctx)
		if err != nil {
			return err
		}
		if look == 0 {
			stay = now
		}
		stay = slices.DeleteFunc(stay, func(v visitor) bool { return !slices.Contains(now, v) })
		if len(stay) == 0 {
			return nil
		}
		if err := pgsession.Pause(ctx, visitorPause); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: sessions of superusers are in database %s, and role %s may not end them when the new one is published: %s; close them",
		sides.ErrRefused, p.name, p.server.role, named(stay))
}

// checkPrepared refuses a target that has prepared transactions. A database with prepared transactions cannot be
// renamed.
func (p *Postgres) checkPrepared(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var gid, owner string
	err := p.conn.QueryRow(ctx, `SELECT quote_literal(gid), owner::text FROM pg_prepared_xacts WHERE database = $1 ORDER BY prepared LIMIT 1`, p.name).Scan(&gid, &owner)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("looking for prepared transactions in %s: %w", p.name, pgsession.Safe(err))
	}
	return fmt.Errorf("%w: there is a prepared transaction of %s in database %s, so the database cannot be renamed; COMMIT PREPARED or ROLLBACK PREPARED %s there", sides.ErrRefused, owner, p.name, gid)
}

// visitor is a session of a superuser in the target.
type visitor struct {
	PID         int32
	Role        string
	Application string
}

// named describes sessions for messages.
func named(list []visitor) string {
	names := make([]string, len(list))
	for i, v := range list {
		names[i] = fmt.Sprintf("process %d of %s (application %q)", v.PID, v.Role, v.Application)
	}
	return strings.Join(names, ", ")
}

// visitors returns the sessions of superusers in the target.
func (p *Postgres) visitors(ctx context.Context) ([]visitor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rows, err := p.conn.Query(ctx, `SELECT a.pid, r.rolname::text, COALESCE(a.application_name, '') FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
		WHERE a.datid = $1 AND r.rolsuper ORDER BY a.pid`, p.old.oid)
	if err != nil {
		return nil, fmt.Errorf("looking at the sessions of %s: %w", p.name, pgsession.Safe(err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[visitor])
	if err != nil {
		return nil, fmt.Errorf("looking at the sessions of %s: %w", p.name, pgsession.Safe(err))
	}
	return list, nil
}
