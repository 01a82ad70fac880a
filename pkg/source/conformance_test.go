package source_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/source"
)

// A live PostgreSQL implements every optional interface of a Snapshot.
var (
	_ refresh.Joins        = (*source.Postgres)(nil)
	_ refresh.Histograms   = (*source.Postgres)(nil)
	_ refresh.LargeObjects = (*source.Postgres)(nil)
	_ refresh.Explainer    = (*source.Postgres)(nil)
	_ refresh.Repeatable   = (*source.Postgres)(nil)
	_ refresh.Finds        = (*source.Postgres)(nil)
)

func TestAServerIsASnapshot(t *testing.T) {
	_, url := database(t, "conformance", snapshottest.SQL())
	snapshottest.Run(t, func(t *testing.T) refresh.Snapshot {
		proxy, through := stallable(t, url)
		return breakable{open(t, through, source.Options{Sessions: 1}), proxy}
	})
}

// breakable is a snapshot behind a proxy.
type breakable struct {
	*source.Postgres
	proxy *faultproxy.Proxy
}

// Break resets the connection with the byte after the next megabyte. The table big has three megabytes.
func (b breakable) Break() { b.proxy.FailAfter(b.proxy.Passed()+1<<20, faultproxy.Reset) }

// If a session breaks, its extent is read again under two conditions: the snapshot still exists, and nobody ended the
// session on purpose.
func TestAnExtentIsReadAgainOnlyWhileTheSnapshotLives(t *testing.T) {
	conn, url := database(t, "lives", `CREATE TABLE t (a int)`)
	p := open(t, url, source.Options{})
	for code, want := range map[string]bool{"08006": true, "08003": true, "40001": true, "40P01": true, "57P01": false, "57014": false, "22P05": false, "": false} {
		if got := p.Again(fmt.Errorf("reading: %w", &pgsession.Error{Code: code})); got != want {
			t.Errorf("SQLSTATE %q: %v", code, got)
		}
	}
	run(t, conn, `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE relation = 't'::regclass`)
	if p.Again(&pgsession.Error{Code: "40001"}) {
		t.Error("the snapshot is gone")
	}
}

// Read returns an error for an extent that it cannot read. Such an extent can come from another process.
func TestAnExtentThatCannotBeReadIsRefused(t *testing.T) {
	_, url := database(t, "scattered", `CREATE EXTENSION hstore; CREATE TABLE conf (name text); ALTER EXTENSION hstore ADD TABLE conf;
		UPDATE pg_extension SET extconfig = ARRAY['conf'::regclass::oid], extcondition = ARRAY['WHERE true'] WHERE extname = 'hstore';`)
	p := open(t, url, source.Options{})
	want := asText(wants(p.Catalog()))
	cut, err := p.Cut(t.Context(), want, catalog.Sizes{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Open(t.Context(), want, cut.Handle)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() // never fails
	for _, e := range cut.Extents {
		e.Pages = []catalog.Pages{{From: 0, To: 1}, {From: 1}}
		if _, err := r.Read(t.Context(), e); err == nil || !strings.Contains(err.Error(), e.Table.String()) {
			t.Errorf("%s: %v", e.Table, err)
		}
	}
}

// F4: a reader returns joined rows in the same order every time, even if the server could use parallel workers.
func TestF4RowsWithThoseTheyReferenceComeInTheSameOrder(t *testing.T) {
	_, url := database(t, "parallel", `CREATE TABLE parent (id int PRIMARY KEY, name text); CREATE TABLE child (id int, parent int, pad text);
		INSERT INTO parent SELECT g, 'p' || g FROM generate_series(1, 1000) g; INSERT INTO child SELECT g, g % 1000, repeat('x', 100) FROM generate_series(1, 200000) g; ANALYZE;
		ALTER DATABASE parallel SET parallel_setup_cost = 0; ALTER DATABASE parallel SET parallel_tuple_cost = 0; ALTER DATABASE parallel SET min_parallel_table_scan_size = 0;
		ALTER DATABASE parallel SET max_parallel_workers_per_gather = 4`)
	p := open(t, url, source.Options{})
	parent := catalog.Name{Schema: "public", Name: "parent"}
	want := []catalog.Want{{
		Table: catalog.Name{Schema: "public", Name: "child"}, Columns: []string{"id"},
		Joins: []catalog.Join{{Path: "parent", Parent: parent, Key: "id"}}, Extras: []catalog.Extra{{Path: "parent", Column: "name"}},
	}}
	first, _ := collect(t, p, want, catalog.Sizes{Workers: 1, Bytes: 1 << 40})
	for range 3 {
		if again, _ := collect(t, p, want, catalog.Sizes{Workers: 1, Bytes: 1 << 40}); again["public.child"] != first["public.child"] {
			t.Fatal("the same extent came in another order")
		}
	}
}

// readerOf opens a reader for all tables, in text. It returns the extents by the name of their table, one for each
// table.
func readerOf(t *testing.T, p *source.Postgres) (refresh.Reader, map[string]catalog.Extent) {
	t.Helper()
	want := asText(wants(p.Catalog()))
	cut, err := p.Cut(t.Context(), want, catalog.Sizes{Workers: 1, Bytes: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Open(t.Context(), want, cut.Handle)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() }) // never fails
	extents := map[string]catalog.Extent{}
	for _, e := range cut.Extents {
		extents[e.Table.Name] = e
	}
	return r, extents
}

// If the session of a reader ends, the extent that is being read fails. The reader then opens another session, and can
// read the extent again.
func TestAReaderWhoseSessionEndedReadsAgain(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "ended", `CREATE TABLE big (t text); ALTER TABLE big ALTER t SET STORAGE EXTERNAL;
		INSERT INTO big SELECT repeat('x', 1000000) FROM generate_series(1, 64)`) // more than all buffers between the server and the reader can hold
	r, extents := readerOf(t, open(t, url, source.Options{}))
	rows, err := r.Read(t.Context(), extents["big"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil {
		t.Fatal(err)
	}
	run(t, conn, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'ended' AND query LIKE 'COPY%' AND pid <> pg_backend_pid()`)
	for err == nil {
		_, err = rows.Next()
	}
	if err == io.EOF || !strings.Contains(err.Error(), "public.big") {
		t.Errorf("the rows ended with %v", err)
	}
	if rows, err = r.Read(t.Context(), extents["big"]); err != nil {
		t.Fatal(err)
	}
	if err := drain(extents["big"], rows); err != nil {
		t.Errorf("again: %v", err)
	}
}

// A value that cannot be read makes the transaction fail. The reader then begins another transaction, and can read
// other tables.
func TestAReaderReadsOnAfterAnExtentThatFailed(t *testing.T) {
	noLeaks(t)
	admin := dial(t, server.URL("postgres"))
	run(t, admin, `CREATE DATABASE spoilt ENCODING 'WIN1252' LOCALE 'C' TEMPLATE template0`)
	conn := dial(t, server.URL("spoilt"))
	run(t, conn, `CREATE TABLE bad (a text); INSERT INTO bad VALUES ('canary' || convert_from('\x81', 'WIN1252')); CREATE TABLE good (a text); INSERT INTO good VALUES ('x')`)
	r, extents := readerOf(t, open(t, server.URL("spoilt"), source.Options{}))
	for _, table := range []string{"bad", "good", "bad"} {
		rows, err := r.Read(t.Context(), extents[table])
		if err == nil {
			err = drain(extents[table], rows)
		}
		if (table == "bad") != (pgsession.Code(err) == "22P05") || table == "good" && err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}

func TestAClosedReaderLeavesNothingOnTheServer(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "closedreader", snapshottest.SQL())
	p := open(t, url, source.Options{})
	sessions := func() (n int) {
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = 'closedreader' AND application_name LIKE 'masker source%'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := sessions()
	r, extents := readerOf(t, p)
	rows, err := r.Read(t.Context(), extents["big"])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for ended := time.Now().Add(10 * time.Second); sessions() > before; { // the server process needs a moment to end
		if time.Now().After(ended) {
			t.Fatal("the reader's session is still there")
		}
	}
	p.Close()
	run(t, conn, `SET lock_timeout = '5s'; LOCK TABLE big IN ACCESS EXCLUSIVE MODE`) // nobody holds a lock on the table any more
}
