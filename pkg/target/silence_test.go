package target_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

const shortPatience = time.Second

// stallable returns a URL for a database of the test server, and the proxy that the URL leads through.
func stallable(t *testing.T, db string) (*faultproxy.Proxy, string) {
	t.Helper()
	u, err := url.Parse(server.URL(db))
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	through, err := proxy.URL(server.URL(db))
	if err != nil {
		t.Fatal(err)
	}
	return proxy, through
}

// F10: if the network to the target passes nothing on, a step that waits for an answer fails, and Watch returns an
// error.
func TestF10ATargetThatDoesNotAnswerEndsTheRun(t *testing.T) {
	create(t, "silent_src", "CREATE TABLE a AS SELECT g AS id, repeat('x', 100) AS t FROM generate_series(1, 10) g")
	for name, step := range map[string]func(*target.Shadow, *faultproxy.Proxy) error{
		"load": func(s *target.Shadow, proxy *faultproxy.Proxy) error {
			rows := stopping{proxy, slices.Repeat([]byte("1\tx\n"), 1<<20)}
			_, err := s.Write(t.Context(), 0, catalog.Extent{Table: catalog.Name{Schema: "public", Name: "a"}, Of: 1}, catalog.Name{Schema: "public", Name: "a"}, []string{"id", "t"}, wire.Text, &rows)
			return err
		},
		"finish": func(s *target.Shadow, proxy *faultproxy.Proxy) error { proxy.Stall(); return s.Finish(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // both steps mostly wait
			proxy, through := stallable(t, "silent_"+name)
			// The patience must be long enough for the server to make a database, even on a busy machine.
			p := open(t, through, target.Options{Patience: 6 * shortPatience})
			s, err := p.Create(t.Context(), spec(t, "silent_src", "run1"))
			if err != nil {
				t.Fatal(err)
			}
			watched := make(chan error, 1)
			go func() { watched <- p.Watch(t.Context()) }()
			err = step(s, proxy)
			if code := pgsession.Code(err); !strings.HasPrefix(code, "08") || name == "load" && !strings.Contains(err.Error(), "connection_patience") {
				t.Errorf("got %v", err)
			}
			if err := <-watched; !errors.Is(err, sides.ErrLockLost) {
				t.Errorf("the watcher said %v", err)
			}
			proxy.Cut()
			proxy.Resume()
			if err := s.Discard(t.Context()); err != nil {
				t.Error(err)
			}
			if one[bool](t, "postgres", `SELECT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'silent\_`+name+`\_masker%')`) {
				t.Error("the shadow is still there")
			}
		})
	}
}

// stopping returns rows without end. It stops the network when it returns the first rows.
type stopping struct {
	proxy *faultproxy.Proxy
	rows  []byte
}

func (s *stopping) Next() ([]byte, error) { s.proxy.Stall(); return s.rows, nil }

// forgetful returns rows. After the first block, it makes the network forget the newest connection, which is the
// worker's.
type forgetful struct {
	blocks
	proxy *faultproxy.Proxy
}

func (f *forgetful) Next() ([]byte, error) {
	if len(f.rest) == 1 {
		f.proxy.StallOnly(f.proxy.Connections())
	}
	return f.blocks.Next()
}

// F10: the network keeps one forgotten connection open, so the server does not notice that masker has left it. The old
// transaction does not prevent masker from writing the extent again.
func TestF10AForgottenWorkerDoesNotBlockTheNext(t *testing.T) {
	create(t, "forgotten_src", "CREATE TABLE a (id int, t text)")
	proxy, through := stallable(t, "forgotten")
	p := open(t, through, target.Options{Patience: shortPatience})
	s, err := p.Create(t.Context(), spec(t, "forgotten_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	table := catalog.Name{Schema: "public", Name: "a"}
	write := func(rows wire.Blocks) (int64, error) {
		return s.Write(t.Context(), 0, catalog.Extent{Table: table, Of: 1}, table, []string{"id", "t"}, wire.Text, rows)
	}
	if _, err := write(&forgetful{blocks{rest: [][]byte{[]byte("1\tx\n"), []byte("2\tx\n")}}, proxy}); err == nil || !s.Again(err) {
		t.Fatalf("got %v", err)
	}
	if n, err := write(&blocks{rest: [][]byte{[]byte("1\tx\n"), []byte("2\tx\n")}}); err != nil || n != 2 {
		t.Fatalf("again: %d rows, %v", n, err)
	}
	if n := one[int](t, s.Name(), "SELECT count(*) FROM a"); n != 2 {
		t.Errorf("%d rows in the shadow", n)
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Error(err)
	}
}

// F10: Write may wait for rows longer than the patience of its connection. It does not fail, because the server has
// nothing to do while Write waits.
func TestF10RowsThatComeLateAreWaitedFor(t *testing.T) {
	create(t, "late_src", "CREATE TABLE a (id int, t text)")
	p := open(t, server.URL("late"), target.Options{Patience: shortPatience})
	s, err := p.Create(t.Context(), spec(t, "late_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	a := catalog.Name{Schema: "public", Name: "a"}
	n, err := s.Write(t.Context(), 0, catalog.Extent{Table: a, Of: 1}, a, []string{"id", "t"}, wire.Text, &late{blocks{rest: [][]byte{[]byte("1\tx\n"), []byte("2\ty\n")}}})
	if err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Error(err)
	}
}

// late waits for four times the patience before each block.
type late struct{ blocks }

func (l *late) Next() ([]byte, error) {
	<-time.After(4 * shortPatience)
	return l.blocks.Next()
}

// Finish waits for another session that holds a lock in the shadow, such as a backup of all databases. A note names it.
func TestFinishWaitsForALockOfOthersAndSaysSo(t *testing.T) {
	create(t, "reader_src", "CREATE TABLE a (id int PRIMARY KEY); CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM a; INSERT INTO a VALUES (1)")
	p := open(t, server.URL("reader"), target.Options{Patience: shortPatience})
	s, err := p.Create(t.Context(), spec(t, "reader_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, "reader_src", spec(t, "reader_src", "run1").Source)
	backup, err := pgx.Connect(t.Context(), server.URL(s.Name()))
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	end := func() { once.Do(func() { _ = backup.Close(context.Background()) }) }
	t.Cleanup(end)
	if _, err := backup.Exec(t.Context(), "SET application_name = 'nightly backup'; BEGIN; SELECT count(*) FROM a"); err != nil {
		t.Fatal(err)
	}
	finished := make(chan error, 1)
	go func() { finished <- s.Finish(t.Context()) }()
	for again := false; !again; { // until the statement waits for the second time
		again = one[int64](t, "postgres", `SELECT count(*) FROM pg_stat_activity WHERE datname = '`+s.Name()+`' AND application_name LIKE 'masker%'
			AND wait_event_type = 'Lock' AND query_start > (SELECT query_start FROM pg_stat_activity WHERE application_name = 'nightly backup') + interval '500 ms'`) > 0
		select {
		case err := <-finished:
			t.Fatalf("finished too early: %v", err)
		default:
		}
	}
	end()
	if err := <-finished; err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(s.Notes(), func(n string) bool { return strings.Contains(n, "nightly backup") }) {
		t.Errorf("no note says for whom it waited: %q", s.Notes())
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Error(err)
	}
}
