// Package pgsession opens PostgreSQL sessions whose settings cannot change data,
// and turns what the server says into errors that carry no data.
//
// Every session of masker is opened here, and every error of pgx leaves through
// Safe. The package knows nothing of tables, plans or treatments.
package pgsession

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// MinVersion is the oldest server masker works with (server_version_num).
const MinVersion = 140000

// Options say what a session is for.
type Options struct {
	// Name completes application_name: "masker " + Name.
	Name string
	// ReadOnly makes every transaction of the session read-only; a source's sessions are.
	ReadOnly bool
	// Database replaces the database the URL names, where it is not empty.
	Database string
	// MaxMessage refuses a longer message of the server before it is buffered, 0 for the protocol's 1 GiB.
	MaxMessage int
	// Attempts is how often a login is tried that nobody answers in time, as where somebody holds pg_authid; 0 means once.
	Attempts int
	// LockTimeout is how long a statement may wait for a lock; 0 for as long as its context allows.
	LockTimeout time.Duration
	// Patience is how long the connection may be silent while an answer is due; 0 for as long as a statement's
	// context allows. The server is asked to notice a client that is gone within about the same time.
	Patience time.Duration
	// IdlePatience is how long a transaction may be idle before the server ends the session; 0 for as long as it likes.
	IdlePatience time.Duration
	// Silence is asked before the connection ends; nil where no statement of the session may be silent that long.
	Silence Silence
}

// connectTimeout bounds one attempt, unless the URL carries its own connect_timeout.
const connectTimeout = 15 * time.Second

// Connect opens a session and pins its settings. Its errors have passed Safe and never show the URL.
func Connect(ctx context.Context, url string, o Options) (*pgx.Conn, error) {
	cfg, err := config(url, o)
	if err != nil {
		return nil, err
	}
	connected := func(uint32) {}
	if o.Patience > 0 {
		connected = limitSilence(&cfg.Config, o.Patience, o.Silence)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	for try := 1; err != nil && try < o.Attempts && noAnswer(err) && ctx.Err() == nil; try++ {
		conn, err = pgx.ConnectConfig(ctx, cfg)
	}
	if err != nil {
		return nil, safeConnect(ctx, err, cfg.Host, cfg.Port)
	}
	connected(conn.PgConn().PID())
	if err := settle(ctx, conn, o); err != nil {
		closeNow(conn)
		return nil, err
	}
	return conn, nil
}

// config reads the URL; pgx fills what it leaves open from PGPASSWORD, the password file and the service file.
func config(url string, o Options) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// ParseConfigError quotes the URL, and redacts the password only as well as it can find it.
		return nil, &Error{Code: "08001", text: "the connection URL cannot be read; want postgres://user@host:port/database?sslmode=…, " +
			"with reserved characters percent-encoded (the URL is not shown: it may hold a password)"}
	}
	if o.Database != "" {
		cfg.Database = o.Database
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	name := "masker"
	if o.Name != "" {
		name += " " + o.Name
	}
	cfg.RuntimeParams["application_name"] = name
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	// pgx sends no simple query without it, and a database may set it off: it has to hold before the first query.
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		f := pgproto3.NewFrontend(r, w) // its 8 KiB read buffer is enough: COPY OUT was no faster with 64 or 256
		if o.MaxMessage > 0 {
			f.SetMaxBodyLen(o.MaxMessage)
		}
		return f
	}
	// A notice can quote data, and nobody reads it here.
	cfg.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	return cfg, nil
}

// settle checks the server's age and that no pooler stands between, then pins the settings.
func settle(ctx context.Context, conn *pgx.Conn, o Options) error {
	var version int
	var pid uint32
	err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, pg_backend_pid()`,
		pgx.QueryExecModeSimpleProtocol).Scan(&version, &pid)
	if err != nil {
		return Safe(err)
	}
	if version < MinVersion {
		return &Error{Code: "0A000", text: fmt.Sprintf("the server is PostgreSQL %d; masker needs 14 or newer", version/10000)}
	}
	if pid != conn.PgConn().PID() {
		return &Error{Code: "08001", text: "a connection pooler stands between masker and the server, and session settings, locks and " +
			"snapshots do not survive one; use the server's own host and port"}
	}
	return pin(ctx, conn, o)
}

// closeNow ends a connection without waiting for a server that may not answer.
func closeNow(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing was promised on it yet
}
