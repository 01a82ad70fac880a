package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/faultproxy"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

func TestALongRowIsReadInPieces(t *testing.T) {
	create(t, "long", "", `CREATE TABLE t (id int, doc jsonb, file bytea, note text);
		INSERT INTO t SELECT g, jsonb_build_object('a', g), '\x00', 'short' FROM generate_series(1, 5) g;
		INSERT INTO t SELECT 6, jsonb_build_object('k', repeat('ü', 700000)), decode(repeat('00ff', 700000), 'hex'), 'beside';
		INSERT INTO t SELECT g, '{}', '\x00', 'after' FROM generate_series(7, 9) g`)
	d := open(t, "long", postgres.Options{MaxRow: 1 << 20})
	rel := relations(t, d)["public.t"]
	for _, binary := range []bool{false, true} {
		var got rows
		w := want(rel, binary)
		w.Texts = []string{"doc"}
		if err := read(t, d, w, &got); err != nil {
			t.Fatal(err)
		}
		if len(got.rows) != 9 || got.long != 1 || !strings.Contains(got.rows[8], "beside") {
			t.Errorf("binary %v: %d rows, %d of them long", binary, len(got.rows), got.long)
		}
		if s := got.pieces[4].String(); s != `{"k": "`+strings.Repeat("ü", 700000)+`"}` {
			t.Errorf("binary %v: the document has %d bytes", binary, len(s))
		}
		if s := got.pieces[2].String(); s != strings.Repeat("\x00\xff", 700000) {
			t.Errorf("binary %v: the file has %d bytes", binary, len(s))
		}
	}
}

func TestAReaderGoesOnAfterItsConnectionIsCut(t *testing.T) {
	create(t, "cut", "", `CREATE TABLE t AS SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g`)
	u, err := url.Parse(server.URL("cut"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := faultproxy.Start(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	through, err := p.URL(server.URL("cut"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := postgres.Open(t.Context(), through, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rel := relations(t, d)["public.t"]
	r, err := d.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p.FailAfter(5<<20, faultproxy.Reset)
	var got rows
	if err := r.Read(t.Context(), want(rel, false), &got); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got.rows)
	if n := len(slices.Compact(got.rows)); n != 20000 {
		t.Errorf("%d rows", n)
	}
}

func TestATableThatIsWrittenAnewIsNotTakenForAnEmptyOne(t *testing.T) {
	for name, change := range map[string]string{
		"truncate": `TRUNCATE t`, "rewrite": `ALTER TABLE t ALTER a TYPE text`, "rename": `ALTER TABLE t RENAME TO gone; CREATE TABLE t (a int)`, "drop": `DROP TABLE t`,
	} {
		t.Run(name, func(t *testing.T) {
			create(t, "changed_"+name, "", `CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 10) g; CREATE TABLE other AS SELECT 1 AS a`)
			d := open(t, "changed_"+name, postgres.Options{})
			all := relations(t, d)
			r, err := d.Reader(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			sql(t, "changed_"+name, change)
			var got rows
			if err := r.Read(t.Context(), want(all["public.t"], false), &got); err == nil || !strings.Contains(err.Error(), "public.t") {
				t.Errorf("got %v and %d rows", err, len(got.rows))
			}
			if err := r.Read(t.Context(), want(all["public.other"], false), &got); err != nil {
				t.Errorf("the reader cannot be used any more: %v", err)
			}
		})
	}
}

func TestAReaderHoldsNoLockAfterAPart(t *testing.T) {
	create(t, "unlocked", "", `CREATE TABLE t (a int)`)
	d := open(t, "unlocked", postgres.Options{})
	r, err := d.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Read(t.Context(), want(relations(t, d)["public.t"], true), &rows{}); err != nil {
		t.Fatal(err)
	}
	sql(t, "unlocked", `BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE NOWAIT; COMMIT`)
}

func TestAnErrorOfTheSinkEndsTheReading(t *testing.T) {
	create(t, "refused", "", `CREATE TABLE t AS SELECT g FROM generate_series(1, 100000) g`)
	d := open(t, "refused", postgres.Options{})
	rel, enough := relations(t, d)["public.t"], errors.New("enough")
	r, err := d.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got := rows{after: func(row int) error {
		if row == 10 {
			return enough
		}
		return nil
	}}
	if err := r.Read(t.Context(), want(rel, true), &got); !errors.Is(err, enough) || len(got.rows) != 10 {
		t.Errorf("got %v after %d rows", err, len(got.rows))
	}
	got = rows{}
	if err := r.Read(t.Context(), want(rel, true), &got); err != nil || len(got.rows) != 100000 {
		t.Errorf("got %v after %d rows", err, len(got.rows))
	}
	ctx, cancel := context.WithCancel(t.Context())
	got = rows{after: func(row int) error {
		if row == 10 {
			cancel()
		}
		return nil
	}}
	if err := r.Read(ctx, want(rel, true), &got); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsQuoteNoValue(t *testing.T) {
	create(t, "silent", "", `CREATE FUNCTION loud(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'canary %', $1; END $$;
		CREATE TABLE t (a text); INSERT INTO t VALUES ('canary'); ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		DROP ROLE IF EXISTS narrow; CREATE ROLE narrow LOGIN PASSWORD 'narrow'; GRANT USAGE ON SCHEMA public TO narrow; GRANT SELECT ON t TO narrow`)
	d, err := postgres.Open(t.Context(), server.URLFor("narrow", "narrow", "silent"), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = read(t, d, want(relations(t, d)["public.t"], false), &rows{})
	if pgsession.Code(err) != "42501" || !strings.Contains(err.Error(), "BYPASSRLS") || strings.Contains(fmt.Sprintf("%+v", err), "canary") {
		t.Errorf("got %v", err)
	}
}

func TestLargeObjectsAreReadInPieces(t *testing.T) {
	create(t, "objects", "", `SELECT lo_from_bytea(11, decode(repeat('abcdef', 700000), 'hex')); SELECT lo_from_bytea(12, 'small'); SELECT lo_create(13)`)
	d := open(t, "objects", postgres.Options{MaxRow: 1 << 20})
	got, ended := map[uint32]*rows{}, map[uint32]int{}
	err := d.LargeObjects(t.Context(), func(oid uint32, p probe.Piece) error {
		if got[oid] == nil {
			got[oid] = &rows{}
		}
		if p.Last {
			ended[oid]++
		}
		return got[oid].Piece(0, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	for oid, want := range map[uint32]string{11: strings.Repeat("\xab\xcd\xef", 700000), 12: "small", 13: ""} {
		if got[oid] == nil || got[oid].pieces[0].String() != want || ended[oid] != 1 {
			t.Errorf("large object %d is wrong, or ended %d times", oid, ended[oid])
		}
	}
}

func TestALongRowIsReadWithoutAColumnThatCannotBeComputed(t *testing.T) {
	if version(t) < 18 {
		t.Skip("virtual generated columns need PostgreSQL 18")
	}
	create(t, "longvirtual", "", `CREATE TABLE t (id int, doc text,
			part int GENERATED ALWAYS AS (100 / (id - 8)) VIRTUAL, word text GENERATED ALWAYS AS (repeat('w', 1 / (id - 8))) VIRTUAL);
		INSERT INTO t SELECT g, 'short' FROM generate_series(1, 4) g;
		INSERT INTO t SELECT 5, repeat('ü', 700000);
		INSERT INTO t SELECT g, 'after' FROM generate_series(6, 9) g`)
	d := open(t, "longvirtual", postgres.Options{MaxRow: 1 << 20})
	rel := relations(t, d)["public.t"]
	var got rows
	if err := read(t, d, want(rel, false), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.rows) != 9 || got.long != 1 || !slices.Equal(got.missing, []int{2, 3}) {
		t.Errorf("%d rows, %d of them long, without the columns %v", len(got.rows), got.long, got.missing)
	}
}
