// Package faultproxy is a TCP relay on loopback that fails on demand. It can close or reset its connections, and it can
// be slow. It can also stop passing bytes on, like a firewall that has forgotten a connection.
//
// Only tests import it.
package faultproxy

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"time"
)

// Failure is a way to fail.
type Failure string

// The ways to fail.
const (
	Stall Failure = "stall" // all connections pass nothing on, and none is closed
	Cut   Failure = "cut"   // all connections are closed. New ones work
	Reset Failure = "reset" // the connection that passes the byte is reset. All others work
	Slow  Failure = "slow"  // all connections pass on slowPiece bytes in slowPause
)

// Failures lists the ways to fail.
func Failures() []Failure { return []Failure{Stall, Cut, Reset, Slow} }

const (
	slowPiece = 2 << 10
	slowPause = time.Millisecond
)

// Proxy relays TCP connections to one server.
type Proxy struct {
	listener net.Listener
	server   string // host:port
	tasks    sync.WaitGroup

	mu      sync.Mutex
	changed *sync.Cond // signals every change of the fields below
	stalled bool
	only    int // the number of the connection to stall, from 1; 0 stalls all
	last    int // the number of the newest connection, from 1
	closed  bool
	open    map[net.Conn]bool
	passed  int64   // bytes in both directions
	failure Failure // happens when passed exceeds after; "" for none
	after   int64
	slow    bool
}

// Start listens on a free port of loopback until Close. The argument server is HOST:PORT.
func Start(ctx context.Context, server string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, server: server, open: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.tasks.Go(p.accept)
	return p, nil
}

// Addr returns the proxy's host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL returns a URL that leads to the same database as direct, but through the proxy.
func (p *Proxy) URL(direct string) (string, error) {
	u, err := url.Parse(direct)
	if err != nil {
		return "", errors.New("the URL cannot be read")
	}
	u.Host = p.Addr()
	return u.String(), nil
}

// Stall stops passing bytes on, in both directions, and closes nothing. The proxy still accepts new connections, but
// passes nothing on for these connections either.
func (p *Proxy) Stall() { p.change(func() { p.stalled, p.only = true, 0 }) }

// StallOnly stalls one connection. The argument number is its place in the order in which connections arrived, from 1.
func (p *Proxy) StallOnly(number int) { p.change(func() { p.stalled, p.only = true, number }) }

// Connections returns the number of connections so far.
func (p *Proxy) Connections() (n int) {
	p.change(func() { n = p.last })
	return n
}

// FailAfter lets the proxy fail once, as soon as it gets more than this many bytes in all, in both directions.
func (p *Proxy) FailAfter(bytes int64, f Failure) { p.change(func() { p.failure, p.after = f, bytes }) }

// Passed returns the number of bytes in both directions so far.
func (p *Proxy) Passed() (bytes int64) {
	p.change(func() { bytes = p.passed })
	return bytes
}

// Failed reports whether the failure of FailAfter has happened. It also returns true if FailAfter was never called.
func (p *Proxy) Failed() (failed bool) {
	p.change(func() { failed = p.failure == "" })
	return failed
}

// Resume ends a stall. The proxy passes on the bytes that it held back.
func (p *Proxy) Resume() { p.change(func() { p.stalled, p.only = false, 0 }) }

// CutPort closes one connection. The argument port is the client's port as the server sees it, such as client_port in
// pg_stat_activity.
func (p *Proxy) CutPort(port int) {
	p.change(func() {
		for c := range p.open {
			if at, ok := c.LocalAddr().(*net.TCPAddr); ok && at.Port == port {
				_ = c.Close() // the relay then closes its other side
			}
		}
	})
}

// Cut closes every open connection.
func (p *Proxy) Cut() { p.change(p.closeAll) }

func (p *Proxy) closeAll() {
	for c := range p.open {
		_ = c.Close()
	}
}

// Close stops the proxy, closes every connection and waits for the goroutines to end.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.change(func() { p.closed = true })
	p.Cut()
	p.tasks.Wait()
}

func (p *Proxy) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	p.changed.Broadcast()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.tasks.Go(func() { p.relay(client) })
	}
}

func (p *Proxy) relay(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	number := 0
	p.change(func() {
		p.last++
		number = p.last
		p.open[client], p.open[server] = true, true
		if p.closed {
			_, _ = client.Close(), server.Close()
		}
	})
	var both sync.WaitGroup
	both.Go(func() { p.pass(server, client, number) })
	both.Go(func() { p.pass(client, server, number) })
	both.Wait()
	p.change(func() {
		delete(p.open, client)
		delete(p.open, server)
	})
}

// pass copies bytes from one connection to the other until one of them ends. Then it closes both connections.
func (p *Proxy) pass(to, from net.Conn, number int) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if !p.mayPass(to, from, n, number) {
			return
		}
		if werr := p.write(to, buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// write passes bytes on, in small pieces if the proxy is slow.
func (p *Proxy) write(to net.Conn, b []byte) error {
	var slow bool
	p.change(func() { slow = p.slow })
	if !slow {
		_, err := to.Write(b)
		return err
	}
	tick := time.NewTicker(slowPause)
	defer tick.Stop()
	for len(b) > 0 {
		n := min(len(b), slowPiece)
		if _, err := to.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
		<-tick.C
	}
	return nil
}

// mayPass counts n bytes. If the number of all bytes exceeds the limit of FailAfter, the failure happens. Then mayPass
// waits until the bytes may be passed on. It returns false if the proxy is closed.
func (p *Proxy) mayPass(to, from net.Conn, n, number int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.passed += int64(n); p.failure != "" && p.passed > p.after {
		p.fail(to, from)
		p.changed.Broadcast()
	}
	for p.stalled && (p.only == 0 || p.only == number) && !p.closed {
		p.changed.Wait()
	}
	return !p.closed
}

// fail lets the failure happen. The arguments to and from are the two connections of the byte at which it happens.
func (p *Proxy) fail(to, from net.Conn) {
	switch p.failure {
	case Stall:
		p.stalled, p.only = true, 0
	case Cut:
		p.closeAll()
	case Reset:
		for _, c := range []net.Conn{to, from} {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // makes Close send a reset
			}
			_ = c.Close()
		}
	case Slow:
		p.slow = true
	}
	p.failure = ""
}
