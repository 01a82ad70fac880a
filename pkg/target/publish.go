package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

const (
	// publishAttempt bounds one attempt, and with it how long clients find no database.
	publishAttempt  = 900 * time.Millisecond
	publishAttempts = 5
	publishPause    = time.Second
	publishPatience = time.Minute // for the whole, once begun; it does not end with the caller's context
	sweepEvery      = 20 * time.Millisecond
)

// errInUse says that an attempt to publish was rolled back because sessions stayed in the way.
var errInUse = errors.New("sessions could not be ended in time")

// Publish puts the shadow in the target's place. It first gives the shadow's objects to the owner and
// the roles that had the old ones. Then one transaction renames both databases, closes or opens access
// as the old one had it, and carries its owner, grants, settings and our mark. Clients find the old
// database or the new one; for a moment, none. Where it returns an error other than
// sides.ErrUnknown, the target is as it was.
func (s *Shadow) Publish(ctx context.Context) error {
	p := s.target
	if err := s.reapplyGrants(ctx); err != nil {
		return err
	}
	s.closeWorkers()
	if err := p.unchanged(ctx); err != nil {
		return err
	}
	if p.old != nil {
		var err error
		if s.previous, err = previousName(p.name, s.spec.Run); err != nil {
			return err
		}
	}
	carried, err := s.carried(ctx)
	if err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	p.opts.Fault("before-publish")
	if err := ctx.Err(); err != nil {
		return err
	}
	p.opts.Progress("publish", p.name)
	// From here on the caller's context no longer decides: it could only tear the session off its transaction.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishPatience)
	defer cancel()
	return s.swap(ctx, carried)
}

// Previous is the name the replaced database has after Publish, "" where there was none.
func (s *Shadow) Previous() string { return s.previous }

// unchanged refuses a target that is not the database the guards have seen.
func (p *Postgres) unchanged(ctx context.Context) error {
	now, err := p.database(ctx, p.name)
	switch {
	case err != nil:
		return err
	case (now == nil) != (p.old == nil), now != nil && now.oid != p.old.oid:
		return fmt.Errorf("%w: somebody else created, dropped or replaced database %s during the refresh", sides.ErrRefused, p.name)
	}
	p.old = now
	return nil
}

// settled waits until the sessions in the shadow have ended, since the rename would wait for them while clients are shut out.
// A backup of all databases may be among them: it is waited for, and told of.
func (s *Shadow) settled(ctx context.Context) error {
	p := s.target
	polite := time.Now().Add(p.opts.Patience)
	end := time.Now().Add(lockedTries * p.opts.Patience)
	told, asked := false, false
	for {
		who, err := s.visitor(ctx)
		switch {
		case err != nil:
			return err
		case who == "":
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%s stays in the shadow %s; end it and run again", who, s.name)
		case time.Now().After(polite) && !asked: // monitoring, which enters every database
			asked = true
			_ = p.exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datname = `+literal(s.name))
		case !told && time.Now().After(polite.Add(-p.opts.Patience*9/10)):
			told = true
			s.note("waited for %s, which was in the new database", who)
		}
		if err := pgsession.Pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// visitor names one session in the shadow, "" where there is none.
func (s *Shadow) visitor(ctx context.Context) (who string, err error) {
	p := s.target
	p.mu.Lock()
	defer p.mu.Unlock()
	err = p.conn.QueryRow(ctx, `SELECT COALESCE((SELECT format('process %s of role %s (application %s)', pid, usename, quote_literal(COALESCE(application_name, '')))
		FROM pg_stat_activity WHERE datname = $1 AND usesysid IS NOT NULL ORDER BY application_name LIKE 'masker %', pid LIMIT 1), '')`, s.name).Scan(&who)
	if err != nil {
		return "", fmt.Errorf("looking for sessions in the shadow: %w", pgsession.Safe(err))
	}
	return who, nil
}

// swap tries to publish a bounded number of times; between attempts the target is open as it was.
func (s *Shadow) swap(ctx context.Context, carried []string) error {
	p := s.target
	var sweeper *pgx.Conn
	if p.old != nil {
		var err error
		sweeper, err = p.connect(ctx, pgsession.Options{Name: "publish", Database: p.opts.Maintenance})
		if err != nil {
			return fmt.Errorf("opening the session that ends the target's sessions: %w", err)
		}
		defer closeConn(sweeper)
	}
	for try := 1; ; try++ {
		err := s.attempt(ctx, sweeper, carried)
		if !errors.Is(err, errInUse) {
			return err
		}
		if try == publishAttempts {
			return fmt.Errorf("publishing %s, tried %d times: %w; look in pg_stat_activity and pg_prepared_xacts for what holds it, then run again", p.name, try, err)
		}
		if err := pgsession.Pause(ctx, publishPause); err != nil {
			return err
		}
	}
}

// attempt publishes once, or leaves everything as it was.
func (s *Shadow) attempt(ctx context.Context, sweeper *pgx.Conn, carried []string) error {
	p := s.target
	stopSweep := func() error { return nil }
	if sweeper != nil {
		if err := p.sweepable(ctx); err != nil {
			return err
		}
		if err := sweep(ctx, sweeper, p.old.oid); err != nil {
			return p.cannotEnd(err)
		}
		p.opts.Fault("after-terminate")
		stopSweep = p.keepSweeping(ctx, sweeper)
	}
	err := s.transaction(ctx, carried)
	if swept := stopSweep(); err != nil && swept != nil {
		return p.cannotEnd(swept)
	}
	return err
}

func (p *Postgres) cannotEnd(err error) error {
	if pgsession.Code(err) != "42501" {
		return fmt.Errorf("ending the sessions of %s: %w", p.name, err)
	}
	return fmt.Errorf("ending the sessions of %s: %w; a role that is not a superuser cannot end a superuser's session: close those, then run again", p.name, err)
}

func (s *Shadow) transaction(ctx context.Context, carried []string) error {
	p := s.target
	begin := []string{
		"BEGIN", fmt.Sprintf("SET LOCAL statement_timeout = %d", publishAttempt.Milliseconds()),
		// Clients find no database between two statements either, whatever keeps the next one from the server.
		fmt.Sprintf("SET LOCAL idle_in_transaction_session_timeout = %d", publishAttempt.Milliseconds()),
	}
	steps := [][]string{begin}
	if p.old != nil {
		m := provenance.Mark{State: provenance.Previous, Target: p.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
		steps[0] = append(begin, "ALTER DATABASE "+catalog.Quote(p.name)+" RENAME TO "+catalog.Quote(s.previous))
		carried = append(carried, "COMMENT ON DATABASE "+catalog.Quote(s.previous)+" IS "+literal(m.In(p.old.comment)))
	}
	steps = append(steps, append([]string{"ALTER DATABASE " + catalog.Quote(s.name) + " RENAME TO " + catalog.Quote(p.name)}, carried...))
	for i, step := range steps {
		if i > 0 {
			p.opts.Fault("between-renames")
		}
		for _, sql := range step {
			if err := p.exec(ctx, sql); err != nil {
				return p.undo(ctx, err)
			}
		}
	}
	if err := s.swapped(ctx); err != nil {
		return p.undo(ctx, err)
	}
	p.opts.Fault("before-commit")
	if err := p.exec(ctx, "COMMIT"); err != nil {
		return s.outcome(ctx, err)
	}
	p.opts.Fault("after-commit")
	return nil
}

// swapped holds what was renamed against what was looked at, in the transaction that renamed it.
func (s *Shadow) swapped(ctx context.Context) error {
	p := s.target
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.old != nil {
		if err := same(ctx, p.conn, s.previous, p.old.oid); err != nil {
			return err
		}
	}
	return same(ctx, p.conn, p.name, s.oid)
}

// undo rolls back, and tells sessions in the way, which another attempt may find gone, from everything else.
func (p *Postgres) undo(ctx context.Context, err error) error {
	if rerr := p.exec(ctx, "ROLLBACK"); rerr != nil {
		return fmt.Errorf("publishing %s: %w; the transaction was abandoned and the target is as it was", p.name, err)
	}
	switch pgsession.Code(err) {
	case "55006", "57014", "40P01":
		return errInUse
	}
	return fmt.Errorf("publishing %s: %w; it was rolled back", p.name, err)
}

// outcome finds out whether a commit whose answer was lost has happened.
func (s *Shadow) outcome(ctx context.Context, lost error) error {
	p := s.target
	conn, err := p.connect(ctx, pgsession.Options{Name: "publish", Database: p.opts.Maintenance})
	if err != nil {
		return fmt.Errorf("publishing %s: %w: %w", p.name, lost, sides.ErrUnknown)
	}
	defer closeConn(conn)
	switch now, err := oidOf(ctx, conn, p.name); {
	case err != nil:
		return fmt.Errorf("publishing %s: %w: %w", p.name, lost, sides.ErrUnknown)
	case now == s.oid:
		return nil
	}
	return fmt.Errorf("publishing %s: %w; the target is as it was", p.name, lost)
}

// sweepable refuses before any session is ended where one of them could not be.
func (p *Postgres) sweepable(ctx context.Context) error {
	if p.server.superuser {
		return nil
	}
	list, err := p.visitors(ctx)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("%w: role %s may not end those of superusers: %s", errInUse, p.server.role, named(list))
	}
	return err
}

// sweep ends every session in a database. The server's own workers have no user and give way by themselves;
// backend_type would tell them apart too, but is hidden from roles without pg_read_all_stats.
func sweep(ctx context.Context, conn *pgx.Conn, oid uint32) error {
	_, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datid = $1 AND usesysid IS NOT NULL`, oid)
	return pgsession.Safe(err)
}

// keepSweeping ends the sessions that come in while the rename waits for the last to leave. The
// function it returns stops that and says what went wrong. A session that cannot be ended cancels
// the rename at once: clients are shut out as long as it waits.
func (p *Postgres) keepSweeping(ctx context.Context, conn *pgx.Conn) func() error {
	pid := p.conn.PgConn().PID()
	stop := make(chan struct{})
	result := make(chan error, 1)
	go func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				result <- nil
				return
			case <-tick.C:
			}
			if err := sweep(ctx, conn, p.old.oid); err != nil {
				_, _ = conn.Exec(ctx, "SELECT pg_cancel_backend($1)", int32(pid)) // else its own timeout ends it
				result <- err
				return
			}
		}
	}()
	return func() error {
		close(stop)
		return <-result
	}
}
