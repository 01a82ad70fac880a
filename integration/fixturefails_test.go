package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/examples/shop"
)

// masker fixture create refuses databases and options from which it can make no fixture. Then there is no file with
// the name of the output.
func TestFixturesThatAreRefused(t *testing.T) {
	t.Parallel()
	s := shopStaging(t)
	for _, c := range []struct {
		args  string
		code  int
		words string
	}{
		{"production --out f.sql", exitRefused, "masker run --flow nightly first, and make the fixture from staging"},
		{"staging --out f.txt", exitUsage, "does not say which form"},
		{"staging --out f.sql --as tar", exitUsage, "unknown form"},
		{"stagin --out f.sql", exitUsage, "has no environment"},
		{"staging", exitUsage, "--out names the file"},
		{"staging --out f.sql --budget much", exitUsage, "want a size"},
		{"staging --out f.sql --root public.orders:order_id=4000000", exitFailed, "matches no row"},
		{"staging --out f.sql --root public.ordr:order_id=4", exitFailed, "there is no table public.ordr"},
		{"staging --out f.sql --root public.orders", exitUsage, "--root"},
		{"staging --out none/f.sql", exitFailed, "there is no folder none; make it"},
		{"staging --out none/f.csv", exitFailed, "there is no folder none; make it"},
		{"staging --out f.sql --migrations m", exitUsage, "--migrations is for --check only"},
		{"staging --out masker.yaml --as csv", exitFailed, "another kind of file"},
	} {
		o := s.masker(t, append([]string{"fixture", "create"}, strings.Fields(c.args)...)...)
		o.want(t, c.code, c.words)
		if left, _ := filepath.Glob(filepath.Join(s.dir, "*f.sql*")); len(left) > 0 {
			t.Errorf("%s: left %v", c.args, left)
		}
	}
	s.fixture(t, "shop.sql")
	was := s.read(t, "shop.sql")
	do(t, s.target, "COMMENT ON DATABASE "+databaseName(t, s.target)+" IS 'mine'")
	s.masker(t, "fixture", "create", "staging", "--out", "shop.sql").want(t, exitRefused, "nothing proves that environment", "run the flow")
	if s.read(t, "shop.sql") != was {
		t.Error("a refused fixture replaced another")
	}
}

// If the budget is too small, the error names the smallest budget that works. A fixture with that budget succeeds.
func TestTheLeastBudgetOfAFixture(t *testing.T) {
	t.Parallel()
	s := shopStaging(t)
	for _, flags := range [][]string{{"--budget", "2kB"}, {"--rows", "1", "--root", "public.order_items:line=2"}} {
		args := append([]string{"fixture", "create", "staging", "--out", "f.sql"}, flags...)
		o := s.masker(t, args...)
		o.want(t, exitFailed, "the budget is too small: the least that works is --budget")
		least := regexp.MustCompile(`--budget \d+B|--rows \d+`).FindAllString(o.stderr, -1)
		for _, flag := range least {
			args[5], args[6], _ = strings.Cut(flag, " ")
			s.masker(t, args...).want(t, exitDone, " of 12 tables")
		}
	}
	s.fixture(t, "small.sql", "--rows", "30")
	r := s.covers(t, "small.sql")
	rows := 0
	for _, table := range r.Tables {
		rows += table.Rows
	}
	if rows > 30 || len(r.Missing) == 0 || r.Covers["row"].Shown != 11 {
		t.Errorf("%d rows cover %v and lack %d", rows, r.Covers, len(r.Missing))
	}
	s.masker(t, "fixture", "show", "small.sql").want(t, exitDone, "missing:")
	s.fixture(t, "root.sql", "--root", "public.products:product_id=77")
	if !strings.Contains(s.read(t, "root.sql"), "\n  (77, ") {
		t.Error("a row that has to be in the fixture is not in it")
	}
}

// masker fixture create --check names what has changed in a schema since the fixture was made. The schema needs no
// provenance. It can come from a folder of migrations instead of a database.
func TestAStaleFixture(t *testing.T) {
	t.Parallel()
	s := shopStaging(t)
	s.fixture(t, "shop.sql.zst")
	s.write(t, "migrations/V2__more.sql", "CREATE TABLE more (id int PRIMARY KEY);\n-- +goose Down\nDROP TABLE more;", 0o600)
	s.write(t, "migrations/V10__fewer.up.sql", "DROP TABLE more;", 0o600)
	s.write(t, "migrations/V10__fewer.down.sql", "nonsense", 0o600)
	s.write(t, "migrations/V1__shop.sql", shop.Schema, 0o600)
	check := func(args ...string) outcome {
		return s.masker(t, append([]string{"fixture", "create", "--check", "shop.sql.zst"}, args...)...)
	}
	check("--migrations", "migrations").want(t, exitDone, "the fixture fits the schema")
	check("staging").want(t, exitDone, "the fixture fits the schema")
	check("production").want(t, exitDone, "the fixture fits the schema")
	check().want(t, exitUsage, "--check wants")
	s.write(t, "migrations/V11__wrong.sql", "ALTER TABLE more ADD x int;", 0o600)
	check("--migrations", "migrations").want(t, exitFailed, "V11__wrong.sql", "42P01")
	do(t, s.source, `ALTER TYPE order_status ADD VALUE 'lost'; ALTER TABLE customers ADD mood text NOT NULL DEFAULT 'x', DROP notes; ALTER TABLE customers ALTER mood DROP DEFAULT; ALTER TABLE countries ALTER name DROP NOT NULL;
		ALTER TABLE reviews ALTER stars TYPE int; CREATE TABLE fresh (id int PRIMARY KEY REFERENCES employees); DROP TABLE "Gift Cards"; ALTER TABLE products ADD CHECK (sku <> 'CANARY')`)
	o := check("production")
	o.want(t, exitFailed, "public.orders.status: value lost is new", "public.customers.mood: the column is new, and every row needs a value", "public.customers.notes: the column is gone",
		"public.countries.name: it can be NULL now", "public.reviews.stars: the type was smallint and is integer", "table public.fresh is new", `table public."Gift Cards" is gone`,
		"foreign key public.fresh (id) → public.employees (employee_id) is new", "public.products: its CHECK constraints are different", "is stale: ")
	if strings.Contains(o.stdout+o.stderr, "CANARY") {
		t.Errorf("the output quotes a condition: %v", o)
	}
	s.write(t, "old.sql", "-- masker fixture 7\n", 0o600)
	s.masker(t, "fixture", "show", "old.sql").want(t, exitFailed, "it is a fixture of version 7")
	s.write(t, "other.sql", "SELECT 1;\n", 0o600)
	s.masker(t, "fixture", "show", "other.sql").want(t, exitFailed, "it is not a fixture of masker")
	damaged := s.read(t, "shop.sql.zst")
	if err := os.WriteFile(filepath.Join(s.dir, "damaged.sql.zst"), []byte(damaged[:len(damaged)/2]), 0o600); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "fixture", "show", "damaged.sql.zst").want(t, exitFailed, "it is damaged")
}

// A fixture of a public database shows every feature that the rows of the database show. An empty database can load
// it.
func TestFixturesOfRealDatabases(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pagila", "adventureworks"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, sample(t, name), newDatabaseURL(t, Server(t), "staging"))
			s.rulesFrom(t, name+"/rules.yaml")
			s.mustRefresh(t)
			o := s.fixture(t, name+".sql", "--budget", "2MB")
			t.Log(o.stdout, o.stderr)
			s.fixture(t, "again.sql", "--budget", "2MB")
			text := s.read(t, name+".sql")
			if text != s.read(t, "again.sql") {
				t.Error("two fixtures of the same rows differ")
			}
			url := load(t, text)
			sameThings(t, things(t, s.target), things(t, url))
			if r := s.covers(t, name+".sql"); len(r.Missing) > 0 {
				t.Errorf("the fixture lacks %v", r.Missing)
			}
		})
	}
}
