// Package source reads a live PostgreSQL in one exported snapshot. It returns rows as blocks of raw COPY data and does
// not look into them. It also reads the catalog, sequences, large objects and the schema of the same moment.
//
// The package must not disturb production. It never waits long in a lock queue. It gives up the snapshot if somebody
// waits too long for a lock that it holds. It never writes. Its errors contain no values.
package source

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Options say how a snapshot is read. The zero value is suitable for production.
type Options struct {
	// LockPatience is how long somebody may wait for locks of the snapshot. After that, masker gives up the snapshot,
	// because the application's own SELECTs wait behind the waiting session. 0 means 1 s.
	LockPatience time.Duration
	// ConnectionPatience is how long a connection may be silent while an answer is due. 0 means 30 s.
	ConnectionPatience time.Duration
	// Sessions is how many sessions Open opens beforehand for readers, in addition to its own.
	Sessions int
	// MaxRow is the maximum size of a row in bytes, as the server sends it. 0 means 1 GiB, which is PostgreSQL's limit.
	MaxRow int
	// PGDump says which pg_dump may be used.
	PGDump PGDump
	// Look is for callers that only check the source, and read no rows. With Look, the snapshot holds no locks on
	// tables. Only pg_dump locks them, while it runs. If it can, Open reads the catalog on two sessions at the same
	// time, and keeps the second one for readers.
	Look bool
	// Partial is for callers that need not see every table. With Partial, Open accepts a table that the role may not
	// read. Reading such a table is an error.
	Partial bool
	// Archive is for callers that will call Archive. pg_dump then reads the definitions while Open reads the catalog.
	Archive bool
}

const (
	defaultPatience   = time.Second
	defaultConnection = 30 * time.Second
	defaultChunk      = 64 << 20
)

// Postgres is a consistent read of one live database. The holder's session holds the snapshot, and an ACCESS SHARE lock
// on every table that can have rows. With Options.Look it holds no locks. The locks prevent TRUNCATE and rewrites,
// which would change what the snapshot sees. Every other session that reads rows imports the snapshot.
//
// A session holds a lock on a catalog only during the statement that reads the catalog. With a longer lock, a session
// that needs an exclusive lock on the catalog would wait, and every new login on the server would wait behind this
// session.
type Postgres struct {
	url      string
	opt      Options
	dump     sides.Program
	ahead    *dumping  // the pg_dump that Open started; nil if there is none
	tag      string    // the application name of all sessions of this snapshot
	holder   *pgx.Conn // the session that holds the snapshot; in the same transaction from Open to Close
	sessions sessions

	holding   sync.Mutex // held while the holder's session is in use
	holderEnd error      // the error with which the server ended the holder's session; guarded by holding

	watching sync.Mutex    // held while the watcher's session is in use
	watcher  *pgx.Conn     // the session of the watcher; it runs only queries that need not wait for locks
	watched  chan struct{} // closed when the watcher has ended
	verdict  error         // why the snapshot was given up; written before watched is closed
	unwatch  context.CancelFunc
	taken    atomic.Bool // the holder has all locks and the snapshot, and its transaction must not end
	close    sync.Once

	looking sync.Mutex // held while the session outside is in use
	outside *pgx.Conn  // a session outside the snapshot, which sees the schema as it is now; nil if there is none

	database *catalog.Database
	facts    sides.Snapshot
	locked   map[catalog.Name]bool   // tables that have rows, and tables whose partitions have them
	filters  map[catalog.Name]string // "WHERE …" for configuration tables of extensions; leaves out the rows that CREATE EXTENSION makes
	own      own
}

// Identify returns which database a URL leads to.
func Identify(ctx context.Context, url string) (id sides.Identity, err error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "identify"})
	if err != nil {
		return id, err
	}
	defer closeSoon(conn)
	err = conn.QueryRow(ctx, `SELECT (SELECT system_identifier::text FROM pg_control_system()), current_database()::text`).Scan(&id.SystemID, &id.Database)
	return id, pgsession.Safe(err)
}

// Open takes a snapshot: it locks the tables, exports the snapshot and reads the catalog. From the first lock on, a
// watcher checks whether somebody waits for the locks. Watch returns what the watcher finds.
func Open(ctx context.Context, url string, o Options) (*Postgres, error) {
	if o.LockPatience <= 0 {
		o.LockPatience = defaultPatience
	}
	if o.ConnectionPatience <= 0 {
		o.ConnectionPatience = defaultConnection
	}
	p := &Postgres{url: url, opt: o, tag: "source " + token(), watched: make(chan struct{})}
	p.sessions.open = map[uint32]func(context.Context){}
	if err := p.open(ctx); err != nil {
		err = p.sessions.why(err)
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Postgres) open(ctx context.Context) (err error) {
	if p.watcher, err = p.connect(ctx, pgsession.Options{Silence: bounded}); err != nil {
		close(p.watched)
		return err
	}
	if p.holder, err = p.connect(ctx, pgsession.Options{Silence: p.silence}); err != nil {
		close(p.watched)
		return err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.unwatch = stop
	go p.watch(watching)
	version, err := serverVersion(ctx, p.holder)
	if err != nil {
		return err
	}
	if p.dump, err = p.opt.PGDump.choose(ctx, version/10000); err != nil {
		return err
	}
	logins, stop := context.WithCancel(ctx)
	defer stop()
	opened := make(chan error, 1)
	go func() { opened <- p.openBeforehand(logins) }()
	if err := p.take(ctx); err != nil {
		stop()
		<-opened
		return err
	}
	p.taken.Store(true)
	return <-opened
}

func serverVersion(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	return version, pgsession.Safe(err)
}

// token returns a random name that distinguishes the sessions of this snapshot in pg_stat_activity. It is not a secret,
// and no result depends on it.
func token() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return hex.EncodeToString(b[:])
}

// Catalog returns the catalog of the database in the snapshot.
func (p *Postgres) Catalog() *catalog.Database { return p.database }

// SnapshotID returns the identifier of the exported snapshot.
func (p *Postgres) SnapshotID() string { return p.facts.SnapshotID }

// LSN returns the position in the write-ahead log (WAL) at which the snapshot was taken.
func (p *Postgres) LSN() string { return p.facts.LSN }

// Facts returns the facts about the snapshot that the ledger records.
func (p *Postgres) Facts() sides.Snapshot { return p.facts }

// PGDump returns the pg_dump that Archive runs.
func (p *Postgres) PGDump() sides.Program { return p.dump }

// Close ends the snapshot and releases its locks. Any goroutine may call it, and more than once.
func (p *Postgres) Close() {
	p.close.Do(func() {
		p.taken.Store(false)
		p.ahead.end()
		if p.unwatch != nil {
			p.unwatch()
		}
		if p.holder != nil {
			p.holding.Lock()
			p.leave(p.holder)
			p.holding.Unlock()
			p.terminate([]int32{int32(p.holder.PgConn().PID())}) // perhaps the server has not noticed the end
		}
		p.closeSpare()
		<-p.watched
		for _, conn := range []*pgx.Conn{p.outside, p.watcher} {
			if conn != nil {
				p.leave(conn)
			}
		}
		p.sessions.end(errClosed, 0)
	})
}

var errClosed = errors.New("the snapshot is gone: it was closed")

// Abandon ends every session at once, whatever it is doing, so that no session of the snapshot is left on the server.
// Every call that is using the snapshot fails. The error why is the reason.
func (p *Postgres) Abandon(why error) { p.giveUp(why) }

// Unchanged returns an error if the schema has changed since the snapshot. A refresh reads some things from outside the
// snapshot. If the schema changed during the run, the target could get a state that the source never had.
func (p *Postgres) Unchanged(ctx context.Context) error {
	now, err := p.shapeNow(ctx)
	if err != nil {
		return p.Explain(err)
	}
	if now.Fingerprint() != p.database.Fingerprint() {
		return fmt.Errorf("the schema of %s changed during the run: %s; run again", p.facts.Database, difference(p.database, now))
	}
	if !slices.Equal(now.SchemaVersions, p.database.SchemaVersions) {
		// A lock on a table does not stop a renaming of its schema. While the schema had another name, the table's old
		// name may have belonged to another table.
		return fmt.Errorf("a schema of %s was changed during the run, so rows may be those of other tables; run again", p.facts.Database)
	}
	return nil
}

// shapeNow reads the shape of the database as it is now. It uses the session outside if there is one, and otherwise a
// new session.
func (p *Postgres) shapeNow(ctx context.Context) (*catalog.Database, error) {
	if p.outside == nil {
		conn, err := connectOnce(ctx, p.url, pgsession.Options{Name: "inspect"})
		if err != nil {
			return nil, err
		}
		defer closeSoon(conn)
		return inspect(ctx, conn, readShape)
	}
	p.looking.Lock()
	defer p.looking.Unlock()
	return inspect(ctx, p.outside, readShape)
}

// difference describes the first table that is different.
func difference(before, now *catalog.Database) string {
	for _, t := range before.Tables {
		other := now.Table(t.Name)
		if other == nil {
			return fmt.Sprintf("table %s is gone", t.Name)
		}
		if single(t) != single(other) {
			return fmt.Sprintf("table %s is different", t.Name)
		}
	}
	for _, t := range now.Tables {
		if before.Table(t.Name) == nil {
			return fmt.Sprintf("table %s is new", t.Name)
		}
	}
	return "an object that is not a table, or a foreign key, is different"
}

// single returns the fingerprint of one table.
func single(t *catalog.Table) string {
	return (&catalog.Database{Tables: []*catalog.Table{t}}).Fingerprint()
}
