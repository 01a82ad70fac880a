package source_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

const shapes = `
CREATE SCHEMA "Sales Dept"; CREATE SCHEMA "select";
CREATE TYPE public.mood AS ENUM ('so', 'la', 'la la');
CREATE DOMAIN public.email AS varchar(40) COLLATE "C" CHECK (VALUE ~ '@');
CREATE DOMAIN public.work_email AS public.email NOT NULL;
CREATE DOMAIN public.tags AS text[];
CREATE TYPE public.pair AS (a numeric(5,1), b public.mood);
CREATE TYPE public.risky AS (a int, r regclass);
CREATE TYPE public.span AS RANGE (subtype = numeric);
CREATE COLLATION public.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE public.types (
	i2 smallint, i4 int, i8 bigint, n numeric(12,3), neg numeric(3,-2), f real, b bool, u uuid, d date, ts timestamp(3), tz timestamptz,
	j json, jb jsonb, by bytea, ip inet, v varchar(7), c char(5), tx text, nm name, m public.mood, ma public.mood[], va varchar(9)[],
	e public.email, we public.work_email, tg public.tags, ea public.email[], p public.pair, pa public.pair[], r public.risky, sp public.span, ms int4multirange,
	mo money, rc regclass, rca regtype[], ov oidvector, ch "char", x xml, ci text COLLATE public.ci, pn pg_snapshot, al aclitem);
CREATE TABLE "Sales Dept"."Order" (
	"Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "UPPER" text UNIQUE, "quo""te" int, "naïve" int DEFAULT 5, gone int,
	twice int GENERATED ALWAYS AS ("quo""te" * 2) STORED, parent int REFERENCES "Sales Dept"."Order" DEFERRABLE,
	CHECK ("quo""te" > 0), EXCLUDE USING btree ("quo""te" WITH =));
ALTER TABLE "Sales Dept"."Order" DROP COLUMN gone;
CREATE UNIQUE INDEX expr ON "Sales Dept"."Order" (lower("UPPER"), "Id") WHERE "quo""te" > 3;
CREATE UNIQUE INDEX nulls ON "Sales Dept"."Order" ("naïve") NULLS NOT DISTINCT;
CREATE TABLE "select"."table" (a int, b int, PRIMARY KEY (a, b));
`

func TestInspect(t *testing.T) {
	_, url := database(t, "inspect", shapes+`
		CREATE TABLE public.child (id serial, x int, y int, fed int DEFAULT nextval('public.child_id_seq'));
		ALTER TABLE public.child ADD FOREIGN KEY (y, x) REFERENCES "select"."table" (b, a) MATCH FULL NOT VALID;
		COMMENT ON COLUMN public.child.x IS 'Sensitive';
		`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if child := d.Table(catalog.Name{Schema: "public", Name: "child"}); child.Column("x").Comment != "Sensitive" || child.Column("y").Comment != "" {
		t.Errorf("comments: %+v", child.Columns)
	}
	types := d.Table(catalog.Name{Schema: "public", Name: "types"})
	pair := "composite pair .a numeric numeric 5,1 .b enum mood [so la la la]"
	for column, want := range map[string]string{
		"i2": "integer int2 bits=16", "i8": "integer int8 bits=64", "n": "numeric numeric 12,3", "neg": "numeric numeric 3,-2", "ts": "timestamp timestamp 3,0",
		"v": "text varchar max=7", "c": "text bpchar max=5 padded", "tx": "text text", "nm": "text name max=63", "m": "enum mood [so la la la]",
		"ma": "array _mood of enum mood [so la la la]", "va": "array _varchar of text varchar max=9", "e": "text varchar max=40 domain=public.email",
		"we": "text varchar max=40 domain=public.work_email notnull", "tg": "array _text domain=public.tags of text text",
		"ea": "array _email of text varchar max=40 domain=public.email", "p": pair, "ci": "text text ci", "sp": "range span of numeric numeric", "ms": "multirange int4multirange of range int4range of integer int4 bits=32",
		"r": "composite risky text .a integer int4 bits=32 .r other regclass text", "mo": "money money text", "rc": "other regclass text", "rca": "array _regtype text of other regtype text",
		"al": "other aclitem text", "ch": "other char", "ov": "other oidvector", "jb": "json jsonb", "ip": "inet inet", "by": "bytea bytea", "pa": "array _pair of " + pair,
	} {
		if got := describe(types.Column(column).Type); got != want {
			t.Errorf("%s: got %q, want %q", column, got, want)
		}
	}
	if name := types.Column("va").Type.Elem.Name; name != "character varying(9)" {
		t.Errorf("element's name %q", name)
	}
	if checks := types.Checks; len(checks) != 2 || !reflect.DeepEqual(checks[0].Columns, []string{"e"}) || !strings.Contains(checks[0].Expr, "VALUE") {
		t.Errorf("domain checks: %+v", checks)
	}
	order(t, d)
	child := d.Table(catalog.Name{Schema: "public", Name: "child"})
	if s := child.Column("fed").Sequence; s == nil || s.Name != "child_id_seq" {
		t.Errorf("fed by %v", s)
	}
	var fk *catalog.ForeignKey
	for i := range d.ForeignKeys {
		if d.ForeignKeys[i].Child.Name == "child" {
			fk = &d.ForeignKeys[i]
		}
	}
	if fk == nil || !fk.MatchFull || !fk.NotValid || !reflect.DeepEqual(fk.ChildColumns, []string{"y", "x"}) || !reflect.DeepEqual(fk.ParentColumns, []string{"b", "a"}) {
		t.Errorf("foreign key %+v", fk)
	}
}

func order(t *testing.T, d *catalog.Database) {
	t.Helper()
	o := d.Table(catalog.Name{Schema: "Sales Dept", Name: "Order"})
	var names []string
	for _, c := range o.Columns {
		names = append(names, c.Name)
	}
	if want := []string{"Id", "UPPER", `quo"te`, "naïve", "twice", "parent"}; !reflect.DeepEqual(names, want) {
		t.Errorf("columns %q", names)
	}
	if c := o.Column("Id"); c.Identity != "always" || c.Sequence == nil || c.Sequence.Name != "Order_Id_seq" || !c.NotNull {
		t.Errorf("identity %+v", c)
	}
	if c := o.Column("twice"); !c.Generated || c.Default == "" {
		t.Errorf("generated %+v", c)
	}
	want := []catalog.Key{
		{Name: "Order_pkey", Primary: true, Columns: []string{"Id"}},
		{Name: "Order_UPPER_key", Columns: []string{"UPPER"}},
		{Name: "expr", Columns: []string{"Id", "UPPER", `quo"te`}, Members: []string{`lower("UPPER")`, `"Id"`}, Predicate: `("quo""te" > 3)`},
		{Name: "nulls", Columns: []string{"naïve"}, NullsNotDistinct: true},
	}
	if !reflect.DeepEqual(o.Keys, want) {
		t.Errorf("keys %+v", o.Keys)
	}
	if len(o.Checks) != 1 || !reflect.DeepEqual(o.Checks[0].Columns, []string{`quo"te`}) || len(o.Exclusions) != 1 {
		t.Errorf("checks %+v, exclusions %+v", o.Checks, o.Exclusions)
	}
}

// describe writes a type on one line. "text" behind the base type means that binary COPY cannot be used for it.
func describe(typ catalog.Type) string {
	parts := []string{string(typ.Family), typ.Base}
	add := func(when bool, text string) {
		if when {
			parts = append(parts, text)
		}
	}
	num := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	add(!typ.Binary, "text")
	add(typ.MaxLen > 0, "max="+num(typ.MaxLen))
	add(typ.Precision != 0, num(typ.Precision)+","+num(typ.Scale))
	add(typ.Bits > 0, "bits="+num(typ.Bits))
	add(typ.Padded, "padded")
	add(typ.CaseInsensitive, "ci")
	add(typ.Labels != nil && typ.Family == catalog.Enum, "["+strings.Join(typ.Labels, " ")+"]")
	add(typ.Domain != "", "domain="+typ.Domain)
	add(typ.NotNull, "notnull")
	if typ.Elem != nil {
		parts = append(parts, "of "+describe(*typ.Elem))
	}
	for _, f := range typ.Fields {
		parts = append(parts, "."+f.Name+" "+describe(f.Type))
	}
	return strings.Join(parts, " ")
}

func TestInspectPartitionsAndInheritance(t *testing.T) {
	_, url := database(t, "trees", `
		CREATE TABLE p (k int, d date, v text, PRIMARY KEY (k, d)) PARTITION BY RANGE (d);
		CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (k);
		CREATE TABLE x (a int, b int, c int) PARTITION BY RANGE (c, (a + b));
		CREATE TABLE p1a PARTITION OF p1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
		CREATE TABLE q (k int, d date, FOREIGN KEY (k, d) REFERENCES p);
		CREATE TABLE r (k int, d date, FOREIGN KEY (k, d) REFERENCES p) PARTITION BY LIST (k);
		CREATE TABLE r1 PARTITION OF r DEFAULT;
		CREATE TABLE animal (name text); CREATE TABLE dog (bark text) INHERITS (animal);
		CREATE UNLOGGED TABLE volatile (a int); CREATE TEMPORARY TABLE passing (a int);`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	table := func(name string) *catalog.Table { return d.Table(catalog.Name{Schema: "public", Name: name}) }
	if p := table("p"); !p.Partitioned || p.Strategy != "range" || !reflect.DeepEqual(p.PartKey, []string{"d"}) {
		t.Errorf("p: %+v", p)
	}
	if x := table("x"); !reflect.DeepEqual(x.PartKey, []string{"c", "a", "b"}) {
		t.Errorf("x: %+v", x)
	}
	if leaf := table("p1a"); leaf.PartitionOf.Name != "p1" || leaf.Root.Name != "p" || leaf.Decider().Name != "p" || leaf.Partitioned {
		t.Errorf("p1a: %+v", leaf)
	}
	if dog := table("dog"); len(dog.Inherits) != 1 || dog.Inherits[0].Name != "animal" || dog.Root != nil {
		t.Errorf("dog: %+v", dog)
	}
	if len(d.ForeignKeys) != 2 {
		t.Errorf("the copies of partitions are there: %+v", d.ForeignKeys)
	}
	if !table("volatile").Unlogged || table("passing") != nil {
		t.Error("unlogged or temporary table")
	}
}

func TestFingerprintFollowsTheShape(t *testing.T) {
	conn, url := database(t, "fingerprint", `CREATE TABLE t (a int, b text); CREATE TYPE e AS ENUM ('x'); CREATE TABLE u (e e)`)
	look := func() string {
		d, err := source.Inspect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return d.Fingerprint()
	}
	last := look()
	for _, sql := range []string{`INSERT INTO t SELECT g, 'x' FROM generate_series(1, 5000) g`, `ANALYZE t`, `VACUUM FULL t`, `TRUNCATE t`} {
		run(t, conn, sql)
		if now := look(); now != last {
			t.Errorf("changed with %s", sql)
		}
	}
	for _, sql := range []string{
		`ALTER TABLE t ADD c int`, `ALTER TABLE t ALTER c SET NOT NULL`, `ALTER TABLE t ALTER b TYPE varchar(10)`, `ALTER TYPE e ADD VALUE 'y'`,
		`ALTER TABLE t ADD PRIMARY KEY (c)`, `ALTER TABLE t ADD CHECK (a > 0) NOT VALID`, `ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t`,
		`CREATE MATERIALIZED VIEW m AS SELECT 1`, `CREATE SEQUENCE s`, `SELECT lo_create(0)`, `CREATE SCHEMA z`, `ALTER TABLE t RENAME b TO bb`,
		`ALTER TABLE t ENABLE ROW LEVEL SECURITY`, `CREATE UNIQUE INDEX ON t (bb)`, `CREATE PUBLICATION pub`,
	} {
		run(t, conn, sql)
		now := look()
		if now == last {
			t.Errorf("did not change with %s", sql)
		}
		last = now
	}
}

func TestMatViewsThatReachOutside(t *testing.T) {
	_, url := database(t, "outside", `
		CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w OPTIONS (secret 'canary');
		CREATE FOREIGN TABLE far_t (a int) SERVER far; CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (password 'canary');
		CREATE TABLE near_t (a int); CREATE TABLE parted (a int) PARTITION BY LIST (a);
		CREATE FOREIGN TABLE far_part PARTITION OF parted FOR VALUES IN (1) SERVER far;
		CREATE FUNCTION reaches() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN dblink('x'); END $$;
		CREATE FUNCTION calls() RETURNS int BEGIN ATOMIC SELECT reaches(); END;
		CREATE VIEW v AS SELECT a FROM far_t; CREATE VIEW vv AS SELECT a FROM v WHERE a IN (SELECT a FROM near_t);
		CREATE MATERIALIZED VIEW inside AS SELECT a, abs(a) FROM near_t WITH NO DATA;
		CREATE MATERIALIZED VIEW through_views AS SELECT a FROM vv WITH NO DATA;
		CREATE MATERIALIZED VIEW through_matview AS SELECT a FROM through_views WITH NO DATA;
		CREATE MATERIALIZED VIEW through_partition AS SELECT a FROM parted WITH NO DATA;
		CREATE MATERIALIZED VIEW through_function AS SELECT calls() WITH NO DATA`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range d.MatViews {
		got[v.Name.Name] = v.Outside
	}
	want := map[string]string{
		"inside": "", "through_views": "foreign table public.far_t", "through_matview": "foreign table public.far_t",
		"through_partition": "foreign table public.far_part", "through_function": "function public.reaches",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if d.UserMappings != 1 || len(d.ForeignServers) != 1 || len(d.ForeignTables) != 2 {
		t.Errorf("foreign objects: %+v", d)
	}
	if text, _ := json.Marshal(d); strings.Contains(string(text), "canary") {
		t.Error("credentials are in the catalog")
	}
}

// An extension is needed if an object of the database uses a member of the extension and belongs to no extension
// itself.
func TestWhoNeedsAnExtension(t *testing.T) {
	_, url := database(t, "needs", `
		CREATE EXTENSION hstore; CREATE TABLE a (h hstore[]);
		CREATE EXTENSION "uuid-ossp"; CREATE TABLE b (u uuid DEFAULT uuid_generate_v4());
		CREATE EXTENSION pg_trgm; CREATE TABLE c (t text); CREATE INDEX ON c USING gin (t gin_trgm_ops);
		CREATE EXTENSION tablefunc; CREATE VIEW d AS SELECT normal_rand(1, 0, 1);
		CREATE EXTENSION citext; CREATE FUNCTION e(citext) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE EXTENSION cube; CREATE EXTENSION earthdistance;
		CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
		CREATE EXTENSION pg_stat_statements; CREATE EXTENSION ltree; CREATE EXTENSION intarray`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{
		"hstore": true, "uuid-ossp": true, "pg_trgm": true, "tablefunc": true, "citext": true, "cube": true,
		"earthdistance": false, "postgres_fdw": false, "pg_stat_statements": false, "ltree": false, "intarray": false,
	}
	users := map[string]string{"pg_trgm": "index public.c_t_idx", "cube": "extension earthdistance", "tablefunc": "view public.d"}
	for _, e := range d.Extensions {
		if by := users[e.Name]; by != "" && !slices.Equal(e.NeededBy, []string{by}) {
			t.Errorf("%s is needed by %q, want %s", e.Name, e.NeededBy, by)
		}
		if e.Name != "plpgsql" && e.Needed != want[e.Name] {
			t.Errorf("%s: needed is %t", e.Name, e.Needed)
		}
		if e.Servers != (e.Name == "postgres_fdw") {
			t.Errorf("%s: servers is %t", e.Name, e.Servers)
		}
	}
}

// A sequence may feed several columns. A column of a partition is in the list only if the root's column is not.
func TestEveryColumnThatASequenceFeeds(t *testing.T) {
	_, url := database(t, "fed", `CREATE SEQUENCE no; CREATE TABLE a (n text DEFAULT 'L' || nextval('no')); CREATE TABLE b (id serial, m numeric DEFAULT nextval('no'), o int DEFAULT nextval('no'));
		CREATE TABLE p (id int DEFAULT nextval('no'), k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
		CREATE SEQUENCE own; CREATE TABLE p2 PARTITION OF p (id DEFAULT nextval('own')) FOR VALUES IN (2); ALTER SEQUENCE own OWNED BY a.n; CREATE SEQUENCE free;`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range d.Sequences {
		var columns []string
		for _, f := range s.Feeds() {
			columns = append(columns, f.Table.Name+"."+f.Column)
		}
		got[s.Name.Name] = strings.Join(columns, " ")
	}
	want := map[string]string{"no": "a.n b.m b.o p.id", "own": "a.n p2.id", "b_id_seq": "b.id", "free": ""}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("fed columns %v, want %v", got, want)
	}
}

// P3: Inspect reads the planner's statistics, and no value. A column that the role may not read has no statistics.
func TestP3StatisticsAreReadWithoutValues(t *testing.T) {
	conn, url := database(t, "planner", `CREATE TABLE t (id int, kind text, often text, gone text, hidden text);
		INSERT INTO t SELECT i, 'k' || i % 4, CASE WHEN i % 2 = 0 THEN 'same' ELSE 'x' || i END, CASE WHEN i % 4 = 0 THEN 'y' || i END, i
			FROM generate_series(1, 1000) i; ANALYZE t;
		CREATE TABLE fresh (a int)`)
	inspected := func(url string) *catalog.Database {
		d, err := source.Inspect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := inspected(url)
	of := func(d *catalog.Database, table, column string) catalog.Statistics {
		return d.Table(catalog.Name{Schema: "public", Name: table}).Column(column).Stats
	}
	if s := of(d, "t", "id"); !s.Known || s.Distinct != -1 || s.Correlation < 0.99 || s.Common != 0 {
		t.Errorf("id: %+v", s)
	}
	if s := of(d, "t", "kind"); s.Distinct != 4 || s.Common < 0.2 || s.Common > 0.3 {
		t.Errorf("kind: %+v", s)
	}
	if s := of(d, "t", "often"); s.Common < 0.45 || s.Common > 0.55 {
		t.Errorf("often: %+v", s)
	}
	if s := of(d, "t", "gone"); s.Nulls < 0.7 || s.Nulls > 0.8 {
		t.Errorf("gone: %+v", s)
	}
	if s := of(d, "fresh", "a"); s.Known {
		t.Errorf("fresh: %+v", s)
	}
	run(t, conn, "CREATE ROLE reads_some LOGIN PASSWORD 'pw'; GRANT SELECT (id) ON t TO reads_some; GRANT EXECUTE ON FUNCTION pg_control_system() TO reads_some")
	d = inspected(server.URLFor("reads_some", "pw", "planner"))
	if !of(d, "t", "id").Known || of(d, "t", "hidden").Known {
		t.Errorf("a role reads statistics of columns that it may not read: %+v", of(d, "t", "hidden"))
	}
}

// A column after INCLUDE is not part of the key, unless an expression or the predicate reads it too.
func TestIncludedColumnsAreNoPartOfAKey(t *testing.T) {
	_, url := database(t, "included", `CREATE TABLE t (a text, h text, n int);
		CREATE UNIQUE INDEX t_1 ON t (lower(a)) INCLUDE (h, n); CREATE UNIQUE INDEX t_2 ON t (lower(h)) INCLUDE (h, n);
		CREATE UNIQUE INDEX t_3 ON t (n, lower(a)) INCLUDE (a, h); CREATE UNIQUE INDEX t_4 ON t (a) INCLUDE (h)`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"t_1": "a", "t_2": "h", "t_3": "n a", "t_4": "a"}
	for _, k := range d.Tables[0].Keys {
		if got := strings.Join(k.Columns, " "); got != want[k.Name] {
			t.Errorf("%s: %s, want %s", k.Name, got, want[k.Name])
		}
	}
}

// PostgreSQL 18 and newer do not make the foreign key mixed.
func TestForeignKeysOverTwoCollations(t *testing.T) {
	_, url := database(t, "collations", `CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
		CREATE TABLE a (k text COLLATE ci PRIMARY KEY, l text UNIQUE);
		CREATE TABLE b (same text COLLATE ci REFERENCES a, plain text COLLATE "C" REFERENCES a (l), mixed text);
		DO $$ BEGIN ALTER TABLE b ADD FOREIGN KEY (mixed) REFERENCES a NOT VALID; EXCEPTION WHEN collation_mismatch OR indeterminate_collation THEN NULL; END $$`)
	d, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, fk := range d.ForeignKeys {
		if want := fk.ChildColumns[0] == "mixed"; fk.MixedCollations != want {
			t.Errorf("%s: %v, want %v", fk.Name, fk.MixedCollations, want)
		}
	}
}
