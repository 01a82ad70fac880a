// Package postgres reads a loaded database again, so that package probe can look for values that must not be in it. It
// lists every relation that has rows, streams the rows with COPY, and returns every text of the system catalogs.
//
// The package changes nothing: its transactions are read-only. It knows no rules and no treatments. It also shares no
// code with the packages that read the source and wrote the rows, so that a fault in them cannot hide itself.
package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// Options say which database is read, and how.
type Options struct {
	Database string        // overrides the database of the URL, unless it is empty
	Patience time.Duration // how long a connection may be silent while the server does not work on its statement; 0 means 30 s
	MaxRow   int           // length in bytes of the longest row that is read whole. If a row is longer, each of its values that is longer than this is read in pieces. 0 means 32 MiB
}

// defaultMaxRow limits the memory that each reader needs for a row.
const defaultMaxRow = 32 << 20

// lockTimeout is how long a statement waits for a lock of somebody who changes the database.
const lockTimeout = 10 * time.Second

// loginAttempts is how often a login is tried while the server does not answer.
const loginAttempts = 4

// Database is one state of a database: all its sessions see the same snapshot.
type Database struct {
	url      string
	opt      Options
	snapshot string                  // identifier of the exported snapshot
	paths    map[catalog.Name]string // search paths that relations need, see planPaths

	holding sync.Mutex // held while the holder's session is in use
	holder  *pgx.Conn  // the session whose transaction exported the snapshot

	looking sync.Mutex
	lookout *pgx.Conn // a session that asks the server why another session is silent
}

// Open takes a snapshot of the database. Other sessions may go on writing. The caller closes the Database.
func Open(ctx context.Context, url string, o Options) (*Database, error) {
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	if o.MaxRow <= 0 {
		o.MaxRow = defaultMaxRow
	}
	d := &Database{url: url, opt: o}
	if err := d.open(ctx); err != nil {
		d.Close()
		return nil, fmt.Errorf("reading the loaded database: %w", err)
	}
	return d, nil
}

func (d *Database) open(ctx context.Context) (err error) {
	if d.lookout, err = pgsession.Connect(ctx, d.url, pgsession.Options{
		Name: "verify lookout", Database: d.opt.Database, ReadOnly: true, Attempts: loginAttempts,
	}); err != nil {
		return err
	}
	if d.holder, err = d.connect(ctx, 0); err != nil {
		return err
	}
	if _, err := d.holder.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return pgsession.Safe(err)
	}
	if err := d.holder.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&d.snapshot); err != nil {
		return pgsession.Safe(err)
	}
	d.paths, err = planPaths(ctx, d.holder)
	return pgsession.Safe(err)
}

// Close ends the sessions of the Database. Readers end with their own Close.
func (d *Database) Close() {
	d.holding.Lock()
	defer d.holding.Unlock()
	d.looking.Lock()
	defer d.looking.Unlock()
	closeSoon(d.holder)
	closeSoon(d.lookout)
	d.holder, d.lookout = nil, nil
}

// connect opens a session. A message of the server may have at most maxMessage bytes; 0 means the limit of the
// protocol.
func (d *Database) connect(ctx context.Context, maxMessage int) (*pgx.Conn, error) {
	return pgsession.Connect(ctx, d.url, pgsession.Options{
		Name: "verify", Database: d.opt.Database, ReadOnly: true, MaxMessage: maxMessage, Attempts: loginAttempts,
		LockTimeout: lockTimeout, Patience: d.opt.Patience, Silence: d.silence,
	})
}

// session opens a session with a transaction on the snapshot. The session uses no parallel workers. So a scan of a
// table gives the rows in the same order every time.
func (d *Database) session(ctx context.Context, maxMessage int) (*pgx.Conn, error) {
	conn, err := d.connect(ctx, maxMessage)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '%s'; "+
		"SET LOCAL max_parallel_workers_per_gather = 0", d.snapshot), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		closeSoon(conn)
		return nil, fmt.Errorf("joining the snapshot, which ends with the session that took it: %w", pgsession.Safe(err))
	}
	return conn, nil
}

// onHolder runs a function on the session that holds the snapshot.
func (d *Database) onHolder(f func(conn *pgx.Conn) error) error {
	d.holding.Lock()
	defer d.holding.Unlock()
	return pgsession.Safe(f(d.holder))
}

// silence is the pgsession.Silence of the sessions. It accepts a session that waits for a lock, because the lock
// timeout limits the wait.
func (d *Database) silence(pid uint32) (wrong string) {
	d.looking.Lock()
	defer d.looking.Unlock()
	if d.lookout == nil {
		return pgsession.Dropped
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.opt.Patience)
	defer cancel()
	wrong, err := pgsession.WhySilent(ctx, d.lookout, pid)
	switch {
	case err != nil:
		return pgsession.Unanswered
	case wrong == pgsession.Locked:
		return ""
	}
	return wrong
}

// closeSoon closes a connection. It waits at most a second, because perhaps the server does not answer.
func closeSoon(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the session has changed nothing, so an error does not matter
}
