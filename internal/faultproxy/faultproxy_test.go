package faultproxy_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/internal/faultproxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// start starts a proxy before an echo, and opens connections to it.
func start(t *testing.T, connections int) (*faultproxy.Proxy, []net.Conn) {
	t.Helper()
	p, err := faultproxy.Start(t.Context(), echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	var list []net.Conn
	for range connections {
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := say(c, 10); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return p, list
}

// say sends bytes and waits for the echo, at most a second.
func say(c net.Conn, bytes int) error {
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write(make([]byte, bytes)); err != nil {
		return err
	}
	_, err := io.ReadFull(c, make([]byte, bytes))
	return err
}

func TestItFailsAtTheByte(t *testing.T) {
	for f, want := range map[faultproxy.Failure][2]func(error) bool{
		faultproxy.Stall: {isTimeout, isTimeout},
		faultproxy.Cut:   {isClosed, isClosed},
		faultproxy.Reset: {isReset, isNil},
		faultproxy.Slow:  {isNil, isNil},
	} {
		t.Run(string(f), func(t *testing.T) {
			p, c := start(t, 2)
			p.FailAfter(p.Passed()+100, f)
			if err := say(c[0], 50); err != nil || p.Failed() {
				t.Errorf("before the byte: %v", err)
			}
			for i, err := range []error{say(c[0], 50), say(c[1], 50)} {
				if !want[i](err) {
					t.Errorf("connection %d: %v", i, err)
				}
			}
			if !p.Failed() {
				t.Error("it has not failed")
			}
		})
	}
	if len(faultproxy.Failures()) != 4 {
		t.Error("a way to fail is not tested")
	}
}

func isNil(err error) bool { return err == nil }

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func TestASlowProxyIsSlow(t *testing.T) {
	p, c := start(t, 1)
	p.FailAfter(0, faultproxy.Slow)
	began := time.Now()
	if err := say(c[0], 100<<10); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("it passed 100 KiB on in %v", took)
	}
}
