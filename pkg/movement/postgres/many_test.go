package postgres_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

// A process that refreshes again and again, while applications read staging, needs no more memory, goroutines and files
// than after its first refreshes. It leaves no session, lock and database on the servers. REFRESHES sets the number of
// refreshes.
func TestManyRefreshesLeaveNothingBehind(t *testing.T) {
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("REFRESHES")); err == nil {
		rounds = n
	}
	m := newMany(t)
	m.refresh(t, max(rounds/10, 3))
	before := m.look(t)
	m.refresh(t, rounds-max(rounds/10, 3))
	after := m.look(t)
	t.Logf("%d refreshes, %d reads of staging\nbefore %+v\nafter  %+v", rounds, m.reads, before, after)
	if after.goroutines > before.goroutines || after.files > before.files || after.source != before.source || after.target != before.target {
		t.Errorf("the refreshes left something behind")
	}
	// The limit allows for the growth of the ledger and of caches. If each refresh kept its plan in memory, the process
	// would exceed the limit.
	if limit := before.heap + 1<<20 + uint64(rounds)*4<<10; after.heap > limit {
		t.Errorf("the heap grew from %d to %d bytes", before.heap, after.heap)
	}
	if m.reads == 0 {
		t.Error("nobody read staging")
	}
}

// many is a flow between two servers that runs many times.
type many struct {
	spec           movement.Spec
	source, target *pglocal.Server
	reads          int // answers that the readers of staging got
}

// traces is what refreshes could leave behind.
type traces struct {
	heap              uint64
	goroutines, files int
	source, target    string // databases, sessions and locks of a server
}

func newMany(t *testing.T) *many {
	start := func() *pglocal.Server {
		s, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Stop() })
		return s
	}
	m := &many{source: start(), target: start()}
	execute(t, m.source.URL("postgres"), "CREATE DATABASE shop")
	execute(t, m.source.URL("shop"), `CREATE TABLE customers (id int PRIMARY KEY, email text);
		INSERT INTO customers SELECT g, 'ada' || g || '@acme.example' FROM generate_series(1, 100) g`)
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := rulefile.Load([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	from, to := m.source.URL("shop"), m.target.URL("staging")
	m.spec = movement.Spec{
		Flow: guard.Flow{
			Name: "nightly", Treats: true, From: guard.Environment{Name: "production", Kind: guard.Production},
			To: guard.Environment{Name: "staging", Kind: guard.Staging}, Allow: guard.Codes(),
		},
		Rules: set, From: postgres.Origin{URL: from}, To: postgres.Destination{URL: to},
		Apart:  func(ctx context.Context) (bool, string, error) { return postgres.Apart(ctx, from, to) },
		Ledger: movement.Ledger{Dir: filepath.Join(dir, "ledger")}, Key: movement.Key{Ring: keyring.Random(), PerRun: true}, Workers: 2, Template: true,
	}
	return m
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// refresh runs the flow n times while two readers poll staging.
func (m *many) refresh(t *testing.T, n int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	counts := make([]int, 2)
	for i := range counts {
		readers.Go(func() { counts[i] = read(ctx, m.target.URL("staging")) })
	}
	for range n {
		if out, err := movement.Run(t.Context(), m.spec); err != nil || out.Summary.Rows != 100 {
			t.Fatalf("%+v: %v", out, err)
		}
	}
	stop()
	readers.Wait()
	m.reads += counts[0] + counts[1]
}

// read asks staging for its rows until ctx ends, as an application does. It returns the number of answers. Staging does
// not exist before the first refresh, and each refresh ends the sessions.
func read(ctx context.Context, url string) (answers int) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	var conn *pgx.Conn
	for {
		select {
		case <-ctx.Done():
			if conn != nil {
				conn.Close(context.Background())
			}
			return answers
		case <-tick.C:
		}
		var err error
		if conn == nil || conn.IsClosed() {
			if conn, err = pgx.Connect(ctx, url); err != nil {
				conn = nil
				continue
			}
		}
		var rows int
		if conn.QueryRow(ctx, "SELECT count(*) FROM customers").Scan(&rows) == nil {
			answers++
		}
	}
}

func (m *many) look(t *testing.T) traces {
	t.Helper()
	now := traces{source: left(t, m.source), target: left(t, m.target)}
	now.goroutines, now.files = math.MaxInt, math.MaxInt
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 50 { // a connection that was closed takes a moment to end
		<-tick.C
		now.goroutines = min(now.goroutines, runtime.NumGoroutine())
		if files, err := os.ReadDir("/proc/self/fd"); err == nil { // other systems have no such folder
			now.files = min(now.files, len(files))
		}
	}
	runtime.GC()
	runtime.GC() // the second collection frees what finalizers held
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	now.heap = memory.HeapAlloc
	return now
}

// left returns the databases, sessions and locks of a server. It waits until the sessions that have just been closed
// are gone.
func left(t *testing.T, s *pglocal.Server) (text string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-tick.C {
		var sessions, locks, databases int
		var names string
		if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('client backend', 'parallel worker') AND pid <> pg_backend_pid()),
			(SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()), (SELECT count(*) FROM pg_database),
			(SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database)`).Scan(&sessions, &locks, &databases, &names); err != nil {
			t.Fatal(err)
		}
		text = fmt.Sprintf("%d sessions, %d locks, %d databases: %s", sessions, locks, databases, names)
		if sessions == 0 && locks == 0 {
			break
		}
	}
	return text
}
