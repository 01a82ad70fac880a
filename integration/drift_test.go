package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const driftSource = `
CREATE TABLE person (id int PRIMARY KEY, name text, email text);
INSERT INTO person SELECT i, 'Real Name ' || i, 'real' || i || '@corp.invalid' FROM generate_series(1, 100) i;
CREATE TABLE country (code text PRIMARY KEY, label text);
INSERT INTO country VALUES ('DE', 'Germany'), ('FR', 'France');
CREATE TABLE untouched (id int PRIMARY KEY);`

const driftRules = `
revision: 1
packs: [baseline]
tables:
  public.person:
    subject: id
    columns:
      id: {keep: surrogate key}
      name: {class: full_name, as: person}
      email: {class: email, as: person}
  public.country: {keep: reference data, only: [code, label]}
  public.untouched: {keep: numbers, only: [id]}
`

// A new column in production stops the refresh before a row is read. After the lines that masker prints are added to
// the rules, the refresh succeeds.
func TestNewColumnStopsTheRefreshUntilSomebodyDecides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, change, column string }{
		{"a column in a table decided by column", "ALTER TABLE person ADD COLUMN ssn text DEFAULT 'CANARY-7f3a91'", "public.person.ssn"},
		{"a column in a table kept by name", "ALTER TABLE country ADD COLUMN president text DEFAULT 'CANARY-7f3a91'", "public.country.president"},
		{"a whole table", "CREATE TABLE letter (id int PRIMARY KEY, body text); INSERT INTO letter VALUES (1, 'CANARY-7f3a91')", "public.letter.body"},
		{"large objects", "SELECT lo_from_bytea(4711, 'CANARY-7f3a91')", "large_objects"},
		{"two columns at once", "ALTER TABLE person ADD COLUMN \"Mixed Case\" text; ALTER TABLE country ADD COLUMN \"order\" int", `public.country."order"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s := newSite(t, database(t, srv, "prod", driftSource), newDatabaseURL(t, srv, "staging")).rules(t, driftRules)
			s.canaries = []string{"CANARY-7f3a91"}
			s.mustRefresh(t)
			do(t, s.source, c.change)
			before := reads(t, s.source)

			o := s.refresh(t)
			o.want(t, exitRefused, c.column, "nothing was read")
			if after := reads(t, s.source); after != before {
				t.Errorf("the refused refresh read tables: %s, before it %s (scans, rows)", after, before)
			}
			s.paste(t, o)
			s.mustRefresh(t)
			if reads(t, s.source) == before {
				t.Error("the server does not count reads, so this test cannot find them")
			}
		})
	}
}

// reads returns the number of rows that scans of a database's tables have returned. The reads of a session are
// counted only after the session has ended.
func reads(t *testing.T, url string) string {
	t.Helper()
	return ask(t, url, "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables")
}

var (
	below   = regexp.MustCompile(`^\s*# (.*), below line (\d+) \(.*\):$`)
	becomes = regexp.MustCompile(`^\s*# (.*), line (\d+) becomes \(.*\):$`)
)

// insertion is a text that is inserted below a line of a file.
type insertion struct {
	after int
	text  []string
}

// paste adds lines to the rule files, as the message of a refused refresh tells the user to do.
func (s *site) paste(t *testing.T, o outcome) {
	t.Helper()
	files := map[string][]string{}
	insertions := map[string][]insertion{}
	read := func(name string) []string {
		if files[name] == nil {
			data, err := os.ReadFile(filepath.Join(s.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		}
		return files[name]
	}
	said := strings.Split(o.stderr, "\n")
	for i := 0; i < len(said); i++ {
		if m := becomes.FindStringSubmatch(said[i]); m != nil && i+1 < len(said) {
			read(m[1])[number(t, m[2])-1] = said[i+1]
			i++
		} else if m := below.FindStringSubmatch(said[i]); m != nil {
			read(m[1])
			in := insertion{after: number(t, m[2])}
			for i+1 < len(said) && said[i+1] != "" && !below.MatchString(said[i+1]) && !becomes.MatchString(said[i+1]) {
				i++
				in.text = append(in.text, said[i])
			}
			insertions[m[1]] = append(insertions[m[1]], in)
		}
	}
	if len(files) == 0 {
		t.Fatalf("nothing to paste was printed: %v", o)
	}
	for name, lines := range files {
		slices.SortStableFunc(insertions[name], func(a, b insertion) int { return b.after - a.after })
		for _, in := range insertions[name] {
			lines = slices.Insert(lines, in.after, in.text...)
		}
		s.write(t, name, strings.Join(lines, "\n")+"\n", 0o600)
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
