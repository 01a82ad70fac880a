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
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// Options tune how a snapshot is read. The zero value is fit for production.
type Options struct {
	// LockPatience is how long somebody may wait behind our locks before Watch gives up; 0 means 1 s.
	// The application's own SELECTs queue behind the one who waits.
	LockPatience time.Duration
	// ChunkBytes is the size of an extent that every larger table is cut into; 0 cuts only the tables
	// that would keep one worker busy after the others are done, into 64 MiB.
	ChunkBytes int64
	// MaxRow is the size of the longest row that is read, in bytes of the wire; 0 means 1 GiB, PostgreSQL's own limit.
	MaxRow int
}

const (
	defaultPatience = time.Second
	defaultChunk    = 64 << 20
)

// Postgres is a consistent read of one live database. A holder session keeps the snapshot and
// an ACCESS SHARE lock on every table that holds rows, so that no TRUNCATE or rewrite can
// change what the snapshot sees. Every other session imports the snapshot.
type Postgres struct {
	url    string
	opt    Options
	tag    string    // application name all sessions of this snapshot share
	holder *pgx.Conn // in its transaction from Open to Close; being referenced keeps it from being collected

	holding sync.Mutex // guards holder's conversation

	database *catalog.Database
	facts    Facts
	locked   map[catalog.Name]bool
	own      own
}

// Facts are what the ledger records of a snapshot.
type Facts struct {
	SnapshotID  string
	LSN         string // position in the WAL; of the replay on a standby
	SystemID    string
	Database    string
	SessionUser string
	Standby     bool
	ClockOffset time.Duration // its clock less ours
}

// Open takes the snapshot: locks, catalog and all.
func Open(ctx context.Context, url string, o Options) (*Postgres, error) {
	if o.LockPatience <= 0 {
		o.LockPatience = defaultPatience
	}
	p := &Postgres{url: url, opt: o, tag: "source " + token()}
	holder, err := pgsession.Connect(ctx, url, pgsession.Options{Name: p.tag, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	p.holder = holder
	if err := p.take(ctx); err != nil {
		closeSoon(holder)
		return nil, err
	}
	return p, nil
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
func (p *Postgres) Facts() Facts { return p.facts }

// Close ends the snapshot and gives its locks back.
func (p *Postgres) Close() {
	p.holding.Lock()
	defer p.holding.Unlock()
	closeSoon(p.holder)
}

// session opens one more session on the snapshot.
func (p *Postgres) session(ctx context.Context, o pgsession.Options) (*pgx.Conn, error) {
	o.Name, o.ReadOnly = p.tag, true
	conn, err := pgsession.Connect(ctx, p.url, o)
	if err != nil {
		return nil, err
	}
	if err := begin(ctx, conn, p.facts.SnapshotID); err != nil {
		closeSoon(conn)
		if pgsession.Code(err) == "22023" || pgsession.Code(err) == "42704" {
			return nil, fmt.Errorf("the snapshot is gone: the session that held it ended, or the URL's name leads to several servers: %w", err)
		}
		return nil, err
	}
	return conn, nil
}

// Unchanged compares the shape as it is now with the snapshot's: a refresh of a database whose
// schema changed meanwhile would publish something that never was.
func (p *Postgres) Unchanged(ctx context.Context) error {
	now, err := Inspect(ctx, p.url)
	if err != nil {
		return err
	}
	if now.Fingerprint() != p.database.Fingerprint() {
		return fmt.Errorf("the schema of %s changed during the run: %s; run again", p.facts.Database, difference(p.database, now))
	}
	return nil
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
