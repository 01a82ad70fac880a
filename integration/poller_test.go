package integration

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// poller asks a database for its wholeness, over and over, as an application would: it reconnects when it is thrown out.
type poller struct {
	sql     string
	control *poller // asks a database that nobody replaces: what keeps it waiting is the machine, not the swap
	stop    context.CancelFunc
	done    chan struct{}
	seen    map[string]int
	strange []error
	gap     time.Duration // the longest time without an answer, once there had been one
}

func poll(t *testing.T, url string) *poller {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &poller{sql: wholeness, stop: stop, done: make(chan struct{}), seen: map[string]int{}}
	p.control = &poller{sql: "SELECT 'there'", stop: stop, done: make(chan struct{}), seen: map[string]int{}}
	t.Cleanup(func() { p.end() })
	for asker, where := range map[*poller]string{p: url, p.control: Server(t).url("postgres")} {
		ready := make(chan struct{})
		go asker.run(ctx, where, ready)
		<-ready // it has had its first answer
	}
	return p
}

func (p *poller) run(ctx context.Context, url string, ready chan struct{}) {
	defer close(p.done)
	var conn *pgx.Conn
	last := time.Now()
	tick := time.NewTicker(5 * time.Millisecond) // leave the machine to the refresh, too
	defer tick.Stop()
	for ctx.Err() == nil {
		<-tick.C
		answer, err := p.ask(ctx, url, &conn)
		now := time.Now()
		switch {
		case ctx.Err() != nil:
		case err == nil:
			if len(p.seen) > 0 {
				p.gap = max(p.gap, now.Sub(last))
			}
			p.seen[answer]++
			if ready != nil {
				close(ready)
				ready = nil
			}
			last = now
		case !expectedAtSwap(err):
			p.strange = append(p.strange, err)
		}
	}
	if conn != nil {
		conn.Close(context.Background())
	}
	if ready != nil {
		close(ready)
	}
}

func (p *poller) ask(ctx context.Context, url string, conn **pgx.Conn) (answer string, err error) {
	if *conn == nil || (*conn).IsClosed() {
		if *conn, err = pgx.Connect(ctx, url); err != nil {
			*conn = nil
			return "", err
		}
	}
	err = (*conn).QueryRow(ctx, p.sql).Scan(&answer)
	return answer, err
}

// expectedAtSwap says whether an application has to live with an error while its database is replaced: it was thrown out
// (57P01), found no database for a moment (3D000), found it renamed while entering (55000), or its connection was reset.
func expectedAtSwap(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "57P01" || pg.Code == "3D000" || pg.Code == "57P03"
	}
	return true // the connection itself
}

func (p *poller) end() {
	p.stop()
	<-p.done
	<-p.control.done
}

// check ends the poller. Every answer must be one of the generations, whole (F2), and no time without an answer longer than
// a second, which is promised and so the one duration a test asserts, and what the machine itself was away for.
func (p *poller) check(t *testing.T, generations ...int) {
	t.Helper()
	p.end()
	if len(p.seen) == 0 {
		t.Error("the poller had no answer")
	}
	for answer := range p.seen {
		ok := false
		for _, g := range generations {
			ok = ok || answer == whole(g)
		}
		if !ok {
			t.Errorf("a client saw %q; whole would be one of the generations %v", answer, generations)
		}
	}
	for _, err := range p.strange {
		t.Errorf("a client met an error that a swap does not explain: %v", err)
	}
	if limit := time.Second + p.control.gap; p.gap > limit {
		t.Errorf("no answer for %v; a database beside it was away for %v", p.gap, p.control.gap)
	}
}
