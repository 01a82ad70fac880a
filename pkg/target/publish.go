package target

import (
	"cmp"
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
	// publishAttempt limits the time of one attempt, during which clients may find no database.
	publishAttempt  = 900 * time.Millisecond
	publishAttempts = 5
	publishPause    = time.Second
	publishPatience = time.Minute // for all attempts, which do not end with the caller's context
	sweepEvery      = 20 * time.Millisecond
	askEvery        = 200 * time.Millisecond // a rename that takes longer waits for another session
)

// errInUse says that an attempt to publish was rolled back because sessions in the target could not be ended in time.
var errInUse = errors.New("sessions could not be ended in time")

// Publish replaces the target by the shadow. It first sets the owner and the privileges of the shadow's objects as in
// the old database. Then one transaction renames both databases and carries over the old database's privileges,
// settings and comment, with masker's mark. Clients find the old database or the new one, or for a moment none. If
// Publish returns an error other than sides.ErrUnknown, the target is unchanged.
func (s *Shadow) Publish(ctx context.Context) error {
	p := s.target
	if err := s.carryGrants(ctx); err != nil {
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
	if err := s.awaitTemplate(ctx); err != nil {
		return err
	}
	if err := s.awaitEmpty(ctx); err != nil {
		return err
	}
	p.opts.Fault("before-publish")
	if err := ctx.Err(); err != nil {
		return err
	}
	p.opts.Progress("publish", p.name)
	// From here on, the end of the caller's context does not stop publishing. Otherwise it could break the connection
	// within the transaction.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishPatience)
	defer cancel()
	if err := s.swap(ctx, carried); err != nil {
		return err
	}
	s.settleTemplate(ctx)
	return nil
}

// Previous returns the name that the replaced database has after Publish, or "" if Publish replaced no database.
func (s *Shadow) Previous() string { return s.previous }

// unchanged refuses to publish if the target is another database than at the beginning.
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

// awaitEmpty waits until no sessions are in the shadow. Without this, the rename would wait for these sessions while
// clients cannot connect. If it has to wait for more than a moment, it adds a note. After Options.Patience it tries to
// end the sessions. It waits longer for sessions that it may not end, such as a superuser's backup of all databases.
func (s *Shadow) awaitEmpty(ctx context.Context) error {
	p := s.target
	polite := time.Now().Add(p.opts.Patience)
	end := time.Now().Add(lockedTries * p.opts.Patience)
	noted, asked := false, false
	for {
		who, err := s.sessionInside(ctx)
		switch {
		case err != nil:
			return err
		case who == "":
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%s stays in the shadow %s; end it and run again", who, s.name)
		case time.Now().After(polite) && !asked: // for example monitoring, which enters every database
			asked = true
			_ = p.exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE usesysid IS NOT NULL AND (current_setting('is_superuser')::bool OR NOT usesysid IN (SELECT oid FROM pg_roles WHERE rolsuper))
					AND datname = `+catalog.Literal(s.name)) // pg_terminate_backend fails for a session that the role may not end, and would then end no other session
		case !noted && time.Now().After(polite.Add(-p.opts.Patience*9/10)):
			noted = true
			s.waitsFor(who + ", in the new database")
		}
		if err := pgsession.Pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// sessionInside describes one session in the shadow. It returns "" if there is none.
func (s *Shadow) sessionInside(ctx context.Context) (who string, err error) {
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

// swap tries to publish, up to publishAttempts times. Between two attempts clients can use the old database.
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
	noted := false
	for try := 1; ; try++ {
		who, err := s.attempt(ctx, sweeper, carried)
		if who != "" && !noted {
			noted = true
			s.waitsFor(who)
		}
		if !errors.Is(err, errInUse) {
			return err
		}
		if who != "" {
			err = fmt.Errorf("%w, and %s is in the way", err, who)
		}
		if try == publishAttempts {
			return fmt.Errorf("publishing %s, tried %d times: %w; look in pg_stat_activity and pg_prepared_xacts for what uses the database, then run again", p.name, try, err)
		}
		if err := pgsession.Pause(ctx, publishPause); err != nil {
			return err
		}
	}
}

// attempt tries once to publish. If it returns an error other than sides.ErrUnknown, both databases are unchanged. The
// result who describes a session that attempt had to wait for. It is "" if attempt has seen none.
func (s *Shadow) attempt(ctx context.Context, sweeper *pgx.Conn, carried []string) (who string, err error) {
	p := s.target
	stopSweep := func() (string, error) { return "", nil }
	if sweeper != nil {
		if err := p.checkSweepable(ctx); err != nil {
			return "", err
		}
		if err := sweep(ctx, sweeper, p.old.oid); err != nil {
			return "", p.cannotEnd(err)
		}
		p.opts.Fault("after-terminate")
		stopSweep = p.keepSweeping(ctx, sweeper)
	}
	err = s.transaction(ctx, carried)
	who, swept := stopSweep()
	if err != nil && swept != nil && !errors.Is(err, sides.ErrUnknown) {
		return who, p.cannotEnd(swept)
	}
	return who, err
}

// cannotEnd returns an error that says that a session in the target could not be ended.
func (p *Postgres) cannotEnd(err error) error {
	if pgsession.Code(err) != "42501" {
		return fmt.Errorf("ending the sessions of %s: %w", p.name, err)
	}
	return fmt.Errorf("ending the sessions of %s: %w; a role that is not a superuser cannot end a superuser's session; close the sessions of superusers, then run again", p.name, err)
}

// transaction renames both databases and runs the carried statements, in one transaction. It also gives the template
// its name.
func (s *Shadow) transaction(ctx context.Context, carried []string) error {
	p := s.target
	first := []string{
		"BEGIN", fmt.Sprintf("SET LOCAL statement_timeout = %d", publishAttempt.Milliseconds()),
		// This also limits the time between two statements, in case the second statement does not reach the server.
		fmt.Sprintf("SET LOCAL idle_in_transaction_session_timeout = %d", publishAttempt.Milliseconds()),
	}
	steps := [][]string{nil}
	if p.old != nil {
		m := provenance.Mark{State: provenance.Previous, Target: p.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
		steps[0] = []string{"ALTER DATABASE " + catalog.Quote(p.name) + " RENAME TO " + catalog.Quote(s.previous)}
		carried = append(carried, "COMMENT ON DATABASE "+catalog.Quote(s.previous)+" IS "+catalog.Literal(m.In(p.old.comment)))
	}
	steps = append(steps, append([]string{"ALTER DATABASE " + catalog.Quote(s.name) + " RENAME TO " + catalog.Quote(p.name)}, carried...))
	if err := p.execAll(ctx, first); err != nil {
		return p.undo(ctx, err)
	}
	if err := s.nameTemplate(ctx); err != nil {
		return p.undo(ctx, err)
	}
	for i, step := range steps {
		if i > 0 {
			p.opts.Fault("between-renames")
		}
		if err := p.execAll(ctx, step); err != nil {
			return p.undo(ctx, err)
		}
	}
	if err := s.checkSwapped(ctx); err != nil {
		return p.undo(ctx, err)
	}
	p.opts.Fault("before-commit")
	if err := p.exec(ctx, "COMMIT"); err != nil {
		return s.outcome(ctx, err)
	}
	p.opts.Fault("after-commit")
	return nil
}

// checkSwapped runs in the transaction that renames the databases. It checks that the renamed databases are the old
// database and the shadow.
func (s *Shadow) checkSwapped(ctx context.Context) error {
	p := s.target
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.old != nil {
		if err := checkSame(ctx, p.conn, s.previous, p.old.oid); err != nil {
			return err
		}
	}
	return checkSame(ctx, p.conn, p.name, s.oid)
}

// undo rolls the transaction back after err. It returns errInUse if other sessions made the transaction fail, because
// another attempt may succeed.
func (p *Postgres) undo(ctx context.Context, err error) error {
	if rerr := p.exec(ctx, "ROLLBACK"); rerr != nil {
		return fmt.Errorf("publishing %s: %w; the transaction was not committed, and the target is unchanged", p.name, err)
	}
	switch pgsession.Code(err) {
	case "55006", "57014", "40P01":
		return errInUse
	}
	return fmt.Errorf("publishing %s: %w; the transaction was rolled back, and the target is unchanged", p.name, err)
}

// outcome finds out whether a commit took place after its answer was lost. It returns nil if the commit took place.
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
	return fmt.Errorf("publishing %s: %w; the target is unchanged", p.name, lost)
}

// checkSweepable returns an error if the target has a session that the role may not end. The attempt to publish then
// fails before it ends any session.
func (p *Postgres) checkSweepable(ctx context.Context) error {
	if p.server.superuser {
		return nil
	}
	list, err := p.visitors(ctx)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("%w: role %s may not end sessions of superusers: %s", errInUse, p.server.role, named(list))
	}
	return err
}

// sweep ends every session in a database. It leaves out the server's own workers, which end by themselves. These
// workers are the processes without a user. backend_type would also show them, but roles without pg_read_all_stats
// cannot see it.
func sweep(ctx context.Context, conn *pgx.Conn, oid uint32) error {
	_, err := conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datid = $1 AND usesysid IS NOT NULL`, oid)
	return pgsession.Safe(err)
}

// keepSweeping ends sessions that connect while the rename waits for the last session to end. It returns a function
// that stops this. The function returns a session that the rename had to wait for, or "" if there was none, and an
// error. If a session cannot be ended, keepSweeping cancels the rename at once, because clients cannot connect while it
// waits.
func (p *Postgres) keepSweeping(ctx context.Context, conn *pgx.Conn) func() (who string, err error) {
	pid := p.conn.PgConn().PID()
	stop := make(chan struct{})
	result := make(chan error, 1)
	who := "" // until result is sent, only the goroutine uses it
	go func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		asked := time.Now()
		for {
			select {
			case <-stop:
				result <- nil
				return
			case <-tick.C:
			}
			if err := sweep(ctx, conn, p.old.oid); err != nil {
				_, _ = conn.Exec(ctx, "SELECT pg_cancel_backend($1)", int32(pid)) // if that fails, its timeout ends the rename
				result <- err
				return
			}
			if time.Since(asked) > askEvery {
				asked = time.Now()
				who = cmp.Or(inTheWay(ctx, conn, pid, p.old.oid), who)
			}
		}
	}()
	return func() (string, error) {
		close(stop)
		err := <-result
		return who, err
	}
}

// inTheWay describes a session for which the process pid waits: a session that holds a lock, in any database, or a
// session in the database oid. It returns "" if there is no such session.
func inTheWay(ctx context.Context, conn *pgx.Conn, pid, oid uint32) (who string) {
	err := conn.QueryRow(ctx, `SELECT format('process %s of role %s (application %s) in database %s', a.pid, a.usename, quote_literal(COALESCE(a.application_name, '')), a.datname)
		FROM pg_stat_activity a, pg_blocking_pids($1) b WHERE a.usesysid IS NOT NULL AND (a.pid = ANY (b) OR a.datid = $2)
		ORDER BY a.pid = ANY (b) DESC, a.backend_start LIMIT 1`, int32(pid), oid).Scan(&who)
	if err != nil { // no session is in the way, or the next sweep returns the same error
		return ""
	}
	return who
}
