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

// Silence is called when a connection has transferred no byte for the patience of its session. The argument pid is the
// id of the session's server process. Silence returns "" if the server still works on the session's statement.
// Otherwise it returns what is wrong.
type Silence func(pid uint32) (wrong string)

// The reasons why a connection can be silent although it should not be.
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

// Timeout makes silentError a net.Error. In some places, pgconn returns an error of a read only if
// the error is a net.Error.
func (e *silentError) Timeout() bool   { return true }
func (e *silentError) Temporary() bool { return false }

func (e *silentError) text() string {
	return fmt.Sprintf("nothing moved on the connection for %v, and %s; then run again, or raise connection_patience", e.patience, e.wrong)
}

// patientConn is a connection that fails after it has been silent for too long. TCP needs a quarter of an hour to
// notice that the network is gone. TCP never notices that a proxy passes no bytes on. Without patientConn, masker would
// hold its locks during this time.
type patientConn struct {
	net.Conn
	patience time.Duration
	silence  Silence // nil if every silence is a failure
	pid      atomic.Uint32

	mu            sync.Mutex
	ctxDeadline   time.Time // the deadline that pgconn set because a context ended; zero for none
	readDeadline  time.Time // the deadline that patientConn has set; zero if it has to set one
	writeDeadline time.Time
	failure       error // why the connection failed; every later call returns it
}

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.failed(); err != nil {
		return 0, err
	}
	for {
		c.arm(&c.readDeadline, c.Conn.SetReadDeadline)
		n, err := c.Conn.Read(b)
		if n > 0 || !c.timedOut(err) {
			return n, err
		}
		wrong := c.wrong()
		if wrong == "" {
			continue
		}
		c.lastChance(c.Conn.SetReadDeadline)
		if n, err := c.Conn.Read(b); n > 0 || !c.timedOut(err) {
			return n, err
		}
		return 0, c.fail(wrong)
	}
}

func (c *patientConn) Write(b []byte) (int, error) {
	if err := c.failed(); err != nil {
		return 0, err
	}
	written := 0
	for {
		c.arm(&c.writeDeadline, c.Conn.SetWriteDeadline)
		n, err := c.Conn.Write(b[written:])
		written += n
		if !c.timedOut(err) {
			return written, err
		}
		if n > 0 {
			continue
		}
		wrong := c.wrong()
		if wrong == "" {
			continue
		}
		c.lastChance(c.Conn.SetWriteDeadline)
		n, err = c.Conn.Write(b[written:])
		written += n
		if !c.timedOut(err) {
			return written, err
		}
		if n == 0 {
			return written, c.fail(wrong)
		}
	}
}

// wrong says what is wrong about a silence that was too long, or "" if the server is at work.
func (c *patientConn) wrong() string {
	if c.silence == nil {
		return Dropped
	}
	return c.silence(c.pid.Load())
}

// lastChance sets a short deadline for one more call. The server may have finished the statement just before masker
// asked what it does. The answer is then on the way.
func (c *patientConn) lastChance(set func(time.Time) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctxDeadline.IsZero() {
		_ = set(time.Now().Add(c.patience / 10)) // fails only on a closed connection; then the call fails too
	}
}

// fail lets the connection fail, now and in every later call.
func (c *patientConn) fail(wrong string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failure = &silentError{c.patience, wrong}
	return c.failure
}

// failed returns the error of a connection that has failed before, or nil if it has not failed.
func (c *patientConn) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure
}

// arm makes sure that a read or a write has at least the patience of the connection until its deadline. If it has less,
// arm sets a new deadline, after one and a half times the patience. So most calls need not set one.
func (c *patientConn) arm(deadline *time.Time, set func(time.Time) error) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ctxDeadline.IsZero() || deadline.Sub(now) >= c.patience {
		return
	}
	*deadline = now.Add(c.patience + c.patience/2)
	_ = set(*deadline) // fails only on a closed connection; then the read or write fails too
}

// timedOut reports whether an error comes from a deadline that patientConn set. The next call of arm then sets a new
// one.
func (c *patientConn) timedOut(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(err, os.ErrDeadlineExceeded) || !c.ctxDeadline.IsZero() {
		return false
	}
	c.readDeadline, c.writeDeadline = time.Time{}, time.Time{}
	return true
}

// SetDeadline sets a deadline for pgconn. With deadlines, pgconn ends a read or a write when a context ends.
// patientConn sets no deadline of its own until pgconn removes its deadline.
func (c *patientConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ctxDeadline, c.readDeadline, c.writeDeadline = t, time.Time{}, time.Time{}
	return c.Conn.SetDeadline(t)
}

// limitSilence changes cfg, so that a connection fails when it has been silent for longer than patience. As soon as the
// caller knows the id of the server process, it passes the id to the returned function.
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

// WhySilent asks the server, on another session, what the process of a silent session does. The result wrong is "" if
// the process is at work. Otherwise it is Dropped or Locked. The role of conn must be the role of the silent session,
// or a role that may see the statements of other roles.
func WhySilent(ctx context.Context, conn *pgx.Conn, pid uint32) (wrong string, err error) {
	err = conn.QueryRow(ctx, `SELECT COALESCE((SELECT CASE WHEN a.state <> 'active' OR a.wait_event_type = 'Client' THEN $2
			WHEN a.wait_event_type = 'Lock' THEN $3 ELSE '' END FROM pg_catalog.pg_stat_get_activity($1) a), $2)`,
		int32(pid), Dropped, Locked).Scan(&wrong)
	return wrong, err
}
