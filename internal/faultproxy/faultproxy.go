// Package faultproxy is a TCP relay on loopback that fails on demand. It can close its connections. It can also stop
// passing bytes on, like a firewall that has forgotten a connection.
//
// Only tests import it.
package faultproxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
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
	after   int64 // bytes that the server may still send before the proxy stalls; negative for no limit
}

// Start listens on a free port of loopback until Close. The argument server is HOST:PORT.
func Start(ctx context.Context, server string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, server: server, open: map[net.Conn]bool{}, after: -1}
	p.changed = sync.NewCond(&p.mu)
	p.tasks.Go(p.accept)
	return p, nil
}

// URL returns a URL that leads to the same database as direct, but through the proxy.
func (p *Proxy) URL(direct string) (string, error) {
	u, err := url.Parse(direct)
	if err != nil {
		return "", errors.New("the URL cannot be read")
	}
	u.Host = p.listener.Addr().String()
	return u.String(), nil
}

// Stall stops passing bytes on, in both directions, and closes nothing. The proxy still accepts new connections, but
// passes nothing on for them either.
func (p *Proxy) Stall() { p.change(func() { p.stalled, p.only = true, 0 }) }

// StallOnly stalls one connection. The argument number is its place in the order in which connections arrived, from 1.
func (p *Proxy) StallOnly(number int) { p.change(func() { p.stalled, p.only = true, number }) }

// StallAfter stalls all connections as soon as the server sends more than this many further bytes.
func (p *Proxy) StallAfter(bytes int64) { p.change(func() { p.after = bytes }) }

// Resume ends a stall. The proxy passes on the bytes that it held back.
func (p *Proxy) Resume() { p.change(func() { p.stalled, p.only, p.after = false, 0, -1 }) }

// Cut closes every open connection.
func (p *Proxy) Cut() {
	p.change(func() {
		for c := range p.open {
			_ = c.Close()
		}
	})
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
	both.Go(func() { p.pass(server, client, number, false) })
	both.Go(func() { p.pass(client, server, number, true) })
	both.Wait()
	p.change(func() {
		delete(p.open, client)
		delete(p.open, server)
	})
}

// pass copies bytes from one connection to the other until either ends, then closes both. The argument counted says
// whether the bytes count for StallAfter.
func (p *Proxy) pass(to, from net.Conn, number int, counted bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if !p.mayPass(n, number, counted) {
			return
		}
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.EOF) {
			return
		}
	}
}

// mayPass waits until n bytes may be passed on. It returns false if the proxy was closed first.
func (p *Proxy) mayPass(n, number int, counted bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if counted && p.after >= 0 {
		if p.after -= int64(n); p.after < 0 {
			p.stalled = true
		}
	}
	for p.stalled && (p.only == 0 || p.only == number) && !p.closed {
		p.changed.Wait()
	}
	return !p.closed
}
