package target_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// shop has one object of most kinds, both kinds that a shadow must have and kinds that it must not have.
const shop = `
CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION postgres_fdw;
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
CREATE TABLE a (id serial PRIMARY KEY, e email, t text); COMMENT ON TABLE a IS 'customers; all of them';
CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY, a_id int REFERENCES a, up text GENERATED ALWAYS AS ('x' || a_id) STORED);
CREATE UNLOGGED TABLE u (x int); CREATE TABLE nothing ();
CREATE TABLE "Weird ""Name" ("Käse" int, "select" text DEFAULT 'a;b');
ALTER TABLE a ENABLE ROW LEVEL SECURITY;
CREATE POLICY " TO x" ON a FOR SELECT TO story_reader, "Story Writer" USING (t = ' TO y, z');
CREATE POLICY p3 ON a USING (true);
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'canary.example', dbname 'canary');
CREATE USER MAPPING FOR story_reader SERVER far OPTIONS (user 'canary', password 'canary');
CREATE FOREIGN TABLE ft (id int NOT NULL DEFAULT 5, v text OPTIONS (column_name 'q')) SERVER far OPTIONS (table_name 'z');
CREATE VIEW vft AS SELECT * FROM ft; CREATE MATERIALIZED VIEW mfar AS SELECT 1 AS one WITH NO DATA;
CREATE MATERIALIZED VIEW m1 AS SELECT id, e FROM a; CREATE MATERIALIZED VIEW m2 AS SELECT count(*) AS n FROM m1; CREATE UNIQUE INDEX ON m1 (id);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'the trigger fired'; END$$;
CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f(); 
CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION ef();
CREATE RULE r AS ON INSERT TO b DO ALSO NOTHING;
CREATE TABLE pt (id int, k text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE pt_a PARTITION OF pt FOR VALUES IN ('a'); CREATE TABLE pt_b PARTITION OF pt FOR VALUES IN ('b'); CREATE INDEX ON pt (k);
CREATE TABLE ref (id int, k text, FOREIGN KEY (id, k) REFERENCES pt);
CREATE TABLE old_parent (x int); CREATE TABLE old_child (y int) INHERITS (old_parent);
ALTER TABLE b ADD CONSTRAINT nv CHECK (a_id > 0) NOT VALID;
CREATE STATISTICS st ON id, t FROM a; ALTER TABLE a REPLICA IDENTITY USING INDEX a_pkey; ALTER TABLE a CLUSTER ON a_pkey;
CREATE SEQUENCE down INCREMENT -1; CREATE PUBLICATION pub FOR TABLE a;
INSERT INTO nothing SELECT FROM generate_series(1, 3); INSERT INTO u VALUES (1);
ALTER TABLE a DISABLE TRIGGER tr; INSERT INTO a (e, t) SELECT 'x@' || g, E'y\t\\N\n' FROM generate_series(1, 100) g; ALTER TABLE a ENABLE TRIGGER tr;
INSERT INTO b (a_id) SELECT id FROM a; INSERT INTO pt VALUES (1, 'a'), (2, 'b'); INSERT INTO ref VALUES (2, 'b');
INSERT INTO old_parent VALUES (1); INSERT INTO old_child VALUES (2, 3); INSERT INTO "Weird ""Name" VALUES (1, 'x');
REFRESH MATERIALIZED VIEW m1; REFRESH MATERIALIZED VIEW m2; SELECT nextval('down'), nextval('down');`

func TestAFirstRefreshArrivesWhole(t *testing.T) {
	sql(t, "postgres", `CREATE ROLE story_reader`, `CREATE ROLE "Story Writer"`, `CREATE ROLE story_target`)
	create(t, "story_src", shop)
	p := open(t, server.URL("story"), target.Options{})
	sp := spec(t, "story_src", "run1")
	sp.Decisions = sides.Decisions{ForeignServers: "keep", ForeignTables: "keep", EventTriggers: "keep", Comments: "keep"}
	if _, err := p.Create(t.Context(), sp); err == nil || !strings.Contains(err.Error(), "\n  - {from: \"Story Writer\", to: \"Story Writer\"}\n  - {from: \"story_reader\", to: \"story_reader\"}") {
		t.Fatalf("roles that nobody mapped: %v, want an error that names them", err)
	}
	sp.Roles = map[string]string{"story_reader": "story_reader", "Story Writer": "Story Writer"}
	refresh(t, p, "story_src", sp)

	want := schemaOf(t, "story_src")
	for _, gone := range []string{
		"CREATE PUBLICATION pub WITH (publish = 'insert, update, delete, truncate');\n", "ALTER PUBLICATION pub ADD TABLE ONLY public.a;\n",
		" OPTIONS (\n    dbname 'canary',\n    host 'canary.example'\n)",
		"CREATE USER MAPPING FOR story_reader SERVER far OPTIONS (\n    password 'canary',\n    \"user\" 'canary'\n);\n",
	} {
		if !strings.Contains(want, gone) {
			t.Fatalf("the source's dump does not have %q", gone)
		}
		want = strings.Replace(want, gone, "", 1)
	}
	if got := schemaOf(t, "story"); got != want {
		t.Errorf("schema differs\n--- got\n%s\n--- want\n%s", got, want)
	}
	for query, want := range map[string]int64{
		"SELECT count(*) FROM nothing":                                                  3,
		"SELECT n FROM m2":                                                              100,
		"SELECT count(*) FROM pt":                                                       2,
		"SELECT count(*) FROM old_parent":                                               2,
		"SELECT nextval('down')":                                                        -3,
		"SELECT nextval('a_id_seq')":                                                    101,
		"SELECT count(*) FROM pg_constraint WHERE NOT convalidated":                     1, // the constraint nv
		"SELECT count(*) FROM pg_class WHERE relname = 'a' AND reltuples = 100":         1,
		"SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%masker%'":               0,
		"SELECT relallvisible::bigint FROM pg_class WHERE relname = 'u'":                1, // loaded with COPY FREEZE
		"SELECT count(*) FROM pg_database WHERE datname LIKE 'story_masker_%'":          0,
		"SELECT count(*) FROM a WHERE t = E'y\\t\\\\N\\n' AND e = ('X@' || id)::citext": 100,
		"SELECT count(*) FROM pg_user_mappings":                                         0,
		"SELECT count(*) FROM pg_foreign_server WHERE srvoptions IS NOT NULL":           0,
		"SELECT count(*) FROM pg_class WHERE relname='u' AND relpersistence='u'":        1,
	} {
		if got := one[int64](t, "story", query); got != want {
			t.Errorf("%s = %d, want %d", query, got, want)
		}
	}
	if !one[bool](t, "story", "SELECT has_database_privilege('story_reader', 'story', 'CONNECT')") {
		t.Error("a first refresh does not let roles connect")
	}
}

func TestStandInsTakeInheritedDefaults(t *testing.T) {
	create(t, "far_child_src", `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
		CREATE TABLE base (a int DEFAULT 5); CREATE FOREIGN TABLE child (b text NOT NULL) INHERITS (base) SERVER far;
		ALTER FOREIGN TABLE child ADD CONSTRAINT late CHECK (b <> 'x') NOT VALID;
		CREATE TABLE part (k int DEFAULT 7, v text) PARTITION BY LIST (k);
		CREATE FOREIGN TABLE part_far PARTITION OF part (k DEFAULT 8) DEFAULT SERVER far;`)
	p := open(t, server.URL("far_child"), target.Options{})
	sp := spec(t, "far_child_src", "run1")
	sp.Decisions.ForeignTables = "empty"
	refresh(t, p, "far_child_src", sp)
	sql(t, "far_child", "INSERT INTO child (b) VALUES ('y'); INSERT INTO part (v) VALUES ('z')")
	if n := one[int](t, "far_child", "SELECT a FROM base"); n != 5 {
		t.Errorf("the default of the inherited column gives %d", n)
	}
	if !one[bool](t, "far_child", "SELECT NOT convalidated FROM pg_constraint WHERE conname = 'late'") {
		t.Error("the CHECK of the stand-in is not there as in the source")
	}
}

func TestForeignTablesGoByDecision(t *testing.T) {
	create(t, "far_src", `CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'canary.example');
		CREATE FOREIGN TABLE ft (id int NOT NULL DEFAULT 5, v text OPTIONS (column_name 'q'), CHECK (v <> 'SERVER ; x')) SERVER far OPTIONS (table_name 'z');
		COMMENT ON FOREIGN TABLE ft IS 'far'; CREATE VIEW v1 AS SELECT * FROM ft; CREATE VIEW v2 AS SELECT * FROM v1;`)
	p := open(t, server.URL("far"), target.Options{})
	sp := spec(t, "far_src", "run1")
	sp.Decisions.Comments = "keep"
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.LeftOut(), "; "); got != "view public.v1 (needs foreign table public.ft); view public.v2 (needs view public.v1)" {
		t.Errorf("dropped along: %s", got)
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
	sp.Decisions.ForeignTables = "empty"
	s = refresh(t, p, "far_src", sp)
	if len(s.LeftOut()) > 0 {
		t.Errorf("dropped although a table stands in: %v", s.LeftOut())
	}
	if n := one[int](t, "far", "SELECT count(*) FROM v2"); n != 0 {
		t.Errorf("%d rows in the stand-in", n)
	}
	sql(t, "far", "INSERT INTO ft (v) VALUES ('x')")
	if n := one[int](t, "far", "SELECT id FROM v2"); n != 5 {
		t.Errorf("the stand-in's default gives %d", n)
	}
}

func TestAnExtentIsWrittenOnce(t *testing.T) {
	create(t, "once_src", "CREATE TABLE t (a int, b text)")
	p := open(t, server.URL("once"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "once_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	name := catalog.Name{Schema: "public", Name: "t"}
	write := func(index int, rows string, fail error) (int64, error) {
		return s.Write(t.Context(), 0, catalog.Extent{Table: name, Index: index, Of: 2}, name, []string{"b", "a"}, wire.Text, &blocks{rest: [][]byte{[]byte(rows)}, err: fail})
	}
	broken := errors.New("the source broke")
	if _, err := write(0, "x\t1\n", broken); !errors.Is(err, broken) {
		t.Fatalf("a source that fails: %v", err)
	}
	if _, err := write(0, "canary\tcanary\n", nil); err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "22P02") {
		t.Fatalf("a row the server refuses: %v", err)
	}
	for range 2 {
		if n, err := write(0, "x\t1\ny\t2\n", nil); err != nil || n != 2 {
			t.Fatalf("first extent: %d rows, %v", n, err)
		}
		if n, err := write(1, "z\t3\n", nil); err != nil || n != 1 {
			t.Fatalf("second extent: %d rows, %v", n, err)
		}
	}
	if n := one[int](t, s.Name(), "SELECT sum(a) FROM t"); n != 6 {
		t.Errorf("sum %d, want 6", n)
	}
}

func TestLargeObjectsKeepTheirNumbersAndOwners(t *testing.T) {
	sql(t, "postgres", "CREATE ROLE lo_owner CREATEDB")
	create(t, "lo_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("lo"), target.Options{})
	refresh(t, p, "lo_src", spec(t, "lo_src", "run1"))
	p.Close()
	sql(t, "postgres", "ALTER DATABASE lo OWNER TO lo_owner")
	p = open(t, server.URL("lo"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "lo_src", "run2"))
	if err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("0123456789", 100_000)
	for oid, content := range map[uint32]string{4711: big, 4712: ""} {
		if err := s.PutLargeObject(t.Context(), oid, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, "lo", "SELECT convert_from(lo_get(4711), 'UTF8')"); got != big {
		t.Errorf("%d bytes arrived", len(got))
	}
	if n := one[int](t, "lo", "SELECT count(*) FROM pg_largeobject_metadata WHERE lomowner = 'lo_owner'::regrole"); n != 2 {
		t.Errorf("%d of 2 belong to the database's owner", n)
	}
}

func TestSequencesOfTreatedColumnsGoPastTheirResults(t *testing.T) {
	create(t, "seq_src", `CREATE TABLE t (id serial PRIMARY KEY, d int); CREATE SEQUENCE down INCREMENT -1 MINVALUE -1000000; ALTER SEQUENCE down OWNED BY t.d; ALTER TABLE t ALTER d SET DEFAULT nextval('down')`)
	p := open(t, server.URL("seq"), target.Options{})
	sp := spec(t, "seq_src", "run1")
	for i := range sp.Sequences {
		sp.Sequences[i].Past = true
	}
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	name := catalog.Name{Schema: "public", Name: "t"}
	rows := &blocks{rest: [][]byte{[]byte("70\t-5\n500\t-90\n30\t7\n")}}
	if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"id", "d"}, wire.Text, rows); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, s.Name(), "INSERT INTO t DEFAULT VALUES RETURNING id || ' ' || d"); got != "501 -91" {
		t.Errorf("the next values are %s, want 501 -91", got)
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A sequence that is behind its key in the source goes past the key, so that inserts succeed. A sequence that is ahead
// of its key stays.
func TestSequencesBehindTheirKeysCatchUp(t *testing.T) {
	create(t, "lag_src", "CREATE TABLE t (id serial PRIMARY KEY, n serial UNIQUE); INSERT INTO t VALUES (70, 1), (500, 2); SELECT setval('t_n_seq', 40)")
	p := open(t, server.URL("lag"), target.Options{})
	sp := spec(t, "lag_src", "run1")
	for i := range sp.Sequences {
		sp.Sequences[i].Lagging = true
	}
	s, err := p.Create(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	name := catalog.Name{Schema: "public", Name: "t"}
	rows := &blocks{rest: [][]byte{[]byte("70\t1\n500\t2\n")}}
	if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"id", "n"}, wire.Text, rows); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, s.Name(), "INSERT INTO t DEFAULT VALUES RETURNING id || ' ' || n"); got != "501 41" {
		t.Errorf("the next values are %s, want 501 41", got)
	}
	if notes := strings.Join(s.Notes(), "\n"); !strings.Contains(notes, "public.t_id_seq") || strings.Contains(notes, "t_n_seq") {
		t.Errorf("notes: %s", notes)
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestCancellingLeavesTheTargetAndNoShadow(t *testing.T) {
	create(t, "stop_src", "CREATE TABLE t (a int)")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := open(t, server.URL("stop"), target.Options{Fault: func(point string) {
		if point == "mid-copy" {
			cancel()
		}
	}})
	s, err := p.Create(ctx, spec(t, "stop_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	name := catalog.Name{Schema: "public", Name: "t"}
	rows := &blocks{rest: [][]byte{[]byte("1\n"), []byte("2\n")}, err: context.Canceled}
	if _, err := s.Write(ctx, 0, catalog.Extent{Table: name, Of: 1}, name, []string{"a"}, wire.Text, rows); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled load: %v", err)
	}
	if err := s.Publish(ctx); err == nil {
		t.Fatal("published after being cancelled")
	}
	if err := s.Discard(ctx); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, "postgres", "SELECT count(*) FROM pg_database WHERE datname IN ('stop', $1)", s.Name()); n != 0 {
		t.Errorf("%d databases are left", n)
	}
}
