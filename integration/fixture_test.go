package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/examples/shop"
	"github.com/masker-project/masker/pkg/fixture/coverage"
)

// shopStaging returns a site whose staging has the shop.
func shopStaging(t *testing.T) *site {
	t.Helper()
	src, dst := database(t, Server(t), "prod", shop.Schema), newDatabaseURL(t, Server(t), "staging")
	do(t, src, shop.Fill(400))
	do(t, src, "ANALYZE")
	s := newSite(t, src, dst).rules(t, shop.Rules)
	s.mustRefresh(t)
	return s
}

// fixture makes a fixture from staging, and returns what masker prints.
func (s *site) fixture(t *testing.T, name string, flags ...string) outcome {
	t.Helper()
	o := s.masker(t, append([]string{"fixture", "create", "staging", "--out", name}, flags...)...)
	o.want(t, exitDone, name+": ")
	return o
}

// covers returns what masker fixture show says.
func (s *site) covers(t *testing.T, name string) (r coverage.Report) {
	t.Helper()
	o := s.masker(t, "fixture", "show", name, "--format", "json")
	o.want(t, exitDone)
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *site) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// load executes SQL in an empty database, as one query, and returns the URL of the database.
func load(t *testing.T, texts ...string) string {
	t.Helper()
	url := database(t, Server(t), "fixture", "")
	conn := connect(t, url)
	for _, sql := range texts {
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("the fixture does not load: %v", err)
		}
	}
	return url
}

// The queries list what rows show, without any code of masker. A row of jsonPaths names one feature. A row of each
// other query is a further query, whose rows name the features.
const (
	jsonPaths = `WITH RECURSIVE w (p, j) AS (SELECT '$', profile FROM customers UNION ALL
		SELECT p || '.' || e.key, e.value FROM w, jsonb_each(CASE jsonb_typeof(j) WHEN 'object' THEN j ELSE '{}' END) e) SELECT DISTINCT p FROM w`
	nullables = `SELECT format('SELECT DISTINCT %L || (%I IS NULL) FROM %I.%I', attrelid::regclass || '.' || attname || ' null ', attname, nspname, relname)
		FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = ANY (%L) AND attnum > 0 AND NOT attisdropped AND NOT attnotnull AND attgenerated = ''`
	enumValues = `SELECT format('SELECT DISTINCT %L || %I FROM %I.%I WHERE %I IS NOT NULL', attrelid::regclass || '.' || attname || ' is ', attname, nspname, relname, attname)
		FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_type y ON y.oid = atttypid
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = ANY (%L) AND attnum > 0 AND NOT attisdropped AND (typtype = 'e' OR typname = 'bool')`
	edges = `SELECT format('SELECT DISTINCT %L FROM %s c JOIN %s p ON %s', string_agg(x.attname, ',' ORDER BY x.attname) || ' of ' || coalesce(pg_partition_root(conrelid), conrelid)::regclass,
		conrelid::regclass, confrelid::regclass, string_agg(format('c.%I = p.%I', x.attname, y.attname), ' AND '))
		FROM pg_constraint, unnest(conkey, confkey) AS k (c, p) JOIN pg_attribute x ON x.attnum = k.c JOIN pg_attribute y ON y.attnum = k.p
		WHERE contype = 'f' AND conparentid = 0 AND x.attrelid = conrelid AND y.attrelid = confrelid GROUP BY pg_constraint.oid, conname, conrelid, confrelid`
)

// things returns the features that the rows of a database show, sorted. It does not ask
// for paths of documents.
func things(t *testing.T, url string) (list []string) {
	t.Helper()
	schemas := "{" + ask(t, url, `SELECT string_agg(nspname, ',') FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'masker')`) + "}"
	for _, query := range []string{nullables, enumValues, edges} {
		for _, question := range askAll(t, url, strings.ReplaceAll(query, "%L)", "'"+schemas+"')")) {
			list = append(list, askAll(t, url, question)...)
		}
	}
	slices.Sort(list)
	return list
}

// sameThings fails the test unless got has every feature of want.
func sameThings(t *testing.T, want, got []string) {
	t.Helper()
	for _, thing := range want {
		if !slices.Contains(got, thing) {
			t.Errorf("the fixture does not show %q", thing)
		}
	}
	if len(want) < 10 {
		t.Errorf("the source shows only %d things", len(want))
	}
}

// A fixture of the shop with less than 200 kB shows every feature that the rows of staging show. A second fixture of
// the same rows has the same bytes.
func TestAFixtureOfTheShop(t *testing.T) {
	t.Parallel()
	s := shopStaging(t)
	s.fixture(t, "shop.sql", "--budget", "200kB")
	s.fixture(t, "again.sql", "--budget", "200kB")
	text := s.read(t, "shop.sql")
	if text != s.read(t, "again.sql") || len(text) > 200<<10 {
		t.Errorf("two fixtures of the same rows differ, or have %d bytes", len(text))
	}
	if r := s.covers(t, "shop.sql"); len(r.Missing) > 0 || r.Covers["value"].Shown != 7 || r.Covers["path"].Shown != 10 {
		t.Errorf("the fixture covers %v and lacks %v", r.Covers, r.Missing)
	}
	url := load(t, text)
	sameThings(t, things(t, s.target), things(t, url))
	sameThings(t, askAll(t, s.target, jsonPaths), askAll(t, url, jsonPaths))
	if got := ask(t, url, "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"); got != "0" {
		t.Errorf("%s constraints are not valid", got)
	}
	if got := ask(t, url, "SELECT count(*) FROM revenue_by_month"); got == "0" {
		t.Error("the materialized view is empty")
	}
	do(t, url, "INSERT INTO countries VALUES ('XX', 'x'); INSERT INTO products (sku, name, price) VALUES ('new', 'new', 1)") // a sequence gives the key
	if record := s.masker(t, "ledger", "show", "--event", "fixture", "--format", "json").stdout; strings.Count(record, `"environment":"staging"`) != 2 {
		t.Errorf("the ledger has no record of the fixtures:\n%s", record)
	}
	s.masker(t, "ledger", "verify").want(t, exitDone)
	s.masker(t, "ledger", "show", "--event", "fixture").want(t, exitDone, fmt.Sprintf("rows of staging/%s in a file of %d bytes", databaseName(t, s.target), len(text)))
}

// A fixture has the same rows in each of its formats.
func TestFormsOfAFixture(t *testing.T) {
	t.Parallel()
	s := shopStaging(t)
	var reports []string
	for _, name := range []string{"shop.sql", "shop.sql.zst", "shop.json", "shop.csv"} {
		s.fixture(t, name)
		s.fixture(t, name) // replaces the first fixture
		reports = append(reports, s.masker(t, "fixture", "show", name).stdout)
	}
	for _, r := range reports[1:] {
		if r != reports[0] {
			t.Errorf("two forms of one fixture show\n%s\nand\n%s", reports[0], r)
		}
	}
	if zst, sql := s.read(t, "shop.sql.zst"), s.read(t, "shop.sql"); len(zst)*2 > len(sql) {
		t.Errorf("%d bytes are compressed to %d", len(sql), len(zst))
	}
	url := load(t, `SET search_path = ''; SET check_function_bodies = off;`+s.read(t, "shop.csv/before.sql"))
	for _, name := range []string{"customers", "orders", "Gift Cards"} {
		escaped := `public.` + name
		if name == "Gift Cards" {
			escaped = `public.%22Gift%20Cards%22`
		}
		csv := s.read(t, "shop.csv/"+escaped+".csv")
		columns, _, _ := strings.Cut(csv, "\n")
		if name == "Gift Cards" {
			columns = `"Code", "Customer", "To E-Mail", "Balance"`
		}
		copyIn := fmt.Sprintf(`COPY public."%s" (%s) FROM STDIN WITH (FORMAT csv, HEADER)`, name, columns)
		if _, err := connect(t, url).PgConn().CopyFrom(t.Context(), strings.NewReader(csv), copyIn); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	loaded := load(t, s.read(t, "shop.sql"))
	for _, query := range []string{"SELECT c::text FROM customers c ORDER BY 1", "SELECT o::text FROM orders o ORDER BY 1", `SELECT g::text FROM "Gift Cards" g ORDER BY 1`} {
		if a, b := askAll(t, url, query), askAll(t, loaded, query); !slices.Equal(a, b) || len(a) == 0 {
			t.Errorf("%s: CSV has %v, and SQL has %v", query, a, b)
		}
	}
}
