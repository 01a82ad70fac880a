package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/discover/survey"
)

const suspicious = `
CREATE TYPE reach AS (kind text, mail text);
CREATE TABLE people (id int PRIMARY KEY, email text, c1 text, c2 text, c3 jsonb, c4 date, c5 text, religion bool, login text, c6 reach, c7 daterange, c8 text);
INSERT INTO people SELECT i, 'canary.' || i || '@mail.example', 'canary-' || i || '@mail.example', 'DE89370400440532013000',
	jsonb_build_object('contact', jsonb_build_object('mail', 'canary_' || i || '@mail.example')), date '1940-01-01' + i * 120,
	(ARRAY['open', 'closed'])[1 + i % 2], i % 2 = 0, 'canary login ' || i, ROW('x, y', 'canary-' || i || '@mail.example')::reach,
	daterange(date '1940-01-01' + i * 120, NULL), i || ';canary-' || i || '@mail.example;open' FROM generate_series(1, 200) i;
CREATE TABLE copies AS SELECT 'canary login ' || i AS c1 FROM generate_series(1, 190) i;
CREATE TABLE "odd ""name" (v text); CREATE TABLE empty (a int, b text);
ANALYZE;`

// masker discover reports the evidence of names without reading a row. It looks at values only after the ledger has a
// record of that. Its output holds no value.
func TestDiscoverTellsWhatColumnsHold(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", suspicious), newDatabaseURL(t, Server(t), "staging"))
	s.canaries = []string{"canary"}
	plain := s.masker(t, "discover", "--from", "production")
	plain.want(t, exitDone, "public.people.email", "public.people.religion", "special category", "no row was read")
	if strings.Contains(plain.stdout, "people.c1") {
		t.Errorf("names alone tell of c1:\n%s", plain.stdout)
	}
	if shown := s.masker(t, "ledger", "show"); strings.Contains(shown.stdout+shown.stderr, "discover") {
		t.Errorf("a look at names is in the ledger:\n%v", shown)
	}

	o := s.masker(t, "discover", "--from", "production", "--sample", "--format", "json")
	o.want(t, exitDone)
	var found survey.Survey
	if err := json.Unmarshal([]byte(o.stdout), &found); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range found.Columns {
		if c.Table == "public.copies" {
			got["a copy of login"] = c.Class + " " + strings.Join(c.Evidence(), "")
		}
		if c.Table == "public.people" {
			got[c.Name] = c.Class
			for _, e := range c.Values {
				if e.Path != "" {
					got[c.Name] += " " + e.Path
				}
			}
		}
	}
	for column, want := range map[string]string{
		"email": "email", "c1": "email", "c2": "iban", "c3": "email $.contact.mail", "c4": "birth_date", "c5": "", "id": "",
		"c6": "email $.mail", "c7": "birth_date", "c8": "email $.2", "a copy of login": "user_name 190 of 190 values are values of public.people.login too; each value is counted once",
	} {
		if got[column] != want {
			t.Errorf("%s: %q, want %q", column, got[column], want)
		}
	}
	s.masker(t, "ledger", "show").want(t, exitDone, "discover", "about 1000 rows of each of 4 tables of production/", "are about to be looked at")
	s.masker(t, "ledger", "verify").want(t, exitDone)
}

const besides = `
CREATE TABLE person (id int PRIMARY KEY, email text, hired_on date, street text, post_code text, town_id int, c1 text, c2 text, notes jsonb);
INSERT INTO person SELECT i, 'someone.' || i || '@mail.example', date '1960-01-01' + i * 240, 'tel +49 30 9018' || 10 + i % 90, 'DN' || 10 + i % 9 || ' ' || i % 10 || 'JD',
	1000 + i % 40, 'patient@cabinet' || i % 3, (ARRAY['394593009', '394814009', '394814010'])[1 + least(i % 9, 2)],
	jsonb_build_object('from', 'https://shop.example/' || i, 'text', 'came late') FROM generate_series(1, 90) i;
CREATE TABLE visit (id int PRIMARY KEY, person_id int REFERENCES person, c1 text, c2 date);
INSERT INTO visit SELECT i, i, 'came for the ' || i || 'th time and felt better', date '1940-01-01' + i * 300 FROM generate_series(1, 90) i;
CREATE TABLE things (id int PRIMARY KEY, c1 text, c2 text, c3 date, c4 text);
INSERT INTO things SELECT i, (ARRAY['Berlin', 'Hamburg', 'Köln', 'Frankfurt', 'Stuttgart', 'Dortmund', 'Leipzig', 'Dresden', 'Bremen', 'Hannover', 'Paris', 'Lyon', 'Madrid', 'Milano', 'Torino', 'Napoli'])[i],
	'https://shop.example/page/' || i, date '1900-01-01' + i * 2000, 'a chair of oak with number ' || i FROM generate_series(1, 16) i;
ANALYZE;`

// The values of a column are judged together with its name and its table. A town, a URL, a date or a sentence is about
// a person only if the table has people, or references a table with people.
func TestValuesAreJudgedWithTheirTable(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", besides), newDatabaseURL(t, Server(t), "staging"))
	o := s.masker(t, "discover", "--from", "production", "--sample", "--format", "json")
	o.want(t, exitDone)
	var found survey.Survey
	if err := json.Unmarshal([]byte(o.stdout), &found); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"public.person.email": "email", "public.person.hired_on": "date_of_event", "public.person.street": "street", "public.person.post_code": "postcode",
		"public.person.notes": "free_text", "public.visit.c1": "free_text", "public.visit.c2": "birth_date",
	}
	for _, c := range found.Columns {
		if name := c.Table + "." + c.Name; c.Class != want[name] {
			t.Errorf("%s: %q, want %q: %v", name, c.Class, want[name], c.Evidence())
		}
	}

	s.masker(t, "init", "--from", "production", "--sample").want(t, exitDone, "wrote rules/")
	text := s.read(t, "rules/"+databaseName(t, s.source)+".yaml")
	for column, class := range map[string]string{"hired_on": "date_of_event", "street": "street", "post_code": "postcode"} {
		if !regexp.MustCompile(`(?m)^      ` + column + `: +\{class: ` + class + `\b`).MatchString(text) {
			t.Errorf("%s is not drafted as %s:\n%s", column, class, text)
		}
	}
}

// masker discover refuses flags and names that it cannot use, before it reads a row.
func TestDiscoverRefusesFlagsAndNames(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", suspicious), newDatabaseURL(t, Server(t), "staging"))
	s.canaries = []string{"canary"}
	s.masker(t, "discover", "--from", "production", "--sample", "--rows", "0").want(t, exitUsage, "--rows 0: want 1 to 100000")
	s.masker(t, "discover", "--from", "production", "--rows", "10").want(t, exitUsage, "--rows is for --sample")
	s.masker(t, "discover").want(t, exitUsage, "--from SOURCE is needed")
	s.masker(t, "discover", "--from", "nowhere").want(t, exitUsage, `no environment "nowhere"`)
}

// No command looks at values if the ledger cannot take the record of it.
func TestNoSampleWithoutARecord(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", suspicious), newDatabaseURL(t, Server(t), "staging"))
	redact := func(columns ...string) string {
		return strings.Join(columns, ": {treat: redact}, ") + ": {treat: redact}"
	}
	s.rules(t, `revision: 1
tables:
  public.copies: {columns: {`+redact("c1")+`}}
  public.empty: {columns: {`+redact("a", "b")+`}}
  'public."odd ""name"': {columns: {`+redact("v")+`}}
  public.people: {columns: {id: {keep: "a number of the table"}, `+redact("email", "c1", "c2", "c3", "c4", "c5", "religion", "login", "c6", "c7", "c8")+`}}
`)
	if err := os.WriteFile(filepath.Join(s.dir, "ledger"), []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range [][]string{{"discover", "--from", "production"}, {"init", "--from", "production"}, {"check"}} {
		s.masker(t, append(verb, "--sample")...).want(t, exitFailed, "mkdir ledger: not a directory; nothing is read without a ledger")
	}
}

// The draft of masker init --sample has rules for columns whose names say nothing, because masker has looked at their
// values. It names the paths of documents, and holds no value.
func TestInitLooksAtValues(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", suspicious), newDatabaseURL(t, Server(t), "staging"))
	s.canaries = []string{"canary"}
	s.masker(t, "init", "--from", "${PRODUCTION_URL}", "--sample", "--config", "other.yaml").want(t, exitUsage, "--sample needs a ledger")
	s.masker(t, "init", "--from", "production", "--sample").want(t, exitDone, "wrote rules/")
	text := s.read(t, "rules/"+databaseName(t, s.source)+".yaml")
	for _, want := range []string{"c1:       {class: email}", "# c1: email: 200 of 200 values are mail addresses", "# c3: email: $.contact.mail: 200 of 200", "paths $.contact.mail (200 text)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the draft lacks %q:\n%s", want, text)
		}
	}
	s.masker(t, "ledger", "show").want(t, exitDone, "are about to be looked at")
}
