package integration

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/fixture"
)

// awkward has a cycle, two references of a table to itself, a table without a key, json, a composite key that is not
// the primary key, and columns whose smallest and largest values would identify a person.
const awkward = `
CREATE TYPE mood AS ENUM ('calm', 'sad', 'odd');
CREATE TABLE person (id int PRIMARY KEY, name text, salary int, wage int, boss int REFERENCES person, mentor int REFERENCES person,
	mood mood, active bool, extra json, tenant int NOT NULL, code text COLLATE "C" NOT NULL, team int, UNIQUE (tenant, code));
CREATE TABLE team (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lead int REFERENCES person);
ALTER TABLE person ADD FOREIGN KEY (team) REFERENCES team;
CREATE TABLE badge (tenant int, code text, note json, FOREIGN KEY (tenant, code) REFERENCES person (tenant, code));
INSERT INTO team (lead) SELECT NULL FROM generate_series(1, 5);
INSERT INTO person SELECT i, 'n' || i, 1000 + i, 2000 + i, NULLIF(i / 2, 0), NULLIF(i / 3, 0), (ARRAY['calm', 'sad'])[1 + i % 2]::mood, i % 3 = 0,
	format('{"a": {"b": [%s]}, "k%s": 1}', i, i)::json, i % 4, 'c' || i, 1 + i % 5 FROM generate_series(1, 300) i;
UPDATE person SET mood = 'odd', wage = 999999 WHERE id = 250;
UPDATE person SET salary = 888888 WHERE id = 251;
UPDATE team SET lead = id * 7 WHERE id > 1;
INSERT INTO badge SELECT tenant, code, '{}' FROM person WHERE id % 10 = 0;
INSERT INTO badge SELECT * FROM badge WHERE code = 'c10';
INSERT INTO badge VALUES (NULL, 'c1', '{"it''s": "\\n"}');
ANALYZE;`

const awkwardRules = `
revision: 1
packs: [baseline]
tables:
  public.person:
    subject: id
    columns: {id: {keep: key}, name: {class: full_name, as: person}, salary: {treat: noise, ratio: 0.1}, wage: {keep: test}, boss: {keep: key}, mentor: {keep: key},
      mood: {keep: test}, active: {keep: test}, extra: {keep: test}, tenant: {keep: key}, code: {keep: key}, team: {keep: key}}
  public.team: {keep: "test", only: [id, lead]}
  public.badge: {keep: "test", only: [tenant, code, note]}
`

// masker fixture create looks for the smallest and the largest values of treated columns, and not of kept columns. A
// fixture of tables that reference each other in unusual ways can be loaded with psql and with package fixture.
func TestAFixtureOfAwkwardTables(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", awkward), newDatabaseURL(t, Server(t), "staging")).rules(t, awkwardRules)
	s.mustRefresh(t)
	o := s.fixture(t, "f.sql.zst", "--budget", "100kB")
	o.want(t, exitDone, "public.badge has no key that identifies each row")
	s.fixture(t, "again.sql.zst", "--budget", "100kB")
	if s.read(t, "f.sql.zst") != s.read(t, "again.sql.zst") {
		t.Error("two fixtures of the same rows differ")
	}
	s.fixture(t, "f.sql")
	r := s.covers(t, "f.sql")
	if len(r.Missing) > 0 || r.Covers["greatest"].Of != 1 || r.Covers["longest"].Of != 1 {
		t.Errorf("the fixture covers %v and lacks %v", r.Covers, r.Missing)
	}
	url := load(t, s.read(t, "f.sql"))
	if got := ask(t, url, "SELECT max(salary) = "+ask(t, s.target, "SELECT max(salary) FROM person")+" FROM person"); got != "true" && got != "t" {
		t.Errorf("the largest treated salary is missing: %s", got)
	}
	if got := ask(t, url, "SELECT count(DISTINCT mood) FROM person"); got != "3" {
		t.Errorf("%s values of mood", got)
	}
	if strings.Contains(s.read(t, "f.sql"), `"value":"$.k`) {
		t.Error("a path that one row has was looked for in a kept column")
	}
	sameThings(t, things(t, s.target), things(t, url))
	pool := fixture.OpenOn(t, Server(t).url("postgres"), filepath.Join(s.dir, "f.sql.zst"))
	var rows int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM public.person").Scan(&rows); err != nil || rows == 0 {
		t.Errorf("package fixture finds %d rows, %v", rows, err)
	}
}
