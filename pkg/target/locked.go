package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

const (
	// lockedTries bounds how often a statement is tried that waited for a lock for as long as Options.Patience.
	lockedTries = 10
	// deadlockTries bounds how often a statement is tried that the server chose as a deadlock's victim: an entry of the
	// dump can lock more than its dependencies tell.
	deadlockTries = 6
)

// whileLocked repeats a statement that had to wait for another session: a backup of all databases reads the shadow, too,
// and a shadow that is loaded should not be lost to it. It notes for whom it waited.
func (s *Shadow) whileLocked(ctx context.Context, conn *pgx.Conn, try func() error) error {
	told := false
	for n := 1; ; n++ {
		err := try()
		switch code := pgsession.Code(err); {
		case code == "40P01" && n < deadlockTries:
		case code == "55P03" && n < lockedTries && !conn.IsClosed():
			if !told {
				s.note("waited for %s", s.lockHolder(ctx))
				told = true
			}
		case code == "55P03":
			return fmt.Errorf("%d tries; %s: %w", n, s.lockHolder(ctx), err)
		default:
			return err
		}
	}
}

// statement is one statement, tried while others hold what it locks.
func (s *Shadow) statement(ctx context.Context, conn *pgx.Conn, sql string) error {
	return s.whileLocked(ctx, conn, func() error {
		_, err := conn.Exec(ctx, sql)
		return pgsession.Safe(err)
	})
}

// lockHolder names a session of others that is in the shadow with locks on relations, for a person to look for.
func (s *Shadow) lockHolder(ctx context.Context) string {
	var who string
	p := s.target
	p.looking.Lock()
	defer p.looking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.opts.Patience)
	defer cancel()
	err := p.lookout.QueryRow(ctx, `SELECT format('a lock that process %s of role %s holds (application %s)', a.pid, a.usename, quote_literal(COALESCE(a.application_name, '')))
		FROM pg_stat_activity a WHERE a.datname = $1 AND a.application_name NOT LIKE 'masker %' AND a.usesysid IS NOT NULL
		AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation') ORDER BY a.xact_start LIMIT 1`, s.name).Scan(&who)
	if err != nil {
		return "a lock that another session holds"
	}
	return who
}
