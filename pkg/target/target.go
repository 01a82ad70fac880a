// Package target writes: it builds a PostgreSQL database beside the one it is to
// replace (the shadow) and publishes it in one transaction, or drops it.
//
// Open holds the target: one session in a fixed maintenance database, with an
// advisory lock that lives exactly as long as that session, and on which publishing
// happens. Losing it loses the right to publish.
//
// The package treats nothing and reads no source. It never changes a database that it
// did not make and that nobody adopted by name, and its errors carry names and
// SQLSTATEs, never what the server said.
package target

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"

	"github.com/masker-project/masker/pkg/sides"
)

// Options say how a target is held and built.
type Options struct {
	Maintenance  string      // database the lock lives in, the same for every refresh of this server; "" = "postgres"
	Adopt        string      // "systemid/dbname": an existing database masker may replace although it did not make it
	KeepPrevious int         // replaced databases kept after publishing; 0 drops them at once
	Proof        sides.Proof // tells which databases are masker's; nil proves nothing, so that only what is adopted is replaced

	// Look takes no lock and writes nothing: for who asks what a refresh would meet.
	Look bool
	// Source is what the rows come from: a target that is the same database is refused before anything else is asked of it.
	Source sides.Identity

	// Jobs is the number of sessions that build indexes, constraints, materialized views and statistics; 0 = 2.
	Jobs int

	// Patience is how long a connection may be silent while the server has nothing left to do; 0 = 30 s.
	Patience time.Duration

	Progress func(phase, object string) // called from several goroutines; nil for none
	Fault    func(point string)         // reached points, for tests that kill the process there; nil in production
}

func (o Options) withDefaults() Options {
	if o.Maintenance == "" {
		o.Maintenance = "postgres"
	}
	if o.Jobs <= 0 {
		o.Jobs = 2
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	if o.Progress == nil {
		o.Progress = func(string, string) {}
	}
	if o.Fault == nil {
		o.Fault = func(string) {}
	}
	return o
}

// Postgres is a held target. Its methods but Watch belong to one goroutine at a time.
type Postgres struct {
	url  string
	opts Options
	name string // the target database

	mu   sync.Mutex // conn is shared with Watch
	conn *pgx.Conn  // the maintenance session: holds the lock, publishes

	looking sync.Mutex
	lookout *pgx.Conn // asked what the server process of a silent session does

	server server
	old    *existing // the database of that name, nil where there is none

	published string // the run that is proven to have made old, "" where none is
}

// server is what is known of the target's server and of our role there.
type server struct {
	version   int // server_version_num
	systemID  string
	role      string
	superuser bool
	createDB  bool
	canSignal bool
	recovery  bool
}

// existing is a database of the target's server.
type existing struct {
	name      string
	oid       uint32
	owner     string
	comment   string
	canOwn    bool // our role has the owner's rights
	connLimit int
	allowConn bool
}

// Open connects to the maintenance database, takes the target's lock, and refuses a target that
// may not be replaced. The URL names the database to replace, which need not exist.
func Open(ctx context.Context, url string, o Options) (*Postgres, error) {
	name, err := databaseOf(url)
	if err != nil {
		return nil, err
	}
	p := &Postgres{url: url, opts: o.withDefaults(), name: name}
	if name == p.opts.Maintenance {
		return nil, fmt.Errorf("%w: %s is the maintenance database; name another target database in its URL", sides.ErrRefused, name)
	}
	if p.lookout, err = pgsession.Connect(ctx, url, pgsession.Options{Name: "lookout", Database: p.opts.Maintenance, ReadOnly: true}); err != nil {
		return nil, fmt.Errorf("target's maintenance database %s: %w", p.opts.Maintenance, err)
	}
	if p.conn, err = p.connect(ctx, pgsession.Options{Name: "maintenance", Database: p.opts.Maintenance, ReadOnly: p.opts.Look}); err != nil {
		closeConn(p.lookout)
		return nil, fmt.Errorf("target's maintenance database %s: %w", p.opts.Maintenance, err)
	}
	if err := p.prepare(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func databaseOf(url string) (string, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", errors.New("the target's URL cannot be read; want postgres://user@host:port/database (it is not shown: it may hold a password)")
	}
	if cfg.Database == "" {
		return "", errors.New("the target's URL names no database; add /database to it")
	}
	return cfg.Database, nil
}

func (p *Postgres) prepare(ctx context.Context) error {
	if err := p.readServer(ctx); err != nil {
		return err
	}
	if err := p.notTheSource(p.opts.Source); err != nil {
		return err
	}
	if err := p.checkServer(); err != nil {
		return err
	}
	if p.opts.Look {
		return p.checkExisting(ctx)
	}
	if err := p.lock(ctx); err != nil {
		return err
	}
	p.opts.Fault("locked")
	return p.checkExisting(ctx)
}

// lock takes the advisory lock that only one refresh of this target can hold.
func (p *Postgres) lock(ctx context.Context) error {
	sum := sha256.Sum256([]byte("masker target " + p.name))
	key := int64(binary.BigEndian.Uint64(sum[:8])) // any 64 bits do
	for try := 1; ; try++ {
		var got bool
		err := p.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&got)
		if err != nil {
			return fmt.Errorf("locking target %s: %w", p.name, pgsession.Safe(err))
		}
		if got {
			return nil
		}
		if try == lockTries {
			return fmt.Errorf("%s: %w%s", p.name, sides.ErrBusy, p.lockedBy(ctx, key))
		}
		if err := pgsession.Pause(ctx, lockPause); err != nil {
			return err
		}
	}
}

// lockedBy names the session that holds the target's lock, as far as it can be seen.
func (p *Postgres) lockedBy(ctx context.Context, key int64) string {
	var pid int32
	var role, application string
	var since *time.Time
	p.looking.Lock()
	defer p.looking.Unlock()
	err := p.lookout.QueryRow(ctx, `SELECT a.pid, COALESCE(a.usename, '')::text, COALESCE(a.application_name, ''), a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int8 = $1 AND l.objid::int8 = $2 LIMIT 1`, int64(uint32(uint64(key)>>32)), int64(uint32(key))).
		Scan(&pid, &role, &application, &since)
	if err != nil {
		return ""
	}
	text := fmt.Sprintf(" (process %d of role %s, application %q", pid, role, application)
	if since != nil {
		text += ", connected since " + since.UTC().Format(time.RFC3339)
	}
	if !strings.HasPrefix(application, "masker") {
		text += "; it is no masker: end it"
	}
	return text + ")"
}

// Name is the database that is to be replaced.
func (p *Postgres) Name() string { return p.name }

// SystemID is the target server's system identifier.
func (p *Postgres) SystemID() string { return p.server.systemID }

// Role is the role masker connects as.
func (p *Postgres) Role() string { return p.server.role }

// MaySignal says whether the role may end the sessions that are in a database when it is replaced.
func (p *Postgres) MaySignal() bool { return p.server.canSignal }

// Version is the target's server_version_num.
func (p *Postgres) Version() int { return p.server.version }

// Close ends the maintenance session and with it the lock.
func (p *Postgres) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	closeConn(p.conn)
	if p.lookout != nil {
		p.looking.Lock()
		defer p.looking.Unlock()
		closeConn(p.lookout)
	}
}

// loginAttempts is how often a login that nobody answers is tried: a refresh whose rows are in should not be lost to
// somebody who holds pg_authid for a minute.
const loginAttempts = 4

// connect opens a session on the target's server, which ends where its connection is silent for too long.
func (p *Postgres) connect(ctx context.Context, o pgsession.Options) (*pgx.Conn, error) {
	o.Patience = p.opts.Patience
	if o.Attempts == 0 {
		o.Attempts = loginAttempts
	}
	if o.Silence == nil {
		o.Silence = p.silence
	}
	return pgsession.Connect(ctx, p.url, o)
}

// silence says what is wrong with a session whose connection has been silent. One that waits for a lock is well: its
// own lock timeout ends that.
func (p *Postgres) silence(pid uint32) (wrong string) {
	p.looking.Lock()
	defer p.looking.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), p.opts.Patience)
	defer cancel()
	wrong, err := pgsession.WhySilent(ctx, p.lookout, pid)
	switch {
	case err != nil:
		return pgsession.Unanswered
	case wrong == pgsession.Locked:
		return ""
	}
	return wrong
}

// A refresh that has just ended holds the lock until its server process has noticed.
const (
	lockTries = 5
	lockPause = 100 * time.Millisecond
)

const (
	closePatience = 2 * time.Second
	watchEvery    = time.Second
)

// Watch returns sides.ErrLockLost as soon as the maintenance session is found gone, and nil when ctx ends.
// It may run beside every other method.
func (p *Postgres) Watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !p.alive(ctx) && ctx.Err() == nil {
			return sides.ErrLockLost
		}
	}
}

// alive asks the maintenance session for a sign of life, unless it is at work anyway.
// The ping does not end with ctx: an interrupted one would close the session that is to be kept.
func (p *Postgres) alive(ctx context.Context) bool {
	if !p.mu.TryLock() {
		return true
	}
	defer p.mu.Unlock()
	ping, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
	defer cancel()
	return !p.conn.IsClosed() && p.conn.Ping(ping) == nil
}

// exec runs statements on the maintenance session. Those of the target's databases are built from
// quoted names and literals, since utility statements take no parameters.
func (p *Postgres) exec(ctx context.Context, sql string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.conn.Exec(ctx, sql)
	return pgsession.Safe(err)
}
