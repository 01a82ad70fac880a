package source_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/wire"
)

// server is shared by the tests of this package. Each test makes its own database.
var server *pglocal.Server

func TestMain(m *testing.M) {
	var err error
	server, err = pglocal.Start(context.Background(), pglocal.Options{Fast: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// database makes a database with a script. It returns a session on the database and its URL.
func database(t *testing.T, name, sql string) (*pgx.Conn, string) {
	t.Helper()
	admin := dial(t, server.URL("postgres"))
	run(t, admin, "CREATE DATABASE "+name)
	conn := dial(t, server.URL(name))
	run(t, conn, sql)
	return conn, server.URL(name)
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

func open(t *testing.T, url string, o source.Options) *source.Postgres {
	t.Helper()
	p, err := source.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// wants returns a Want for every table that has rows, in binary if that is safe.
func wants(d *catalog.Database) []catalog.Want {
	var list []catalog.Want
	for _, table := range d.Tables {
		if table.Partitioned {
			continue
		}
		w := catalog.Want{Table: table.Name, Binary: true}
		for _, c := range table.Columns {
			if !c.Generated {
				w.Columns = append(w.Columns, c.Name)
				w.Binary = w.Binary && c.Type.Binary
			}
		}
		list = append(list, w)
	}
	return list
}

// asText changes the wants to text, and returns them.
func asText(list []catalog.Want) []catalog.Want {
	for i := range list {
		list[i].Binary = false
	}
	return list
}

// stream reads the wanted tables with s.Workers readers, each in its own goroutine.
func stream(ctx context.Context, p *source.Postgres, want []catalog.Want, s catalog.Sizes, fn func(e catalog.Extent, rows wire.Blocks) error) error {
	cut, err := p.Cut(ctx, want, s)
	if err != nil {
		return err
	}
	queue := make(chan catalog.Extent, len(cut.Extents))
	for _, e := range cut.Extents {
		queue <- e
	}
	close(queue)
	group, ctx := errgroup.WithContext(ctx)
	for range s.Workers {
		group.Go(func() error {
			r, err := p.Open(ctx, want, cut.Handle)
			if err != nil {
				return err
			}
			defer r.Close() // never fails
			for e := range queue {
				rows, err := r.Read(ctx, e)
				if err != nil {
					return err
				}
				if err := fn(e, rows); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// collect reads all wanted tables. It returns the bytes of each table, in the order of its extents, and the extents.
func collect(t *testing.T, p *source.Postgres, want []catalog.Want, s catalog.Sizes) (map[string]string, []catalog.Extent) {
	t.Helper()
	var mu sync.Mutex
	parts := map[string][]string{}
	var extents []catalog.Extent
	err := stream(t.Context(), p, want, s, func(e catalog.Extent, rows wire.Blocks) error {
		var b strings.Builder
		for {
			block, err := rows.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			b.Write(block)
		}
		mu.Lock()
		defer mu.Unlock()
		key := e.Table.String()
		if parts[key] == nil {
			parts[key] = make([]string, e.Of)
		}
		parts[key][e.Index] = b.String()
		extents = append(extents, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]string{}
	for name, list := range parts {
		whole[name] = strings.Join(list, "")
	}
	return whole, extents
}

// noLeaks checks at the end of the test that no goroutine of the test is left.
func noLeaks(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}
