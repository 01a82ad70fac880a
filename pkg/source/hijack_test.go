package source_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/masker-project/masker/pkg/source"
)

// slowConn is a connection whose writes can be slow. If slow is set, a write ends only when two reads have begun since.
// The first read gets the answer, and the second one waits for more.
type slowConn struct {
	net.Conn
	slow  atomic.Bool
	reads chan struct{}
}

func (c *slowConn) Read(b []byte) (int, error) {
	if c.slow.Load() {
		c.reads <- struct{}{}
	}
	return c.Conn.Read(b)
}

func (c *slowConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.slow.Load() {
		<-c.reads
		<-c.reads
		c.slow.Store(false)
	}
	return n, err
}

// F10: on a busy machine a write can take long. Then pgx reads in the background, and its read may still wait when
// pg_dump gets the session. No byte of the first answer may be lost.
func TestF10ALentSessionLosesNoAnswer(t *testing.T) {
	cfg, err := pgx.ParseConfig(server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	var slow *slowConn
	direct := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := direct(ctx, network, addr)
		slow = &slowConn{Conn: conn, reads: make(chan struct{}, 2)}
		return slow, err
	}
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	slow.slow.Store(true)
	if err := conn.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	lent, err := source.Hijack(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	defer lent.Conn.Close()
	if err := lent.Conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answers := pgproto3.NewFrontend(lent.Conn, lent.Conn)
	answers.SendQuery(&pgproto3.Query{String: "SELECT 1"})
	if err := answers.Flush(); err != nil {
		t.Fatal(err)
	}
	first, err := answers.Receive()
	if err != nil {
		t.Fatalf("the answer does not arrive: %v", err)
	}
	if _, ok := first.(*pgproto3.RowDescription); !ok {
		t.Errorf("the answer begins with %T", first)
	}
}
