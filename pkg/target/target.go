// Package target replaces a PostgreSQL database. It builds a new database, the shadow, beside the old one. Then it
// publishes the shadow in one transaction, or drops it.
//
// Open holds the target with an advisory lock. The lock belongs to one session in a fixed maintenance database, and
// ends with this session. The publishing transaction runs on the same session, so a run that has lost its lock cannot
// publish.
//
// The package treats no values and reads no source. It changes a database only if masker made it, or if the
// configuration adopts it by name. Its errors have names and SQLSTATEs, but never the server's own text.
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
	Maintenance  string      // database of the lock, the same for every refresh on this server; "" for "postgres"
	Adopt        string      // "systemid/dbname" of a database that masker may replace although masker did not make it
	KeepPrevious int         // number of previous databases that Prune keeps
	Template     bool        // the caller makes a template for branches
	Proof        sides.Proof // says which databases masker made; with nil, masker replaces only a database that is adopted

	// Look is for callers that only check the target, and do not refresh it. Open then takes no lock and writes
	// nothing.
	Look bool
	// Source is the database that the rows come from. If the target is the same database, Open refuses it before any
	// other check.
	Source sides.Identity

	// Jobs is the number of sessions that build indexes, constraints, materialized views and statistics. 0 means 2.
	Jobs int

	// Patience is how long masker waits for data on a connection while the server works on no statement. After that the
	// connection counts as lost. Patience also limits how long a statement waits for a lock. 0 means 30 s.
	Patience time.Duration

	Progress func(phase, object string) // called from several goroutines; nil for none
	Note     func(text string)          // called at once with what the operator should know; nil for none
	Fault    func(point string)         // called at points where tests kill the process; nil in production
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
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Fault == nil {
		o.Fault = func(string) {}
	}
	return o
}

// Postgres is a target that Open has opened. Except for Watch, only one goroutine at a time may call its methods.
type Postgres struct {
	url  string
	opts Options
	name string // the target database

	mu   sync.Mutex // conn is shared with Watch
	conn *pgx.Conn  // the maintenance session, which holds the lock and publishes

	looking sync.Mutex // held while lookout is in use
	lookout *pgx.Conn  // a session for questions about other sessions, such as why one is silent

	server server
	old    *existing // the database to replace; nil if there is none

	published string // the run that made old, if that is proven; else ""
	template  uint32 // OID of the template that Publish has named, or 0
}

// server is the facts about the target's server and masker's role there.
type server struct {
	version       int // the setting server_version_num
	systemID      string
	role          string
	superuser     bool
	reachesServer bool // the role may start programs, or use files, as the server
	createDB      bool
	canSignal     bool
	seesAll       bool // row security hides no rows from the role
	recovery      bool
}

// existing is a database on the target's server.
type existing struct {
	name      string
	oid       uint32
	owner     string
	comment   string
	canOwn    bool // masker's role has the privileges of the owner
	connLimit int
	allowConn bool
}

// Open connects to the maintenance database and takes the target's lock. It refuses a target that must not be replaced.
// The URL names the database to replace, which need not exist.
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

// databaseOf returns the name of the database in a URL.
func databaseOf(url string) (string, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", errors.New("the target's URL cannot be read; want postgres://user@host:port/database (the URL is not shown: it may hold a password)")
	}
	if cfg.Database == "" {
		return "", errors.New("the target's URL names no database; add /database to it")
	}
	return cfg.Database, nil
}

// prepare checks the target and takes its lock.
func (p *Postgres) prepare(ctx context.Context) error {
	if err := p.readServer(ctx); err != nil {
		return err
	}
	if err := p.notTheSource(p.opts.Source); err != nil {
		return err
	}
	if err := p.checkServer(ctx); err != nil {
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

// lock takes the advisory lock of the target, which only one session can hold.
func (p *Postgres) lock(ctx context.Context) error {
	sum := sha256.Sum256([]byte("masker target " + p.name))
	key := int64(binary.BigEndian.Uint64(sum[:8])) // any 64 bits of the hash are good enough
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

// lockedBy describes the session that holds the target's lock, and since when. The session takes the lock as soon as it
// is connected, so lockedBy returns the time of the connection. It leaves out facts that the role cannot see.
func (p *Postgres) lockedBy(ctx context.Context, key int64) string {
	var pid int32
	var role, application, address string
	var since *time.Time
	p.looking.Lock()
	defer p.looking.Unlock()
	err := p.lookout.QueryRow(ctx, `SELECT a.pid, COALESCE(a.usename, '')::text, COALESCE(a.application_name, ''), COALESCE(host(a.client_addr), ''), a.backend_start
		FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid::int8 = $1 AND l.objid::int8 = $2 LIMIT 1`, int64(uint32(uint64(key)>>32)), int64(uint32(key))).
		Scan(&pid, &role, &application, &address, &since)
	if err != nil {
		return ""
	}
	text := fmt.Sprintf(" (process %d of role %s, application %q", pid, role, application)
	if address != "" {
		text += ", from " + address
	}
	if since != nil {
		text += ", since " + since.UTC().Format(time.RFC3339)
	}
	if !strings.HasPrefix(application, "masker") {
		text += "; it is not masker, so end that session"
	}
	return text + ")"
}

// Name returns the name of the database to replace.
func (p *Postgres) Name() string { return p.name }

// SystemID returns the system identifier of the target's server.
func (p *Postgres) SystemID() string { return p.server.systemID }

// Role returns the role that masker connects as.
func (p *Postgres) Role() string { return p.server.role }

// ReachesServer reports whether code that runs as the role may start programs on the server's machine, or read or write
// its files. The role is then a superuser, or a member of one of PostgreSQL's own roles for this.
func (p *Postgres) ReachesServer() bool { return p.server.reachesServer }

// MaySignal reports whether the role may end sessions of other roles, which is necessary to replace a database.
func (p *Postgres) MaySignal() bool { return p.server.canSignal }

// Version returns server_version_num of the target's server.
func (p *Postgres) Version() int { return p.server.version }

// Close ends the sessions. The end of the maintenance session releases the lock.
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

// loginAttempts is how often a login is tried while the server does not answer. For example, the server does not answer
// while somebody holds a lock on pg_authid. A refresh that has loaded all rows should not fail because of such a lock.
const loginAttempts = 4

// connect opens a session on the target's server. The session fails if its connection is silent for longer than
// Options.Patience.
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

// silence is the value of Silence in the options of the sessions. It accepts a session that waits for a lock, because
// the lock timeout limits the wait.
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

// How often lock tries, and the pause between two attempts. After a refresh has ended, its server process may need a
// moment to release the lock.
const (
	lockTries = 5
	lockPause = 100 * time.Millisecond
)

const (
	closePatience = 2 * time.Second
	watchEvery    = time.Second
)

// Watch checks every second whether the maintenance session still exists. It returns sides.ErrLockLost if the session
// is gone, and nil when ctx ends. It may run at the same time as every other method.
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

// alive reports whether the maintenance session exists. If the session is in use, alive returns true. Otherwise it
// sends a ping. The ping does not end with ctx, because pgx would then close the session.
func (p *Postgres) alive(ctx context.Context) bool {
	if !p.mu.TryLock() {
		return true
	}
	defer p.mu.Unlock()
	ping, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
	defer cancel()
	return !p.conn.IsClosed() && p.conn.Ping(ping) == nil
}

// execAll runs statements one after another, and stops at the first error.
func (p *Postgres) execAll(ctx context.Context, statements []string) error {
	for _, sql := range statements {
		if err := p.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// exec runs statements on the maintenance session. Callers build them from quoted names and literals, because utility
// statements take no parameters.
func (p *Postgres) exec(ctx context.Context, sql string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.conn.Exec(ctx, sql)
	return pgsession.Safe(err)
}
