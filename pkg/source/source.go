// Package source reads snapshots: a live PostgreSQL under one exported snapshot. It
// streams rows as raw COPY blocks and never looks into them, and it reads the catalog,
// sequences, large objects and the DDL of the same moment.
//
// It must not hurt production: it never waits in a lock queue, and ends when somebody
// waits behind it. It never writes. No error of it carries a value.
package source

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Options tune how a snapshot is read. The zero value is fit for production.
type Options struct {
	// LockPatience is how long somebody may wait behind our locks before Watch gives up; 0 means 1 s.
	// The application's own SELECTs queue behind the one who waits.
	LockPatience time.Duration
	// ConnectionPatience is how long a connection may be silent while an answer is due; 0 means 30 s.
	ConnectionPatience time.Duration
	// Sessions is how many sessions on the snapshot Open opens beforehand, besides its own.
	Sessions int
	// MaxRow is the size of the longest row that is read, in bytes of the wire; 0 means 1 GiB, PostgreSQL's own limit.
	MaxRow int
	// PGDump says which pg_dump may be used.
	PGDump PGDump
	// Look takes no lock and exports no snapshot: for who asks what a refresh would meet, and reads no row.
	Look bool
}

const (
	defaultPatience   = time.Second
	defaultConnection = 30 * time.Second
	defaultChunk      = 64 << 20
)

// Postgres is a consistent read of one live database. A holder session keeps the snapshot and
// an ACCESS SHARE lock on every table that holds rows, so that no TRUNCATE or rewrite can
// change what the snapshot sees. Every other session imports the snapshot.
//
// No session keeps a lock on a catalog beyond the statement that read it: whoever wanted one for itself would wait,
// and every new login of the server behind it.
type Postgres struct {
	url      string
	opt      Options
	dump     sides.Program
	tag      string    // application name all sessions of this snapshot share
	holder   *pgx.Conn // in its transaction from Open to Close; being referenced keeps it from being collected
	sessions sessions

	holding sync.Mutex // guards holder's conversation

	watching sync.Mutex    // guards watcher's conversation
	watcher  *pgx.Conn     // asks the lock table, and nothing that could wait
	watched  chan struct{} // closed when the watcher has ended
	verdict  error         // why the snapshot was given up; written before watched is closed
	unwatch  context.CancelFunc
	taken    atomic.Bool // the holder is in its transaction for good
	close    sync.Once

	looking sync.Mutex // guards outside's conversation
	outside *pgx.Conn  // not on the snapshot: sees the schema as it is now

	database *catalog.Database
	facts    sides.Snapshot
	locked   map[catalog.Name]bool   // tables that hold rows, and those whose partitions do
	filters  map[catalog.Name]string // of configuration tables of extensions: "WHERE …", the rows CREATE EXTENSION does not make by itself
	own      own
}

// Identify asks a server which database a URL leads to.
func Identify(ctx context.Context, url string) (id sides.Identity, err error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "identify"})
	if err != nil {
		return id, err
	}
	defer closeSoon(conn)
	err = conn.QueryRow(ctx, `SELECT (SELECT system_identifier::text FROM pg_control_system()), current_database()::text`).Scan(&id.SystemID, &id.Database)
	return id, pgsession.Safe(err)
}

// Open takes the snapshot: locks, catalog and all. From its first lock on, a watcher looks who waits; Watch tells what
// it finds.
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
	if err := p.take(ctx); err != nil {
		return err
	}
	p.taken.Store(true)
	if p.dump, err = p.opt.PGDump.choose(ctx, p.database.Version/10000); err != nil {
		return err
	}
	if p.opt.Sessions == 0 {
		return nil
	}
	if p.outside, err = p.connect(ctx, pgsession.Options{Silence: p.silence}); err != nil {
		return err
	}
	return p.openBeforehand(ctx)
}

// token tells the sessions of one snapshot from all others in pg_stat_activity. It is no secret and no result depends on it.
func token() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Catalog is the shape of the database under the snapshot.
func (p *Postgres) Catalog() *catalog.Database { return p.database }

// SnapshotID is the exported snapshot's name.
func (p *Postgres) SnapshotID() string { return p.facts.SnapshotID }

// LSN is the WAL position the snapshot was taken at.
func (p *Postgres) LSN() string { return p.facts.LSN }

// Facts are what the ledger records.
func (p *Postgres) Facts() sides.Snapshot { return p.facts }

// PGDump is the pg_dump that Archive runs.
func (p *Postgres) PGDump() sides.Program { return p.dump }

// Close ends the snapshot and gives its locks back. It may be called from any goroutine, and again.
func (p *Postgres) Close() {
	p.close.Do(func() {
		p.taken.Store(false)
		if p.unwatch != nil {
			p.unwatch()
		}
		if p.holder != nil {
			p.holding.Lock()
			p.leave(p.holder)
			p.holding.Unlock()
			p.terminate([]int32{int32(p.holder.PgConn().PID())}) // its connection may pass nothing on
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

// Abandon ends every session at once, whatever it does, so that nothing of the snapshot is left on the server.
// Whatever was asked of it fails with this reason.
func (p *Postgres) Abandon(why error) { p.giveUp(why) }

// Unchanged compares the shape as it is now with the snapshot's: a refresh of a database whose
// schema changed meanwhile would publish something that never was.
func (p *Postgres) Unchanged(ctx context.Context) error {
	now, err := p.shapeNow(ctx)
	if err != nil {
		return p.sessions.why(err)
	}
	if now.Fingerprint() != p.database.Fingerprint() {
		return fmt.Errorf("the schema of %s changed during the run: %s; run again", p.facts.Database, difference(p.database, now))
	}
	return nil
}

// shapeNow reads the catalog as it is now, on the session opened for it where there is one.
func (p *Postgres) shapeNow(ctx context.Context) (*catalog.Database, error) {
	if p.outside == nil {
		return Inspect(ctx, p.url)
	}
	p.looking.Lock()
	defer p.looking.Unlock()
	return inspect(ctx, p.outside)
}

// difference names the first table that is not the same, for a person to look at.
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

func single(t *catalog.Table) string {
	return (&catalog.Database{Tables: []*catalog.Table{t}}).Fingerprint()
}
