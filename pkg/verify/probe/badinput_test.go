package probe_test

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

func TestBrokenEncodingsAreLookedAt(t *testing.T) {
	create(t, "ascii", "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0", `CREATE FUNCTION raw(hex text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(decode(hex, 'hex'), 'SQL_ASCII') $$;
		CREATE TABLE t (id int PRIMARY KEY, a text, j json, l text[]);
		INSERT INTO t SELECT 1, raw('e9ff') || 'canary' || raw('c3'), ('{"k' || raw('ff') || '": "' || raw('fe') || 'canary"}')::json, ARRAY[raw('80') || 'canary'];
		INSERT INTO t SELECT 2, raw('ff') || repeat(raw('e9'), 9000000) || 'canary', NULL, NULL;
		DO $$ BEGIN EXECUTE 'COMMENT ON TABLE t IS ' || quote_literal(raw('e9') || 'canary'); END $$`)
	for _, binary := range []bool{false, true} {
		got, _ := look(t, "ascii", probe.Options{Values: true, Tables: tables(t, "ascii", binary)}, "canary")
		for at, rows := range map[string]int{
			"public.t.a: canary": 2, "public.t.j $.*: canary": 1, "public.t.l: canary": 1, "public.t comment on table public.t: canary": 1,
		} {
			if got.Found(at) != rows {
				t.Errorf("binary %v: %s: %d rows, want %d; found %q", binary, at, got.Found(at), rows, got.Places())
			}
		}
	}
}

// TestEveryTypeOfTheServerIsRead makes a table with one column of each type that the server has, and reads the table.
// A column has a value if its type accepts one of a few texts, and is NULL otherwise.
func TestEveryTypeOfTheServerIsRead(t *testing.T) {
	create(t, "every", "", `CREATE TABLE t (id int); INSERT INTO t VALUES (1);
		DO $$ DECLARE y regtype; v text; BEGIN
			FOR y IN SELECT oid FROM pg_type WHERE typtype IN ('b', 'r', 'm', 'd', 'c') AND oid NOT IN (SELECT reltype FROM pg_class WHERE relname = 't')
				AND typname NOT IN ('_t') ORDER BY oid LOOP
				BEGIN EXECUTE format('ALTER TABLE t ADD %I %s', 'c' || y::oid, y); EXCEPTION WHEN others THEN CONTINUE; END;
				FOREACH v IN ARRAY ARRAY['1', '{1}', '(1,2)', '{}', 'empty', 'a', '[1,2]', '1:1', '0/1', '127.0.0.1', '08:00:2b:01:02:03', '2024-01-01', '10:20:30', 'pg_class', '<(1,2),3>', '{"a":1}'] LOOP
					BEGIN EXECUTE format('UPDATE t SET %I = %L WHERE %1$I IS NULL', 'c' || y::oid, v); EXIT; EXCEPTION WHEN others THEN NULL; END;
				END LOOP;
			END LOOP; END $$`)
	if n := list(t, "every", `SELECT count(*)::text FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0`)[0]; len(n) < 3 {
		t.Fatalf("only %s columns", n)
	}
	for _, binary := range []bool{false, true} {
		all := tables(t, "every", binary)
		look(t, "every", probe.Options{Values: true, Sums: true, Tables: all})
		look(t, "every", probe.Options{Values: true}) // the options describe no table, so COPY is binary for every type that has a binary form
	}
}

// peak returns how many bytes of memory f uses at most, in addition to the memory that was in use before.
func peak(f func()) int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapAlloc, atomic.Int64{}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), int64(m.HeapAlloc)-int64(before)))
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-ended
	return most.Load()
}

func TestALongDocumentNeedsLittleMemory(t *testing.T) {
	create(t, "document", "", `CREATE TABLE t (id int PRIMARY KEY, j json, b bytea);
		INSERT INTO t SELECT 1, ('{"big": "' || repeat('0123456789 ', 5000000) || '", "end": "canary"}')::json, decode(repeat('00', 20000000), 'hex') || 'canary'`)
	for _, binary := range []bool{false, true} {
		o := probe.Options{Values: true, Sums: true, Tables: tables(t, "document", binary)}
		bytes := peak(func() {
			got, _ := look(t, "document", o, "canary")
			document := "public.t.j " + verify.Unplaced + ": canary" // a report cannot show the path
			if got.Found(document) != 1 || got.Found("public.t.b: canary") != 1 || got.Key(document) != "id = 1" {
				t.Errorf("binary %v: found %q", binary, got.Places())
			}
			if rows, _ := got.Rows("public.t"); rows != 1 {
				t.Errorf("binary %v: %d rows", binary, rows)
			}
		})
		if bytes > 32<<20 {
			t.Errorf("binary %v: %d MB were in use for a document of 55 MB", binary, bytes>>20)
		}
	}
}

func TestOneValueAMillionTimesNeedsLittleMemory(t *testing.T) {
	create(t, "million", "", `CREATE TABLE t (id int PRIMARY KEY, a text, j jsonb); INSERT INTO t SELECT g, 'the canary', '{"k": "the canary"}' FROM generate_series(1, 1000000) g`)
	o := probe.Options{Values: true, Sums: true, Workers: 2, Tables: tables(t, "million", true)}
	bytes := peak(func() {
		got, _ := look(t, "million", o, "canary")
		if rows, _ := got.Rows("public.t"); rows != 1e6 || got.Found("public.t.a: canary") != 1e6 || got.Found("public.t.j $.k: canary") != 1e6 {
			t.Errorf("%d rows, found in %d", rows, got.Found("public.t.a: canary"))
		}
	})
	if bytes > 32<<20 {
		t.Errorf("%d MB were in use", bytes>>20)
	}
}

func TestAServerThatStaysAwayIsAnErrorWithoutValues(t *testing.T) {
	create(t, "away", "", `CREATE TABLE t AS SELECT g, repeat('canary', 100) AS a FROM generate_series(1, 20000) g`)
	u, err := url.Parse(urlOf("away"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	through, err := p.URL(urlOf("away"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := postgres.Open(t.Context(), through, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	o := probe.Options{Values: true, Tables: tables(t, "away", true)}
	gone := &ends{Database: d, after: 100, end: p.Close}
	_, err = probe.Run(t.Context(), gone, probe.NewLooking("canary"), o)
	if err == nil || strings.Contains(err.Error(), "canary") || !strings.HasPrefix(pgsession.Code(err), "08") {
		t.Errorf("got %v", err)
	}
	o.Changing = true
	if _, err = probe.Run(t.Context(), gone, probe.NewLooking("canary"), o); err == nil {
		t.Error("a database that is gone was verified")
	}
}

// ends is a Database whose readers return an error after some rows.
type ends struct {
	probe.Database
	after int
	end   func()
}

func (e *ends) Reader(ctx context.Context) (probe.Reader, error) {
	r, err := e.Database.Reader(ctx)
	return &endingReader{r, e}, err
}

type endingReader struct {
	probe.Reader
	e *ends
}

func (r *endingReader) Read(ctx context.Context, w probe.Want, s probe.Sink) error {
	return r.Reader.Read(ctx, w, &endingSink{s, r.e})
}

type endingSink struct {
	probe.Sink
	e *ends
}

func (s *endingSink) Row(row []byte, long bool) error {
	if s.e.after--; s.e.after == 0 {
		s.e.end()
	}
	return s.Sink.Row(row, long)
}

func TestARelationThatCannotBeReadIsListedIfTheDatabaseMayChange(t *testing.T) {
	create(t, "changing", "", `CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE u AS SELECT 'canary'::text AS b`)
	d, err := postgres.Open(t.Context(), urlOf("changing"), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Relations(t.Context()); err != nil {
		t.Fatal(err)
	}
	sql(t, "changing", `TRUNCATE t`)
	l := probe.NewLooking("canary")
	result, err := probe.Run(t.Context(), d, l, probe.Options{Values: true, Changing: true})
	if err != nil || len(result.Unread) != 1 || result.Unread[0].Relation != (catalog.Name{Schema: "public", Name: "t"}) || l.Found("public.u.b: canary") != 1 {
		t.Errorf("got %+v, %v, found %q", result, err, l.Places())
	}
	if _, err := probe.Run(t.Context(), d, l, probe.Options{Values: true}); err == nil || !strings.Contains(err.Error(), "public.t") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := probe.Run(ctx, d, l, probe.Options{Values: true, Changing: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
