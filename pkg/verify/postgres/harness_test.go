package postgres_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// server is shared by all tests. Each test uses its own database.
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

// sql runs statements in a database.
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

// create makes a database from a script. The argument options follows the name in CREATE DATABASE.
func create(t *testing.T, db, options, script string) {
	t.Helper()
	sql(t, "postgres", `CREATE DATABASE `+catalog.Quote(db)+` `+options)
	sql(t, db, script)
}

func open(t *testing.T, db string, o postgres.Options) *postgres.Database {
	t.Helper()
	d, err := postgres.Open(t.Context(), server.URL(db), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// relations returns the relations of a database by name.
func relations(t *testing.T, d *postgres.Database) map[string]*probe.Relation {
	t.Helper()
	list, err := d.Relations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*probe.Relation{}
	for i := range list {
		byName[list[i].Name.String()] = &list[i]
	}
	return byName
}

// want returns a Want for all columns of a relation.
func want(r *probe.Relation, binary bool) probe.Want {
	w := probe.Want{Relation: r, Binary: binary}
	for _, c := range r.Columns {
		w.Columns = append(w.Columns, c.Name)
	}
	return w
}

// rows is a Sink that keeps everything.
type rows struct {
	rows    []string
	long    int
	pieces  map[int]*bytes.Buffer // by column, without the parts that neighbouring pieces share
	after   func(row int) error   // called after each row; nil for nothing
	missing []int                 // columns that the server cannot compute
}

func (r *rows) Row(row []byte, long bool) error {
	r.rows = append(r.rows, string(row))
	if long {
		r.long++
	}
	if r.after != nil {
		return r.after(len(r.rows))
	}
	return nil
}

func (r *rows) Piece(column int, p probe.Piece) error {
	if r.pieces == nil {
		r.pieces = map[int]*bytes.Buffer{}
	}
	b := r.pieces[column]
	if b == nil {
		b = &bytes.Buffer{}
		r.pieces[column] = b
	}
	data := p.Data
	if !p.Bytes && b.Len() > 0 {
		data = data[8<<10:]
	}
	b.Write(data)
	return nil
}

func (r *rows) Missing(column int) { r.missing = append(r.missing, column) }

// read reads a Want on a new reader.
func read(t *testing.T, d *postgres.Database, w probe.Want, s probe.Sink) error {
	t.Helper()
	r, err := d.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return r.Read(t.Context(), w, s)
}

// version returns the major version of the server.
func version(t *testing.T) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var number int
	if err := conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&number); err != nil {
		t.Fatal(err)
	}
	return number
}
