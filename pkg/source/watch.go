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
	// watchEvery is the pause between two looks of the watcher.
	watchEvery = 250 * time.Millisecond
	// lookSlack limits how long a look may take: LockPatience plus lookSlack. After that, masker looks on another
	// session. If the network has dropped the watcher's connection, sessions that wait for this run's locks should not
	// wait much longer than usual.
	lookSlack = time.Second
	// pingsWhileIdle is how many pings are sent on the holder's session within the time that its transaction may be
	// idle.
	pingsWhileIdle = 8
)

// Watch waits until the snapshot has to be given up, and returns the reason. There are four reasons. Somebody has
// waited longer than LockPatience for a lock of one of the sessions, including pg_dump's. The session that holds the
// snapshot is gone. The server does not answer. The watcher's own session fails. When Watch returns a reason, all
// sessions have ended. Watch returns nil when ctx or the snapshot ends.
//
// The application's own queries can queue behind somebody who waits for the snapshot. PostgreSQL does not end this
// situation, because it is not a deadlock.
func (p *Postgres) Watch(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.watched:
		return p.verdict
	}
}

// watch is the watcher. It looks at the locks and at the sessions again and again, until ctx ends or the snapshot has
// to be given up.
func (p *Postgres) watch(ctx context.Context) {
	defer close(p.watched)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	pinged := time.Now()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.giveUp(err)
			p.verdict = p.sessions.why(err) // if a reader gave the snapshot up first, this ended the watcher's session; then the reader's reason counts
			return
		}
		// Before the snapshot is taken, Open uses the session, so it needs no ping.
		if every := idlePatience * p.opt.ConnectionPatience / pingsWhileIdle; p.taken.Load() && time.Since(pinged) > every {
			pinged = time.Now()
			p.pingHolder(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pingHolder sends a ping on the session that holds the snapshot, so that its transaction is not idle for too long. It
// does nothing if the session is in use.
func (p *Postgres) pingHolder(ctx context.Context) {
	if !p.holding.TryLock() {
		return
	}
	defer p.holding.Unlock()
	ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opt.ConnectionPatience)
	defer cancel()
	if err := p.holder.Ping(ask); err != nil && p.holderEnd == nil { // the next call of look finds out whether the session still exists
		p.holderEnd = pgsession.Safe(err)
	}
}

// whyHolderEnded returns the error with which the server ended the session that holds the snapshot. The server sends
// this error when it ends the session. The error says whether an administrator, a timeout or a standby's recovery was
// the cause.
func (p *Postgres) whyHolderEnded(ctx context.Context) error {
	p.holding.Lock()
	defer p.holding.Unlock()
	if p.holderEnd == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endPatience)
		defer cancel()
		p.holderEnd = pgsession.Safe(p.holder.PgConn().WaitForNotification(ctx)) // masker listens to no channel, so only an error comes
		if errors.Is(p.holderEnd, context.DeadlineExceeded) {
			p.holderEnd = errors.New("no reason arrived on its connection; check the network, and the server's log")
		}
	}
	return p.holderEnd
}

// lookQuery finds the lock for which somebody has waited longest behind one of the processes $1, and for more than $3
// seconds. It also finds out whether the process $2, which holds the snapshot, still exists: its transaction holds a
// lock on its own virtual transaction id. The query reads only the lock table. It does not read pg_stat_activity, which
// reads pg_authid. A lock on pg_authid could make the watcher wait for a session that itself waits for this run.
const lookQuery = `WITH held AS MATERIALIZED (SELECT l.pid, l.granted, l.waitstart, l.locktype, l.relation
		FROM pg_catalog.pg_locks l WHERE NOT l.granted OR l.pid = $2 AND l.locktype = 'virtualxid'),
	waits AS (SELECT h.locktype, COALESCE(h.relation, 0::oid) AS relation
		FROM held h WHERE NOT h.granted AND h.pid <> ALL ($1::int[])
		AND h.waitstart < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $3)
		AND pg_catalog.pg_blocking_pids(h.pid) && $1::int[] ORDER BY h.waitstart LIMIT 1)
	SELECT EXISTS (SELECT FROM held WHERE pid = $2 AND granted), COALESCE(w.locktype, ''), COALESCE(w.relation, 0::oid)
		FROM (VALUES (1)) one LEFT JOIN waits w ON true`

// waiting is the lock that somebody waits for.
type waiting struct {
	kind     string // locktype in pg_locks; "" if nobody waits
	relation uint32 // OID of the relation, in this database or shared; 0 if the lock is on something else
}

// look checks once whether the snapshot may stay. It returns an error if somebody waits for too long, if the session
// that holds the snapshot is gone, if the server does not answer in time, or if the question fails for another reason.
func (p *Postgres) look(ctx context.Context) error {
	held, w, taken, err := p.ask(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the server did not answer for %v, so that nobody could see who waits for locks of this run; "+
			"the run gives way: check the server and the network, then run again", p.opt.ConnectionPatience)
	case err != nil:
		return fmt.Errorf("the session that checks who waits for locks of this run failed: %w; the run gives way", err)
	case w.kind != "":
		return fmt.Errorf("somebody has waited more than %v for a lock on %s that this run holds, and production would have to wait too; "+
			"the run gives way: start it again when the other session has finished", p.opt.LockPatience, p.lockName(ctx, w))
	case !held && taken:
		return fmt.Errorf("the session that holds the snapshot ended, so run again: %w", p.whyHolderEnded(ctx))
	}
	return nil
}

// ask runs lookQuery. If no answer comes soon, ask tries again on another session, until ConnectionPatience is over. So
// a connection that passes nothing on is alone no reason to give up the snapshot. Other errors are returned at once. If
// ctx ends, the query continues, because pgx would otherwise close the session. Close needs the session to terminate the
// holder's server process.
func (p *Postgres) ask(ctx context.Context) (held bool, w waiting, taken bool, err error) {
	patience := min(p.opt.ConnectionPatience, p.opt.LockPatience+lookSlack)
	for begin := time.Now(); ; {
		taken = p.taken.Load()
		err = p.onWatcher(context.WithoutCancel(ctx), patience, func(ctx context.Context, conn *pgx.Conn) error {
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

// replaceWatcher opens another session for the watcher and ends the old one. If it cannot open one in time, the old
// session stays, and the next query on it fails.
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
	p.leave(old) // already closed by the query that got no answer
	p.terminate([]int32{int32(old.PgConn().PID())})
}

// Explain returns the reason why the snapshot was given up. If it was not given up, Explain returns err. If err comes
// from a session or from pg_dump, Explain first checks whether the snapshot still exists. The loss of the snapshot
// explains more than the error of one session.
func (p *Postgres) Explain(err error) error {
	if err == nil {
		return nil
	}
	_, ofDump := errors.AsType[dumpError](err)
	if !p.sessions.over() && (pgsession.Code(err) != "" || ofDump) {
		if why := p.look(context.Background()); why != nil {
			p.giveUp(why)
		}
	}
	return p.sessions.why(err)
}

// Again reports whether an extent can be read again after err. There are two reasons to read again: one connection
// broke, or a standby's recovery cancelled the read or met a deadlock with it. The snapshot must still exist. If an
// administrator ended the session, the extent is not read again.
func (p *Postgres) Again(err error) bool {
	code := pgsession.Code(err)
	if !strings.HasPrefix(code, "08") && code != "40001" && code != "40P01" {
		return false
	}
	return !p.sessions.over() && p.look(context.Background()) == nil
}

// bounded is the value of Silence in the options of the watcher's session. It never ends the session, because every
// query of the watcher has its own deadline. With two deadlines at the same moment, the reason of the error could vary.
func bounded(uint32) string { return "" }

// onWatcher runs a query on the watcher's session. If there is no answer within patience, pgx closes the session.
func (p *Postgres) onWatcher(ctx context.Context, patience time.Duration, ask func(context.Context, *pgx.Conn) error) error {
	p.watching.Lock()
	defer p.watching.Unlock()
	if p.watcher.IsClosed() { // a query that got no answer in time has closed it
		return context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return pgsession.Safe(ask(ctx, p.watcher))
}

// lockName returns the name of what somebody waits for. If the catalog does not answer at once, it returns the OID.
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

// silence is the value of Silence in the options of the sessions of this snapshot. It sends its query on the watcher's
// session.
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
