package target_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/target"
)

// column is a column that a sequence feeds, with treated values, and the next value that the sequence must give.
type column struct {
	typ, def string // def is the column's default; %s stands for the sequence's next value
	values   string // rows of VALUES, as text
	seq      string // options of the sequence
	want     string
}

func fedColumns() map[string]column {
	return map[string]column{
		"smallint":            {"smallint", "%s", "('7'), ('70')", "", "71"},
		"bigint at the edge":  {"bigint", "%s", "('9223372036854775805'), ('-9223372036854775808')", "", "9223372036854775806"},
		"oid":                 {"oid", "%s", "('7'), ('3000000000')", "", "3000000001"},
		"numeric":             {"numeric", "%s", "('12'), ('15.00'), ('NaN'), ('Infinity'), ('-Infinity'), ('99.5'), ('1e300'), ('9223372036854775808')", "", "16"},
		"numeric(8,2)":        {"numeric(8,2)", "%s", "('12.00'), ('99.50')", "", "13"},
		"real":                {"real", "%s", "('12'), ('NaN'), ('Infinity'), ('-Infinity'), ('99.5'), ('1e38')", "", "13"},
		"double":              {"double precision", "%s", "('4503599627370497'), ('NaN'), ('Infinity'), ('-Infinity'), ('0.5'), ('1e300'), ('-1e300'), ('9223372036854775808'), ('-9223372036854775808')", "", "4503599627370498"},
		"double, range":       {"double precision", "%s", "('50'), ('9007199254740996')", "MAXVALUE 9007199254740995", "51"},
		"money":               {"money", "%s", "('12'), ('99.50')", "", "13"},
		"text":                {"text", "%s::text", "('12'), ('0015'), (''), ('x99'), ('99.5'), ('1e6'), ('9 9'), ('99999999999999999999'), ('9223372036854775808'), ('٩٩')", "", "16"},
		"text with a prefix":  {"text", "'L' || %s", "('L12'), ('no 99')", "", "1"},
		"padded text":         {"text", "lpad(%s::text, 8, '0')", "('00000012')", "", "13"},
		"to_char":             {"text", "to_char(%s, '000')", "(' 012'), (repeat('0', 200000) || '14')", "", "15"},
		"text, bare":          {"text", "%s", "('12')", "", "13"},
		"varchar":             {"varchar(12)", "%s", "('12'), ('canary')", "", "13"},
		"char":                {"char(12)", "%s", "('12'), ('canary')", "", "13"},
		"citext":              {"public.citext", "%s", "('12'), ('Canary')", "", "13"},
		"name":                {"name", "%s::text", "('12'), ('canary')", "", "13"},
		"another collation":   {"text COLLATE public.loose", "%s", "('12'), ('canary')", "", "13"},
		"domain over int":     {"public.small", "%s", "('12')", "", "13"},
		"domain over numeric": {"public.amount", "%s", "('12'), ('NaN')", "", "13"},
		"domain over text":    {"public.lot", "%s::text", "('12'), ('canary')", "", "13"},
		"domain over domain":  {"public.sublot", "%s::text", "('012'), ('canary')", "", "13"},
		"enum":                {"public.grade", "%s::text::public.grade", "('2'), ('canary')", "", "3"},
		"json":                {"json", "%s::text::json", "('2'), ('\"4\"'), ('{\"a\": 9}'), ('\"\\u0000\"')", "", "5"},
		"jsonb":               {"jsonb", "to_jsonb(%s)", "('2'), ('1e3'), ('[9]')", "MAXVALUE 900", "3"},
		"bits are no number":  {"bit(8)", "%s::int::bit(8)", "('00000111')", "", "1"},
		"bytes are no number": {"bytea", "%s::text::bytea", "('12')", "", "1"},
		"down":                {"text", "%s", "('-12'), ('-0015'), ('canary'), ('3')", "INCREMENT -1", "-16"},
		"down, double":        {"double precision", "%s", "('-12'), ('-Infinity'), ('-99.5'), ('NaN')", "INCREMENT -1", "-13"},
		"out of range":        {"text", "%s", "('12'), ('500')", "MAXVALUE 400", "13"},
		"nothing at all":      {"text", "%s", "(NULL)", "", "1"},
		"array":               {"int[]", "ARRAY[%s]", "('{12}')", "", "1"},
	}
}

const fedTypes = `
CREATE EXTENSION citext SCHEMA public;
CREATE COLLATION public.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN public.small AS int CHECK (VALUE > 0);
CREATE DOMAIN public.amount AS numeric;
CREATE DOMAIN public.lot AS text CHECK (VALUE <> '');
CREATE DOMAIN public.sublot AS public.lot;
CREATE TYPE public.grade AS ENUM ('1', '2', '3', '4', 'canary');
`

// A sequence goes past the whole numbers of a column of any type.
func TestSequencesGoPastWholeNumbersOfAnyType(t *testing.T) {
	columns := fedColumns()
	script, i := fedTypes, 0
	tables := map[string]int{}
	for name, c := range columns {
		tables[name] = i
		script += fmt.Sprintf("CREATE SEQUENCE s%[1]d %[2]s; CREATE TABLE t%[1]d (x int, v %[3]s DEFAULT %[4]s); INSERT INTO t%[1]d SELECT 0, w::%[5]s FROM (VALUES %[6]s) r(w);\n",
			i, c.seq, c.typ, fmt.Sprintf(c.def, fmt.Sprintf("nextval('s%d')", i)), strings.Split(c.typ, " COLLATE")[0], c.values)
		i++
	}
	create(t, "types_src", script)
	for _, mark := range []string{"past", "lagging"} {
		p := open(t, server.URL("types_"+mark), target.Options{})
		sp := spec(t, "types_src", "run_"+mark)
		for i := range sp.Sequences {
			sp.Sequences[i].Past, sp.Sequences[i].Lagging = mark == "past", mark == "lagging"
		}
		s := refresh(t, p, "types_src", sp)
		for name, i := range tables {
			if got := one[string](t, "types_"+mark, fmt.Sprintf("SELECT nextval('s%d')::text", i)); got != columns[name].want {
				t.Errorf("%s, %s: the next value is %s, want %s", mark, name, got, columns[name].want)
			}
			sql(t, "types_"+mark, fmt.Sprintf("INSERT INTO t%d (x) VALUES (1)", i))
		}
		if notes := strings.Join(s.Notes(), "\n"); strings.Contains(notes, "canary") {
			t.Errorf("a note holds a value: %s", notes)
		}
		p.Close()
	}
}

// A sequence may feed several columns of several tables. It goes past the numbers of all of them.
func TestASharedSequenceGoesPastEveryColumnItFeeds(t *testing.T) {
	create(t, "share_src", `CREATE SEQUENCE no; CREATE TABLE a (n text DEFAULT nextval('no') UNIQUE); CREATE TABLE b (m bigint DEFAULT nextval('no') UNIQUE, l numeric DEFAULT nextval('no'));
		CREATE TABLE p (id text DEFAULT nextval('no'), k int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
		INSERT INTO a VALUES ('70'); INSERT INTO b VALUES (90, 5); INSERT INTO p VALUES ('00500', 2), ('8', 1);`)
	p := open(t, server.URL("share"), target.Options{})
	sp := spec(t, "share_src", "run1")
	for i := range sp.Sequences {
		sp.Sequences[i].Past = true
	}
	refresh(t, p, "share_src", sp)
	if got := one[int](t, "share", "SELECT nextval('no')"); got != 501 {
		t.Errorf("the next value is %d, want 501", got)
	}
}

// Sequences are set before row security is turned on. With row security, even the owner of the tables could see no
// rows.
func TestSequencesAreSetWherePoliciesBindTheOwner(t *testing.T) {
	sql(t, "postgres", "CREATE ROLE bound LOGIN CREATEDB PASSWORD 'bound'")
	create(t, "bound_src", `CREATE TABLE t (id serial PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 70) g;
		ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY none ON t USING (false)`)
	p := open(t, server.URLFor("bound", "bound", "bound"), target.Options{})
	sp := spec(t, "bound_src", "run1")
	for i := range sp.Sequences {
		sp.Sequences[i].Lagging = true
	}
	refresh(t, p, "bound_src", sp)
	if got := one[int](t, "bound", "SELECT nextval('t_id_seq')"); got != 71 {
		t.Errorf("the next value is %d, want 71", got)
	}
}

// A note names a sequence that has few values left. The note gives advice about treatments only if a treatment may have
// made the number.
func TestASequenceWithFewValuesLeftIsTold(t *testing.T) {
	create(t, "few_src", "CREATE TABLE t (id smallserial PRIMARY KEY); INSERT INTO t VALUES (32760)")
	for mark, want := range map[string]string{
		"past": "sequence public.t_id_seq has 7 values left after the largest number in public.t.id; if a treatment made that number, " +
			"one with smaller results leaves more, such as token with a range",
		"lagging": "sequence public.t_id_seq has 7 values left after the largest number in public.t.id",
	} {
		p := open(t, server.URL("few_"+mark), target.Options{})
		sp := spec(t, "few_src", "run_"+mark)
		sp.Sequences[0].Past, sp.Sequences[0].Lagging = mark == "past", mark == "lagging"
		s := refresh(t, p, "few_src", sp)
		if notes := s.Notes(); !slices.Contains(notes, want) {
			t.Errorf("%s: the notes are %q", mark, notes)
		}
		p.Close()
	}
}
