package integration

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// poller repeatedly sends a query to a database, as an application does. It connects again if the server ends its
// session.
type poller struct {
	sql     string
	control *poller // polls a database that nobody replaces; its gap is due to the machine, not to the swap
	stop    context.CancelFunc
	done    chan struct{}
	seen    map[string]int // number of times that each answer came
	strange []error
	gap     time.Duration // the longest time without an answer, after the first answer
}

// poll starts a poller, and returns after its first answer.
func poll(t *testing.T, url string) *poller {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &poller{sql: generationsQuery, stop: stop, done: make(chan struct{}), seen: map[string]int{}}
	p.control = &poller{sql: "SELECT 'there'", stop: stop, done: make(chan struct{}), seen: map[string]int{}}
	t.Cleanup(func() { p.end() })
	for asker, where := range map[*poller]string{p: url, p.control: Server(t).url("postgres")} {
		ready := make(chan struct{})
		go asker.run(ctx, where, ready)
		<-ready // the first answer has arrived
	}
	return p
}

func (p *poller) run(ctx context.Context, url string, ready chan struct{}) {
	defer close(p.done)
	var conn *pgx.Conn
	last := time.Now()
	tick := time.NewTicker(10 * time.Millisecond) // the refresh needs the machine too
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

// expectedAtSwap reports whether an application has to expect an error while its database is replaced. Its session can
// be ended (57P01), the database can be missing for a moment (3D000), the server can refuse connections for a moment
// (57P03), or the connection can break.
func expectedAtSwap(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "57P01" || pg.Code == "3D000" || pg.Code == "57P03"
	}
	return true // the connection broke
}

func (p *poller) end() {
	p.stop()
	<-p.done
	<-p.control.done
}

// check ends the poller. Every answer must be one complete generation (F2). No gap may be longer than one second, which
// the documentation promises, plus the gap of the control poller.
func (p *poller) check(t *testing.T, generations ...int) {
	t.Helper()
	p.end()
	if len(p.seen) == 0 {
		t.Error("the poller had no answer")
	}
	for answer := range p.seen {
		ok := false
		for _, g := range generations {
			ok = ok || answer == onlyGeneration(g)
		}
		if !ok {
			t.Errorf("a client saw %q, want one complete generation of %v", answer, generations)
		}
	}
	for _, err := range p.strange {
		t.Errorf("a client got an error that a swap does not explain: %v", err)
	}
	if limit := time.Second + p.control.gap; p.gap > limit {
		t.Errorf("no answer for %v; another database on the server gave none for %v", p.gap, p.control.gap)
	}
}
