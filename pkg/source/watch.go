package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

const (
	// watchEvery is how often the watcher looks.
	watchEvery = 250 * time.Millisecond
	// lookSlack is how much longer than LockPatience a look may take before another session looks. Who waits behind
	// this run's locks must not wait for a connection that was dropped.
	lookSlack = time.Second
	// signsOfLife is how many signs of life the holder gives within what its transaction may be idle.
	signsOfLife = 8
)

// Watch waits until the snapshot has to be given up, and returns why: somebody has waited longer than LockPatience for a
// lock that one of its sessions holds, pg_dump's among them; the session that holds it is gone; or the server does not
// answer. All sessions have ended by then. Watch returns nil when ctx or the snapshot ends.
//
// PostgreSQL's deadlock detector never fires for such a queue, and the application's own queries stand in it.
func (p *Postgres) Watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.watched:
		return p.verdict
	}
}

// watch looks until it is stopped, or until the snapshot has to be given up.
func (p *Postgres) watch(ctx context.Context) {
	defer close(p.watched)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	alive := time.Now()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.verdict = err
			p.giveUp(err)
			return
		}
		if every := idlePatience * p.opt.ConnectionPatience / signsOfLife; time.Since(alive) > every {
			alive = time.Now()
			p.holderLives(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// holderLives lets the session that holds the snapshot ask for nothing, unless it is at work anyway: its transaction has not been idle then.
func (p *Postgres) holderLives(ctx context.Context) {
	if !p.holding.TryLock() {
		return
	}
	defer p.holding.Unlock()
	ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opt.ConnectionPatience)
	defer cancel()
	_ = p.holder.Ping(ask) // the next look sees whether it is there
}

// lookQuery asks for the oldest waiter behind one of the sessions $1, and whether $2, which holds the snapshot, is
// still there: a transaction always holds its own number. It reads nothing but the lock table. pg_stat_activity would
// join pg_authid, and the watcher would queue behind the very session it should give way to.
const lookQuery = `WITH held AS MATERIALIZED (SELECT l.pid, l.granted, l.waitstart, l.locktype, l.relation
		FROM pg_catalog.pg_locks l WHERE NOT l.granted OR l.pid = $2 AND l.locktype = 'virtualxid'),
	waits AS (SELECT h.locktype, COALESCE(h.relation, 0::oid) AS relation
		FROM held h WHERE NOT h.granted AND h.pid <> ALL ($1::int[])
		AND h.waitstart < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $3)
		AND pg_catalog.pg_blocking_pids(h.pid) && $1::int[] ORDER BY h.waitstart LIMIT 1)
	SELECT EXISTS (SELECT FROM held WHERE pid = $2 AND granted), COALESCE(w.locktype, ''), COALESCE(w.relation, 0::oid)
		FROM (VALUES (1)) one LEFT JOIN waits w ON true`

// waiting is what somebody waits for.
type waiting struct {
	kind     string // as pg_locks has it; "" where nobody waits
	relation uint32 // of this database or, shared by all, of the server; 0 where it is no relation
}

// look asks, and fails where the answer says, or does not come in time to say, that the snapshot may stay.
func (p *Postgres) look(ctx context.Context) error {
	held, w, taken, err := p.ask(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the server did not answer for %v, so that nobody could see who waits for locks of this run; "+
			"the run gives way: check the server and the network, then run again", p.opt.ConnectionPatience)
	case err != nil:
		return fmt.Errorf("the session that looks who waits for locks of this run: %w; the run gives way", err)
	case w.kind != "":
		return fmt.Errorf("somebody has waited more than %v for a lock on %s that this run holds, and production would queue behind; "+
			"the run gives way: start it again when the other session is through", p.opt.LockPatience, p.lockName(ctx, w))
	case !held && taken:
		return errors.New("the session that holds the snapshot ended (an administrator, a timeout, or the network); run again")
	}
	return nil
}

// ask looks once. A look that is not answered soon is asked of another session, and again, until ConnectionPatience is over:
// a dropped connection of the watcher alone says nothing of the snapshot.
func (p *Postgres) ask(ctx context.Context) (held bool, w waiting, taken bool, err error) {
	patience := min(p.opt.ConnectionPatience, p.opt.LockPatience+lookSlack)
	for begin := time.Now(); ; {
		taken = p.taken.Load()
		err = p.onWatcher(ctx, patience, func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, lookQuery, p.sessions.processes(), int32(p.holder.PgConn().PID()), p.opt.LockPatience.Seconds()).
				Scan(&held, &w.kind, &w.relation)
		})
		late := errors.Is(err, context.DeadlineExceeded)
		if !late || time.Since(begin) >= p.opt.ConnectionPatience || ctx.Err() != nil {
			return held, w, taken, err
		}
		p.replaceWatcher(ctx, patience)
		if err := pgsession.Pause(ctx, watchEvery); err != nil {
			return held, w, taken, err
		}
	}
}

// replaceWatcher takes another session for the watcher's. Where none can be had in time, the old one stays, and says so.
func (p *Postgres) replaceWatcher(ctx context.Context, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := p.connect(ctx, pgsession.Options{Silence: bounded})
	if err != nil {
		return
	}
	p.watching.Lock()
	old := p.watcher
	p.watcher = conn
	p.watching.Unlock()
	p.leave(old) // closed already
	p.terminate([]int32{int32(old.PgConn().PID())})
}

// Explain says why the snapshot was given up, where it was, else what it is given. Where a session has broken it looks at
// once: that the snapshot is gone explains more than how one of its sessions found out.
func (p *Postgres) Explain(err error) error {
	if err == nil {
		return nil
	}
	if code := pgsession.Code(err); !p.sessions.over() && (strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P")) {
		if why := p.look(context.Background()); why != nil {
			p.giveUp(why)
		}
	}
	return p.sessions.why(err)
}

// bounded is the Silence of the watcher's session. Whatever is asked there has a deadline of its own, and a second one that
// ran out at the same moment would give another reason.
func bounded(uint32) string { return "" }

// onWatcher asks something on the watcher's session. An answer that does not come in time costs that session.
func (p *Postgres) onWatcher(ctx context.Context, patience time.Duration, ask func(context.Context, *pgx.Conn) error) error {
	p.watching.Lock()
	defer p.watching.Unlock()
	if p.watcher.IsClosed() { // a look that was not answered in time has closed it
		return context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return pgsession.Safe(ask(ctx, p.watcher))
}

// lockName names what somebody waits for, as far as the catalog answers at once.
func (p *Postgres) lockName(ctx context.Context, w waiting) string {
	if w.relation == 0 {
		return w.kind
	}
	name := fmt.Sprintf("relation %d", w.relation)
	_ = p.onWatcher(ctx, endPatience/2, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`, w.relation).Scan(&name)
	})
	return name
}

// silence says what is wrong with a session of this snapshot whose connection has been silent.
func (p *Postgres) silence(pid uint32) (wrong string) {
	err := p.onWatcher(context.Background(), p.opt.ConnectionPatience, func(ctx context.Context, conn *pgx.Conn) (err error) {
		wrong, err = pgsession.WhySilent(ctx, conn, pid)
		return err
	})
	if err != nil {
		return pgsession.Unanswered
	}
	return wrong
}
