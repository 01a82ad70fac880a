package wire_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/internal/pgsession"
)

// server starts one temporary PostgreSQL for the package when the first test needs it.
var server = sync.OnceValues(func() (*pglocal.Server, error) {
	return pglocal.Start(context.Background(), pglocal.Options{})
})

var started bool

func TestMain(m *testing.M) {
	code := m.Run()
	if started {
		if s, err := server(); err == nil {
			if err := s.Stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
	os.Exit(code)
}

// connect returns a session with the settings that the codecs assume.
func connect(t testing.TB) *pgx.Conn {
	t.Helper()
	started = true
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pgsession.Connect(ctx, s.URL("postgres"), pgsession.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) }) //nolint:errcheck // the test is over
	return conn
}
