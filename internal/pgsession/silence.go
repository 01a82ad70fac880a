package pgsession

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Silence is asked when nothing has come or gone on the connection of a server process for the patience of its session.
// It returns "" where the server still works on what the session asked for, else what is wrong.
type Silence func(pid uint32) (wrong string)

// What can be wrong with a connection that is silent.
const (
	Unanswered = "the server does not answer on another connection either: check the server and the network"
	Dropped    = "the server has nothing left to do: check the network, firewalls and proxies between"
	Locked     = "the server waits for a lock that another session holds: end that session"
)

// silentError says that a connection has been silent for longer than its patience.
type silentError struct {
	patience time.Duration
	wrong    string
}

func (e *silentError) Error() string { return e.text() }

// Timeout makes it a net.Error, the only kind that pgconn hands on from every place where it reads.
func (e *silentError) Timeout() bool   { return true }
func (e *silentError) Temporary() bool { return false }

func (e *silentError) text() string {
	return fmt.Sprintf("nothing moved on the connection for %v, and %s; then run again, or raise connection_patience", e.patience, e.wrong)
}

// patientConn ends a read or a write that has been silent for too long. TCP itself takes a quarter of an hour to
// notice that a network is gone, and never notices a proxy that no longer passes anything on. Locks would be held for as long.
type patientConn struct {
	net.Conn
	patience time.Duration
	silence  Silence // nil: silence alone is the end
	pid      atomic.Uint32

	mu      sync.Mutex
	asked   time.Time // deadline that pgconn set, to end what a context ended; zero for none
	reading time.Time // deadline that stands on the connection; zero where it has to be set
	writing time.Time
	over    error // what ended the connection; every later call returns it
}

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.ended(); err != nil {
		return 0, err
	}
	for {
		c.arm(&c.reading, c.Conn.SetReadDeadline)
		n, err := c.Conn.Read(b)
		if n > 0 || !c.silent(err) {
			return n, err
		}
		if err := c.judged(); err != nil {
			return 0, err
		}
	}
}

func (c *patientConn) Write(b []byte) (int, error) {
	if err := c.ended(); err != nil {
		return 0, err
	}
	written := 0
	for {
		c.arm(&c.writing, c.Conn.SetWriteDeadline)
		n, err := c.Conn.Write(b[written:])
		written += n
		if !c.silent(err) {
			return written, err
		}
		if n > 0 {
			continue
		}
		if err := c.judged(); err != nil {
			return written, err
		}
	}
}

// judged returns nil where the silence is that of a server at work.
func (c *patientConn) judged() error {
	wrong := Dropped
	if c.silence != nil {
		wrong = c.silence(c.pid.Load())
	}
	if wrong == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = &silentError{c.patience, wrong}
	return c.over
}

// ended is the error of a connection that was silent for too long before.
func (c *patientConn) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// arm sets the deadline of a read or a write to between one and one and a half times the patience from now. Most
// calls find one that is far enough away, and set none.
func (c *patientConn) arm(stands *time.Time, set func(time.Time) error) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.asked.IsZero() || stands.Sub(now) >= c.patience {
		return
	}
	*stands = now.Add(c.patience + c.patience/2)
	_ = set(*stands) // a connection that takes no deadline is closed, which the read or write says
}

// silent says whether an error is that of our own deadline. The next call sets a new one.
func (c *patientConn) silent(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(err, os.ErrDeadlineExceeded) || !c.asked.IsZero() {
		return false
	}
	c.reading, c.writing = time.Time{}, time.Time{}
	return true
}

// SetDeadline is how pgconn ends what a context ended. Its deadline stands before ours until it is taken back.
func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked, c.reading, c.writing = t, time.Time{}, time.Time{}
	return c.Conn.SetDeadline(t)
}

// limitSilence ends a session's connection when it has been silent for longer than patience. The function that it
// returns is told which server process is at the other end, once that is known.
func limitSilence(cfg *pgconn.Config, patience time.Duration, silence Silence) (at func(pid uint32)) {
	var mu sync.Mutex
	var last *patientConn
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		c := &patientConn{Conn: conn, patience: patience, silence: silence}
		mu.Lock()
		defer mu.Unlock()
		last = c
		return c, nil
	}
	return func(pid uint32) {
		mu.Lock()
		defer mu.Unlock()
		last.pid.Store(pid)
	}
}

// Ask is what a Silence asks of another session on the same server. The role has to be that of the silent session, or
// one that may see others' statements.
func Ask(ctx context.Context, conn *pgx.Conn, pid uint32) (wrong string, err error) {
	err = conn.QueryRow(ctx, `SELECT COALESCE((SELECT CASE WHEN a.state <> 'active' OR a.wait_event_type = 'Client' THEN $2
			WHEN a.wait_event_type = 'Lock' THEN $3 ELSE '' END FROM pg_catalog.pg_stat_get_activity($1) a), $2)`,
		int32(pid), Dropped, Locked).Scan(&wrong)
	return wrong, err
}
