package probe_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// server is started when the first test needs it, and shared by all tests. Each test uses its own database.
var server = sync.OnceValues(func() (*pglocal.Server, error) {
	return pglocal.Start(context.Background(), pglocal.Options{Fast: true})
})

var started atomic.Bool

func TestMain(m *testing.M) {
	code := m.Run()
	if started.Load() {
		if s, err := server(); err == nil {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 1
			}
		}
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// urlOf returns the URL of a database on the tests' server.
func urlOf(db string) string {
	started.Store(true)
	s, err := server()
	if err != nil {
		log.Fatal("no PostgreSQL to test with: ", err)
	}
	return s.URL(db)
}

// sql runs statements in a database.
func sql(t testing.TB, db string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), urlOf(db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// list returns the values of a query with one column of type text.
func list(t testing.TB, db, query string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), urlOf(db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// create makes a database from a script. The argument options follows the name in CREATE DATABASE.
func create(t testing.TB, db, options, script string) {
	t.Helper()
	sql(t, "postgres", `CREATE DATABASE `+catalog.Quote(db)+` `+options)
	sql(t, db, script)
}

// look looks for words in a database.
func look(t testing.TB, db string, o probe.Options, words ...string) (*probe.Looking, *probe.Result) {
	t.Helper()
	d, err := postgres.Open(t.Context(), urlOf(db), postgres.Options{MaxRow: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	l := probe.NewLooking(words...)
	result, err := probe.Run(t.Context(), d, l, o)
	if err != nil {
		t.Fatal(err)
	}
	return l, result
}

// tables returns a Table for each table of a database, with all columns kept, compared and tellable.
func tables(t testing.TB, db string, binary bool) map[catalog.Name]probe.Table {
	t.Helper()
	d, err := postgres.Open(t.Context(), urlOf(db), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	relations, err := d.Relations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[catalog.Name]probe.Table{}
	for _, r := range relations {
		table := probe.Table{Binary: binary && r.Binary}
		for _, c := range r.Columns {
			if !c.Generated {
				table.Columns = append(table.Columns, probe.Column{Name: c.Name, Kept: true, Compared: true, Tellable: true})
			}
		}
		if !r.View {
			all[r.Name] = table
		}
	}
	return all
}

// replace returns a script with a word in the place of each $.
func replace(script, word string) string { return strings.ReplaceAll(script, "$", word) }
