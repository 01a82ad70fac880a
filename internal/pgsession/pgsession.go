// Package pgsession opens PostgreSQL sessions with fixed settings, so that no setting of a role or a database changes
// how values look. It also turns the errors of a server into errors that contain no data.
//
// masker opens every session here, and passes every error of pgx through Safe. The package has nothing to do with
// tables, plans or treatments.
package pgsession

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// MinVersion is the oldest server version that masker works with, as in server_version_num.
const MinVersion = 140000

// Options say what a session is for.
type Options struct {
	// Name is the second part of application_name, which is "masker " + Name.
	Name string
	// ReadOnly makes every transaction of the session read-only. The sessions of a source are read-only.
	ReadOnly bool
	// Database overrides the database in the URL, unless it is empty.
	Database string
	// MaxMessage is the maximum length in bytes of a message from the server. A longer message is an error, and is not
	// read into memory. 0 stands for the protocol's limit of 1 GiB.
	MaxMessage int
	// Attempts is how often Connect tries to log in while the server does not answer in time. A server does not answer,
	// for example, while somebody holds a lock on pg_authid. 0 means once.
	Attempts int
	// LockTimeout is how long a statement may wait for a lock. 0 means that only the context limits the wait.
	LockTimeout time.Duration
	// Patience is how long the connection may be silent while an answer is due. 0 means that only the context limits
	// the wait. If Patience is set, the server also notices within about the same time that the client is gone.
	Patience time.Duration
	// IdlePatience is how long a transaction may be idle before the server ends the session. 0 means no limit.
	IdlePatience time.Duration
	// Silence decides whether a connection has failed when it was silent for longer than Patience. If Silence is nil,
	// every such connection has failed.
	Silence Silence
}

// connectTimeout limits each attempt to connect, unless the URL has its own connect_timeout.
const connectTimeout = 15 * time.Second

// readSize is how many bytes from a server masker reads in one system call, if so many have arrived.
const readSize = 64 << 10

// Connect opens a session and sets its settings. Its errors never show the URL or data.
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
	if err := prepare(ctx, conn, o); err != nil {
		closeNow(conn)
		return nil, err
	}
	return conn, nil
}

// config parses the URL. If parts are missing in the URL, pgx takes them from PGPASSWORD and other PG* environment
// variables, from the password file and from the service file.
func config(url string, o Options) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// pgx's error quotes the URL. pgx removes the password from this text only if it can find the password in the
		// URL.
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
	// pgx sends no simple query if this setting is off, and a database may turn it off. So the setting must be on
	// before the first query.
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		f := pgproto3.NewFrontend(bufio.NewReaderSize(r, readSize), w) // alone, it reads at most 8 KiB in one system call
		if o.MaxMessage > 0 {
			f.SetMaxBodyLen(o.MaxMessage)
		}
		return f
	}
	// A notice can quote data, and masker does not need notices.
	cfg.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	return cfg, nil
}

// prepare checks that the server is new enough, and that there is no connection pooler between masker and the server.
// Then it sets the settings. Until then, the search path is that of the role or the database. So prepare writes every
// name with its schema. Without schemas, the session could run functions of others that come first in this search path.
func prepare(ctx context.Context, conn *pgx.Conn, o Options) error {
	var version int
	var pid uint32
	err := conn.QueryRow(ctx, `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4, pg_catalog.pg_backend_pid()`,
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

// closeNow closes a connection. It waits at most a second, because perhaps the server does not answer.
func closeNow(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing depends on this session yet
}
