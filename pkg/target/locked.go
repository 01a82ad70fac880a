package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

const (
	// lockedTries is how often a statement is tried if it cannot get a lock within Options.Patience.
	lockedTries = 10
	// deadlockTries is how often a statement is tried if the server ends it because of a deadlock. Deadlocks can happen
	// because an entry of the archive can lock more tables than its dependencies say.
	deadlockTries = 6
)

// whileLocked calls try again if a lock of another session makes it fail. For example, a backup of all databases also
// locks tables of the shadow. The run should not lose a loaded shadow because of a backup. whileLocked adds a note that
// names the session that holds the lock.
func (s *Shadow) whileLocked(ctx context.Context, conn *pgx.Conn, try func() error) error {
	noted := false
	for n := 1; ; n++ {
		err := try()
		switch code := pgsession.Code(err); {
		case code == "40P01" && n < deadlockTries:
		case code == "55P03" && n < lockedTries && !conn.IsClosed():
			if !noted {
				s.waitsFor(s.lockHolder(ctx))
				noted = true
			}
		case code == "55P03":
			return fmt.Errorf("tried %d times; %s: %w", n, s.lockHolder(ctx), err)
		default:
			return err
		}
	}
}

// statement runs a statement, and tries again if a lock of another session makes it fail.
func (s *Shadow) statement(ctx context.Context, conn *pgx.Conn, sql string) error {
	return s.whileLocked(ctx, conn, func() error {
		_, err := conn.Exec(ctx, sql)
		return pgsession.Safe(err)
	})
}

// lockHolder describes a lock of another program in the shadow, with its process, role and application.
func (s *Shadow) lockHolder(ctx context.Context) string {
	var who string
	p := s.target
	p.looking.Lock()
	defer p.looking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, p.opts.Patience)
	defer cancel()
	err := p.lookout.QueryRow(ctx, `SELECT format('a lock held by process %s of role %s (application %s)', a.pid, a.usename, quote_literal(COALESCE(a.application_name, '')))
		FROM pg_stat_activity a WHERE a.datname = $1 AND a.application_name NOT LIKE 'masker %' AND a.usesysid IS NOT NULL
		AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation') ORDER BY a.xact_start LIMIT 1`, s.name).Scan(&who)
	if err != nil {
		return "a lock held by another session"
	}
	return who
}
