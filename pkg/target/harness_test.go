package target_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// server is shared by all tests. Each test uses its own database names.
var server *pglocal.Server

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	server, err = pglocal.Start(context.Background(), pglocal.Options{Fast: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, "no PostgreSQL to test with:", err)
		return 1
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// sql runs statements in a database, each in its own message, because some cannot run in a transaction.
func sql(t *testing.T, db string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL(db))
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

// one returns the only value of a query.
func one[T any](t *testing.T, db, query string, args ...any) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL(db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// create makes a source database from a script.
func create(t *testing.T, db, script string) {
	t.Helper()
	sql(t, "postgres", `CREATE DATABASE `+catalog.Quote(db))
	if script != "" {
		sql(t, db, script)
	}
}

// dump returns the archive of a database's schema.
func dump(t *testing.T, db string) *archive.Archive {
	t.Helper()
	cmd := exec.Command(filepath.Join(server.BinDir(), "pg_dump"), "-Fc", "-s", "-d", server.URL(db))
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	f, err := archive.Open(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	return f.Archive
}

// spec returns the input for a shadow of a source database.
func spec(t *testing.T, db, run string) sides.Shadow {
	t.Helper()
	src, err := source.Inspect(t.Context(), server.URL(db))
	if err != nil {
		t.Fatal(err)
	}
	return sides.Shadow{Run: run, Ledger: "ledger/", Source: src, Archive: dump(t, db), Sequences: sequences(t, db)}
}

func sequences(t *testing.T, db string) []catalog.SequenceValue {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL(db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT schemaname::text, sequencename::text, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences`)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v catalog.SequenceValue, err error) {
		err = row.Scan(&v.Name.Schema, &v.Name.Name, &v.Last, &v.Called)
		return v, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// believed is a Proof that believes every mark. It says that a run is abandoned if its name begins with dead. Real
// proofs have their own tests, with the ledger.
type believed struct{}

func (believed) Made(context.Context, sides.Database) (string, error)     { return "", nil }
func (believed) Replaced(context.Context, sides.Database) (string, error) { return "", nil }
func (believed) Template(context.Context, sides.Database) (string, error) { return "", nil }

func (believed) Abandoned(_ context.Context, d sides.Database) (string, error) {
	if !strings.HasPrefix(d.Run, "dead") {
		return "run " + d.Run + " is going on", nil
	}
	return "", nil
}

// open opens a target. If o has no Proof, the target believes every mark.
func open(t *testing.T, url string, o target.Options) *target.Postgres {
	t.Helper()
	if o.Proof == nil {
		o.Proof = believed{}
	}
	p, err := target.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// blocks is the rows of an extent in memory.
type blocks struct {
	rest [][]byte
	err  error // returned at the end; nil for io.EOF
}

func (b *blocks) Next() ([]byte, error) {
	if len(b.rest) == 0 {
		if b.err != nil {
			return nil, b.err
		}
		return nil, io.EOF
	}
	block := b.rest[0]
	b.rest = b.rest[1:]
	return block, nil
}

// largeTable is a size in bytes. masker loads tables of this size with COPY FREEZE.
const largeTable = 1 << 20

// fill copies every row of a source database into its shadow, each table as one extent of a large table.
func fill(t *testing.T, s *target.Shadow, db string, src *catalog.Database) {
	t.Helper()
	conn := connect(t, server.URL(db))
	for i, tab := range src.Tables {
		if tab.Partitioned || tab.ExtMember != "" {
			continue
		}
		var columns, quoted []string
		format := wire.Binary
		for _, c := range tab.Columns {
			if !c.Generated {
				columns = append(columns, c.Name)
				quoted = append(quoted, catalog.Quote(c.Name))
			}
			if !c.Type.Binary {
				format = wire.Text
			}
		}
		var out bytes.Buffer
		query := "COPY (SELECT " + strings.Join(quoted, ", ") + " FROM ONLY " + tab.Name.String() + ") TO STDOUT (FORMAT " + format.String() + ")"
		if _, err := conn.PgConn().CopyTo(t.Context(), &out, query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		rows := out.Bytes()
		if format == wire.Binary {
			rows = rows[19 : len(rows)-2]
		}
		want := one[int64](t, db, "SELECT count(*) FROM ONLY "+tab.Name.String())
		got, err := s.Write(t.Context(), i%2, catalog.Extent{Table: tab.Name, Of: 1, Bytes: largeTable}, tab.Name, columns, format, &blocks{rest: [][]byte{rows}})
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("%s: %d rows written, want %d", tab.Name, got, want)
		}
	}
}

// refresh builds a shadow with the rows of a source database, unchanged, and publishes it.
func refresh(t *testing.T, p *target.Postgres, db string, sp sides.Shadow) *target.Shadow {
	t.Helper()
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, db, sp.Source)
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// schemaOf returns the output of pg_dump -s, without the lines that differ between two runs.
func schemaOf(t *testing.T, db string) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(server.BinDir(), "pg_dump"), "-s", "-O", "-x", "-d", server.URL(db)).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	var keep []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, `\`) && !strings.HasPrefix(line, "--") && strings.TrimSpace(line) != "" {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}
