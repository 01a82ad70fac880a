package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/wire"
)

const rowsOfAllKinds = `
	CREATE TABLE big (id int, t text); INSERT INTO big SELECT g, repeat('x', 100) FROM generate_series(1, 20000) g;
	CREATE TABLE wide (id int, t text); ALTER TABLE wide ALTER t SET STORAGE EXTERNAL; INSERT INTO wide SELECT g, repeat('y', 600000) FROM generate_series(1, 5) g;
	CREATE TABLE empty (a int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES;
	CREATE TABLE "Mixed Case" ("a b" int, g int GENERATED ALWAYS AS ("a b" + 1) STORED); INSERT INTO "Mixed Case" VALUES (7);
	CREATE TABLE animal (name text); CREATE TABLE dog (bark text) INHERITS (animal); INSERT INTO animal VALUES ('cat'); INSERT INTO dog VALUES ('rex', 'woof');
	CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1);`

func TestEveryRowComesOnceHoweverItIsCut(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "cuts", rowsOfAllKinds)
	var first map[string]string
	for _, c := range []struct {
		chunk   int64
		workers int
	}{{0, 1}, {64 << 10, 2}, {8 << 10, 4}} {
		p := open(t, url, source.Options{})
		sizes := catalog.Sizes{Workers: c.workers, Bytes: c.chunk}
		got, extents := collect(t, p, asText(wants(p.Catalog())), sizes)
		if first == nil {
			first = got
			continue
		}
		if !maps.Equal(first, got) {
			t.Errorf("chunk %d, %d workers: other rows", c.chunk, c.workers)
		}
		if n := count(extents, "big"); n < 20 {
			t.Errorf("the biggest table has %d extents", n)
		}
		binary, _ := collect(t, p, wants(p.Catalog()), sizes)
		if n := strings.Count(binary["public.big"], strings.Repeat("x", 100)); n != 20000 {
			t.Errorf("binary: %d rows", n)
		}
		if got := binary[`public."Mixed Case"`]; got != "\x00\x01\x00\x00\x00\x04\x00\x00\x00\x07" {
			t.Errorf("binary without header and trailer: %q", got)
		}
		if binary["public.empty"] != "" || binary["public.bare"] != "\n\n" {
			t.Errorf("empty %q, without columns %q", binary["public.empty"], binary["public.bare"])
		}
	}
	if first["public.animal"] != "cat\n" || first["public.dog"] != "rex\twoof\n" || first["public.p1"] != "1\n" {
		t.Errorf("inheritance or partitions: %q %q %q", first["public.animal"], first["public.dog"], first["public.p1"])
	}
	if len(first["public.wide"]) != 5*(600000+3) {
		t.Errorf("wide has %d bytes", len(first["public.wide"]))
	}
}

func count(extents []catalog.Extent, table string) int {
	n := 0
	for _, e := range extents {
		if e.Table.Name == table {
			n++
		}
	}
	return n
}

func TestTheSnapshotStaysAsItWas(t *testing.T) {
	conn, url := database(t, "stays", `CREATE TABLE t (a int); INSERT INTO t VALUES (1)`)
	p := open(t, url, source.Options{})
	run(t, conn, `INSERT INTO t VALUES (2); UPDATE t SET a = a + 10; CREATE TABLE later (a int)`)
	got, _ := collect(t, p, asText(wants(p.Catalog())), catalog.Sizes{Workers: 2})
	if got["public.t"] != "1\n" || len(got) != 1 {
		t.Errorf("got %q", got)
	}
	if err := p.Unchanged(t.Context()); err == nil || !strings.Contains(err.Error(), "public.later is new") {
		t.Errorf("Unchanged: %v", err)
	}
	run(t, conn, `DROP TABLE later`)
	if err := p.Unchanged(t.Context()); err != nil {
		t.Errorf("Unchanged: %v", err)
	}
	if off := p.Facts().ClockOffset; off == 0 || off.Abs() > time.Minute {
		t.Errorf("this machine's own clock is %s off", off)
	}
	if f := p.Facts(); f.SnapshotID == "" || f.LSN == "" || f.SessionUser != "postgres" || f.Database != "stays" || f.SystemID != p.Catalog().SystemID {
		t.Errorf("facts %+v", f)
	}
}

// R7: somebody can rename schemas in spite of the locks. A name then leads to the rows of another table, which has
// other approved rules. masker notices this, even if somebody renames the schemas back before the end.
func TestR7SchemasThatAreRenamedBackAreNoticed(t *testing.T) {
	conn, url := database(t, "renamed", `CREATE SCHEMA kept; CREATE SCHEMA treated; CREATE TABLE kept.t (a text); CREATE TABLE treated.t (a text);
		INSERT INTO kept.t VALUES ('open'); INSERT INTO treated.t VALUES ('raw')`)
	p := open(t, url, source.Options{})
	const exchange = `BEGIN; ALTER SCHEMA kept RENAME TO x; ALTER SCHEMA treated RENAME TO kept; ALTER SCHEMA x RENAME TO treated; COMMIT`
	run(t, conn, exchange)
	got, _ := collect(t, p, asText(wants(p.Catalog())), catalog.Sizes{Workers: 1})
	if got["kept.t"] != "raw\n" {
		t.Fatalf("the attack read %q", got)
	}
	run(t, conn, exchange)
	if err := p.Unchanged(t.Context()); err == nil || !strings.Contains(err.Error(), "a schema of renamed was changed during the run") {
		t.Errorf("Unchanged: %v", err)
	}
}

func TestAReaderMayStopEarly(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "early", rowsOfAllKinds)
	p := open(t, url, source.Options{})
	extents := 0
	err := stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1, Bytes: 64 << 10}, func(e catalog.Extent, rows wire.Blocks) error {
		extents++
		if extents%2 == 0 {
			return nil // like a target that already has this extent
		}
		_, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		return err
	})
	if err != nil || extents < 20 {
		t.Errorf("%d extents, %v", extents, err)
	}
}

func TestARowBeyondMaxRowIsRefused(t *testing.T) {
	_, url := database(t, "huge", `CREATE TABLE t (a text); INSERT INTO t VALUES (repeat('canary', 100000))`)
	p := open(t, url, source.Options{MaxRow: 500000})
	err := stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1}, drain)
	if pgsession.Code(err) != "54000" || !strings.Contains(err.Error(), "public.t") || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

func drain(_ catalog.Extent, rows wire.Blocks) error {
	for {
		if _, err := rows.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestAValueTheEncodingLacksIsAnErrorWithoutIt(t *testing.T) {
	admin := dial(t, server.URL("postgres"))
	run(t, admin, `CREATE DATABASE lossy ENCODING 'WIN1252' LOCALE 'C' TEMPLATE template0`)
	conn := dial(t, server.URL("lossy"))
	run(t, conn, `CREATE TABLE t (a text); INSERT INTO t VALUES ('canary' || convert_from('\x81', 'WIN1252'))`)
	p := open(t, server.URL("lossy"), source.Options{})
	err := stream(t.Context(), p, wants(p.Catalog()), catalog.Sizes{Workers: 1}, drain)
	if pgsession.Code(err) != "22P05" || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "public.t") {
		t.Errorf("got %v", err)
	}
}

func TestSequencesAndLargeObjects(t *testing.T) {
	conn, url := database(t, "others", `CREATE SEQUENCE fresh START 5; CREATE SEQUENCE "Used One"; SELECT nextval('"Used One"'), setval('fresh', 9, false);
		SELECT lo_from_bytea(4711, ''); SELECT lo_from_bytea(4712, decode(repeat('00ff', 400000), 'hex'))`)
	p := open(t, url, source.Options{})
	values, err := p.SequenceValues(t.Context())
	if err != nil || fmt.Sprint(values) != `[{public."Used One" 1 true false false false []} {public.fresh 9 false false false false []}]` {
		t.Errorf("got %v, %v", values, err)
	}
	run(t, conn, `SELECT lo_unlink(4711)`)
	got := map[uint32][]byte{}
	err = p.LargeObjects(t.Context(), func(_ context.Context, oid uint32, r io.Reader) error {
		b, err := io.ReadAll(r)
		got[oid] = b
		return err
	})
	if err != nil || len(got) != 2 || len(got[4711]) != 0 || !bytes.Equal(got[4712], bytes.Repeat([]byte{0, 255}, 400000)) {
		t.Errorf("%d large objects, %v", len(got), err)
	}
}

func TestOpenRefusesWhatItCouldNotReadWhole(t *testing.T) {
	_, url := database(t, "rights", `CREATE ROLE poor LOGIN PASSWORD 'pw'; CREATE ROLE reader LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data;
		CREATE SCHEMA closed; CREATE TABLE closed.t (a int); CREATE TABLE "Open" (a int); GRANT SELECT ON "Open" TO poor; CREATE SEQUENCE s;
		CREATE TABLE secret (a int); INSERT INTO secret VALUES (1); CREATE MATERIALIZED VIEW m AS SELECT 1;
		REVOKE CONNECT ON DATABASE rights FROM PUBLIC; GRANT CONNECT ON DATABASE rights TO poor, reader`)
	_, err := source.Open(t.Context(), server.URLFor("poor", "pw", "rights"), source.Options{})
	var refused *sides.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "closed.t, public.secret; GRANT pg_read_all_data TO poor,") || strings.Contains(err.Error(), "Open") {
		t.Errorf("got %v", err)
	}
	p := open(t, server.URLFor("reader", "pw", "rights"), source.Options{})
	got, _ := collect(t, p, asText(wants(p.Catalog())), catalog.Sizes{Workers: 2})
	if got["public.secret"] != "1\n" {
		t.Errorf("got %q", got)
	}
	if _, err := p.SequenceValues(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := p.Archive(t.Context()); err != nil {
		t.Error(err)
	}
	p.Close() // otherwise the next statement would wait for its locks
	admin := dial(t, url)
	run(t, admin, `ALTER TABLE secret ENABLE ROW LEVEL SECURITY`)
	_, err = source.Open(t.Context(), server.URLFor("reader", "pw", "rights"), source.Options{})
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "public.secret") || !strings.Contains(err.Error(), "ALTER ROLE reader BYPASSRLS") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTablesOfTheSnapshotAreRead(t *testing.T) {
	_, url := database(t, "membership", `CREATE TABLE p (a int) PARTITION BY LIST (a)`)
	p := open(t, url, source.Options{})
	for _, name := range []string{"p", "nothing"} {
		err := stream(t.Context(), p, []catalog.Want{{Table: catalog.Name{Schema: "public", Name: name}, Columns: []string{"a"}}}, catalog.Sizes{Workers: 1}, drain)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// CREATE EXTENSION fills the configuration tables of an extension with rows of the extension. masker leaves these rows
// out, as pg_dump does.
func TestAnExtensionsOwnRowsStayBehind(t *testing.T) {
	_, url := database(t, "extconfig", `CREATE EXTENSION hstore;
		CREATE TABLE conf (name text, standard bool); INSERT INTO conf VALUES ('made by the script', true), ('of the user', false);
		ALTER EXTENSION hstore ADD TABLE conf;
		UPDATE pg_extension SET extconfig = ARRAY['conf'::regclass::oid], extcondition = ARRAY['WHERE NOT standard'] WHERE extname = 'hstore';`)
	p := open(t, url, source.Options{})
	got, _ := collect(t, p, asText(wants(p.Catalog())), catalog.Sizes{Workers: 1})
	if want := "of the user\tf\n"; got["public.conf"] != want {
		t.Errorf("got %q, want %q", got["public.conf"], want)
	}
}
