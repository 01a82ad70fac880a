package integration

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pglocal"
)

// F10: masker cleans up after two TERM signals, too. timeout(1) sends two signals: one to the process, and one to its
// group.
func TestF10TwoSignalsStillCleanUp(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	if err := run.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, "masker to handle the first signal", func() bool {
		return ask(t, s.source, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'masker%'") == "0"
	})
	if err := run.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	run.wait(t).want(t, exitFailed, "interrupted")
	s.expectUntouched(t)
}

// throughProxy puts a proxy between masker and one side of a site, and changes the side's URL. Tests can stall the
// proxy, so that it passes no data on.
func throughProxy(t *testing.T, side *string) *faultproxy.Proxy {
	t.Helper()
	u, err := url.Parse(*side)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	if *side, err = proxy.URL(*side); err != nil {
		t.Fatal(err)
	}
	return proxy
}

// F10: the network to production passes no data on, and does not reset the connections. The run ends.
func TestF10ASilentSourceEndsTheRun(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	direct := s.source
	proxy := throughProxy(t, &s.source)
	s.flow["connection_patience"] = "1s"
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	proxy.Stall()
	run.wait(t).want(t, exitFailed, "did not answer for 1s", "gives way")
	s.expectUntouched(t)
	proxy.Close()
	await(t, "masker's sessions in production to end", func() bool {
		return ask(t, direct, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'masker%'") == "0"
	})
}

// F10: the network to the target passes no data on, and does not reset the connections. Masker's sessions in
// production end at once. The next run drops the shadow that this run could not drop.
func TestF10ASilentTargetEndsTheRun(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	direct := s.target
	proxy := throughProxy(t, &s.target)
	s.flow["connection_patience"] = "1s"
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	proxy.Stall()
	g.open() // the server continues to load, but its answer does not arrive
	await(t, "masker's sessions in production to end", func() bool {
		return ask(t, s.source, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'masker%'") == "0"
	})
	run.wait(t).want(t, exitFailed, "target staging", "the next run drops it")
	if got := ask(t, direct, generationsQuery); got != onlyGeneration(1) {
		t.Errorf("staging is %q, want it as it was", got)
	}
	proxy.Close()
	s.target = direct
	s.refresh(t).want(t, exitDone, "which a refresh that died had left")
	if left := siblings(t, Server(t), s.target); len(left) > 0 {
		t.Errorf("left beside the target: %v", left)
	}
}

// lockTables is the number of tables in the test with locked catalogs. LOCK_TABLES=2000 makes a large schema.
func lockTables(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("LOCK_TABLES"), "300"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// While a refresh runs, the test repeatedly takes a lock that stops every login, such as one on pg_authid. The
// refresh must not make such a lock or a login wait long. The test has its own server, because the locks would stop
// other tests.
func TestNoLoginWaitsBecauseOfARefresh(t *testing.T) {
	_, own := ownServer(t, pglocal.Options{Settings: map[string]string{"max_locks_per_transaction": "1024"}})
	tables := lockTables(t)
	do(t, own.URL("postgres"), "CREATE DATABASE prod")
	do(t, own.URL("prod"), fmt.Sprintf(`DO $$ BEGIN FOR i IN 1..%d LOOP EXECUTE format('CREATE TABLE t%%s AS SELECT g AS id, ''n'' || g AS name FROM generate_series(1, 5) g', i);
		IF i %% 200 = 0 THEN COMMIT; END IF; END LOOP; END $$`, tables))
	rules := "revision: 1\ntables:\n"
	for i := range tables {
		rules += fmt.Sprintf("  public.t%d: {columns: {id: {keep: x}, name: {treat: redact}}}\n", i+1)
	}
	for _, c := range []struct {
		table string
		gives bool // masker must end the run, because its snapshot holds or needs a conflicting lock
	}{{"pg_authid", false}, {"pg_database", false}, {"public.t7", true}} {
		t.Run(c.table, func(t *testing.T) {
			s := newSite(t, own.URL("prod"), own.URL(unique(t, "staging"))).rules(t, rules)
			locks := lockInTurn(t, own, c.table)
			logins := login(t, own)
			run := s.start(t, "run", "--flow", "nightly")
			o := run.wait(t)
			ended := time.Now()
			await(t, "the source's transaction to end", func() bool {
				return ask(t, own.URL("postgres"), `SELECT count(*) FROM pg_stat_activity WHERE datname = 'prod' AND application_name LIKE 'masker%'`) == "0"
			})
			t.Logf("exit %d; %d locks taken, the longest wait %v; %d logins, the longest %v; source free %v after the end\n%s",
				o.code, locks.end(), locks.longest.Round(time.Millisecond), logins.end(), logins.longest.Round(time.Millisecond), time.Since(ended).Round(time.Millisecond), lastLine(o.stderr))
			// The limit is lock_patience of one second, and two seconds for a slow machine.
			if limit := 3 * time.Second; logins.longest > limit || locks.longest > limit {
				t.Errorf("somebody waited longer than %v", limit)
			}
			switch {
			case o.code == exitDone && !c.gives:
			case o.code != exitFailed || !strings.Contains(o.stderr, "gives way") && !(c.gives && strings.Contains(o.stderr, "does not queue")):
				t.Errorf("the run was not published and did not give way: %v", o)
			case c.gives && !strings.Contains(o.stderr, c.table):
				t.Errorf("the message does not name the table: %v", o)
			}
		})
	}
}

// measured is the measurement of a function that is called repeatedly. The field longest is the longest time of one
// call.
type measured struct {
	longest time.Duration
	count   int
	stop    context.CancelFunc
	done    chan struct{}
}

func (m *measured) end() int { m.stop(); <-m.done; return m.count }

func measure(t *testing.T, pause time.Duration, once func(context.Context) error) *measured {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	m := &measured{stop: stop, done: make(chan struct{})}
	t.Cleanup(func() { m.end() })
	go func() {
		defer close(m.done)
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			begin := time.Now()
			if err := once(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("%v", err)
				return
			}
			m.longest = max(m.longest, time.Since(begin))
			m.count++
		}
	}()
	return m
}

// lockInTurn repeatedly takes an exclusive lock on a table and holds it for a moment.
func lockInTurn(t *testing.T, own *pglocal.Server, table string) *measured {
	t.Helper()
	conn := connect(t, own.URL("prod"))
	return measure(t, 300*time.Millisecond, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "BEGIN; LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(0.02); COMMIT", pgx.QueryExecModeSimpleProtocol)
		return err
	})
}

func login(t *testing.T, own *pglocal.Server) *measured {
	t.Helper()
	return measure(t, 20*time.Millisecond, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, own.URL("postgres"))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
