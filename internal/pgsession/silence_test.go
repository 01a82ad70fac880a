package pgsession_test

import (
	"context"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
)

// stallable returns a URL of the test server, and the proxy that it leads through.
func stallable(t *testing.T) (*faultproxy.Proxy, string) {
	t.Helper()
	direct := server.URL("postgres")
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	through, err := proxy.URL(direct)
	if err != nil {
		t.Fatal(err)
	}
	return proxy, through
}

const shortPatience = 200 * time.Millisecond

// F10: if the network stops without an error, a statement that waits for an answer of the server ends.
func TestF10ASilentConnectionEnds(t *testing.T) {
	proxy, through := stallable(t)
	var asked []uint32
	idle := func(pid uint32) string { asked = append(asked, pid); return pgsession.Dropped }
	conn := connect(t, through, pgsession.Options{Patience: shortPatience, Silence: idle})
	proxy.Stall()
	_, err := conn.Exec(t.Context(), `SELECT 1`)
	if safe := pgsession.Safe(err); pgsession.Code(safe) != "08006" || !strings.Contains(safe.Error(), "connection_patience") {
		t.Errorf("got %v", safe)
	}
	if len(asked) != 1 || asked[0] != conn.PgConn().PID() {
		t.Errorf("asked whether %v still work, want once, of %d", asked, conn.PgConn().PID())
	}
	proxy.Close() // ends what pgx still waits for in the background
	<-conn.PgConn().CleanupDone()
}

// F10: a connection is silent for too long, so masker asks the server about it on another session. The awaited answer
// can arrive at this moment. The server then has nothing to do, but the connection must not fail.
func TestF10AnAnswerThatComesMeanwhileCounts(t *testing.T) {
	proxy, through := stallable(t)
	conn := connect(t, through, pgsession.Options{Patience: 10 * shortPatience, Silence: func(uint32) string {
		proxy.Resume()
		return pgsession.Dropped
	}})
	proxy.Stall()
	if _, err := conn.Exec(t.Context(), `SELECT 1`); err != nil {
		t.Errorf("got %v", err)
	}
}

// F10: a long statement does not end while Silence reports that the server is at work.
func TestF10AServerThatWorksIsWaitedFor(t *testing.T) {
	asked := 0
	conn := connect(t, server.URL("postgres"), pgsession.Options{Patience: shortPatience, Silence: func(uint32) string { asked++; return "" }})
	if _, err := conn.Exec(t.Context(), `SELECT pg_sleep(1)`); err != nil || asked == 0 {
		t.Errorf("asked %d times, and got %v", asked, err)
	}
}

// F10: COPY FROM ends when the server accepts no more rows. During COPY FROM, the client writes and does not read.
func TestF10ASilentCopyEnds(t *testing.T) {
	proxy, through := stallable(t)
	conn := connect(t, through, pgsession.Options{Patience: shortPatience})
	exec(t, conn, `CREATE TEMPORARY TABLE t (a text)`)
	row := strings.NewReader(strings.Repeat(strings.Repeat("x", 1023)+"\n", 64<<10)) // more than all buffers on the way can hold
	_, err := conn.PgConn().CopyFrom(t.Context(), io.MultiReader(stall{proxy}, row), `COPY t FROM STDIN`)
	if pgsession.Code(pgsession.Safe(err)) != "08006" {
		t.Errorf("got %v", err)
	}
	proxy.Close()
	<-conn.PgConn().CleanupDone()
}

// stall is an empty reader that stops the network when it is read.
type stall struct{ proxy *faultproxy.Proxy }

func (s stall) Read([]byte) (int, error) { s.proxy.Stall(); return 0, io.EOF }

// The end of a context ends a statement at once, even if the patience of the connection is long.
func TestAContextEndsAPatientConnection(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{Patience: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !strings.Contains(state(t, conn.PgConn().PID()), "active") {
		}
		cancel()
	}()
	if _, err := conn.Exec(ctx, `SELECT pg_sleep(60)`); pgsession.Safe(err) != context.Canceled {
		t.Errorf("got %v", err)
	}
	<-conn.PgConn().CleanupDone()
}

// state returns the state of a server process, as in pg_stat_activity.
func state(t *testing.T, pid uint32) (is string) {
	admin, err := pgsession.Connect(context.Background(), server.URL("postgres"), pgsession.Options{})
	if err != nil {
		t.Error(err)
		return "active"
	}
	defer admin.Close(context.Background())
	if err := admin.QueryRow(context.Background(), `SELECT coalesce(state, '') FROM pg_stat_activity WHERE pid = $1`, int32(pid)).Scan(&is); err != nil {
		t.Error(err)
		return "active"
	}
	return is
}

// A session with a patience has settings that make the server notice that its client is gone.
func TestAPatientSessionAsksTheServerToNoticeItsEnd(t *testing.T) {
	conn := connect(t, server.URL("postgres"), pgsession.Options{Patience: 30 * time.Second, LockTimeout: time.Second})
	for name, want := range map[string]string{
		"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": "30000",
		"client_connection_check_interval": "2000", "lock_timeout": "1000",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), `SELECT setting FROM pg_settings WHERE name = $1`, name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s (%v)", name, got, want, err)
		}
	}
}
