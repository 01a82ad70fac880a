// Package faultproxy is a network for tests that fails on demand: a TCP relay on loopback that stops passing bytes
// on, as a firewall does that has forgotten a connection, or closes its connections.
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
	moved   *sync.Cond // whenever the fields below change
	stalled bool
	only    int // number of the one connection that a stall is about, from 1; 0 for all
	number  int // of the last connection
	ended   bool
	open    map[net.Conn]bool
	after   int64 // bytes the server may send before the proxy stalls by itself; below 0 for any number
}

// Start listens on a free port of loopback until Close. server is host:port.
func Start(ctx context.Context, server string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, server: server, open: map[net.Conn]bool{}, after: -1}
	p.moved = sync.NewCond(&p.mu)
	p.tasks.Go(p.accept)
	return p, nil
}

// URL is the same database as a URL names, reached through the proxy.
func (p *Proxy) URL(through string) (string, error) {
	u, err := url.Parse(through)
	if err != nil {
		return "", errors.New("the URL cannot be read")
	}
	u.Host = p.listener.Addr().String()
	return u.String(), nil
}

// Stall passes nothing on from now on, in either direction, and closes nothing. New connections are accepted and
// stay silent.
func (p *Proxy) Stall() { p.change(func() { p.stalled, p.only = true, 0 }) }

// StallOnly stalls one connection, by the order in which they came, from 1.
func (p *Proxy) StallOnly(number int) { p.change(func() { p.stalled, p.only = true, number }) }

// StallAfter stalls once the server has sent so many bytes more.
func (p *Proxy) StallAfter(bytes int64) { p.change(func() { p.after = bytes }) }

// Resume passes on again what was held back.
func (p *Proxy) Resume() { p.change(func() { p.stalled, p.only, p.after = false, 0, -1 }) }

// Cut closes every connection there is.
func (p *Proxy) Cut() {
	p.change(func() {
		for c := range p.open {
			_ = c.Close()
		}
	})
}

// Close ends the proxy and every connection, and waits until all is gone.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.change(func() { p.ended = true })
	p.Cut()
	p.tasks.Wait()
}

func (p *Proxy) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	p.moved.Broadcast()
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
		p.number++
		number = p.number
		p.open[client], p.open[server] = true, true
		if p.ended {
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

// pass copies one direction, and closes both ends with it.
func (p *Proxy) pass(to, from net.Conn, number int, counted bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if !p.may(n, number, counted) {
			return
		}
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.EOF) {
			return
		}
	}
}

// may waits until bytes may be passed on; false means that the proxy ended first.
func (p *Proxy) may(n, number int, counted bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if counted && p.after >= 0 {
		if p.after -= int64(n); p.after < 0 {
			p.stalled = true
		}
	}
	for p.stalled && (p.only == 0 || p.only == number) && !p.ended {
		p.moved.Wait()
	}
	return !p.ended
}
