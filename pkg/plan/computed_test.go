package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

const computedRules = `
tables:
  public.t:
    subject: id
    columns:
      id: {keep: x}
      kept: {keep: x}
      flag: {treat: constant, value: true}
      off: {treat: constant, value: false}
      gone: {treat: 'null'}
      mark: {treat: redact}
      code: {treat: token}
      mail: {treat: fake.email}
      digits: {treat: permute}
      letters: {treat: permute, alphabet: alphanumeric}
      n: {treat: noise, amount: 10}
      few: {treat: permute, range: [1, 100]}
      at: {treat: shift}
      born: {treat: shift}
      died: {treat: shift}
      seen: {treat: fake.birth_date}
      doc: {json: {$.kept: {keep: x}, $.mark: {treat: redact}, $.code: {treat: token}, $.gone: {treat: 'null'}, $.digits: {treat: permute}}}
`

func computedSchema(t *testing.T) *catalog.Database {
	return schema(t, "public.t: id int pk, kept text, flag bool, off bool, gone text, mark text, code text, mail text, digits text, letters text, n int, few int, at timestamp, born date, died date, seen date, doc jsonb")
}

// Each index reads one expression. The test says what the plan does: it refuses the index, has a finding, or neither.
func TestComputedFromTreatedColumns(t *testing.T) {
	for expr, want := range map[string]string{
		`kept`:                                             "",
		`(kept)::integer`:                                  "",
		`lower(mark)`:                                      "",
		`(mark)::integer`:                                  "a cast to integer fails",
		`(substr(code, 1, 2))::integer`:                    "a cast to integer fails",
		`(gone)::integer`:                                  "",
		`(digits)::bigint`:                                 "a cast to bigint may fail for a result, and then the index is left out",
		`(digits)::date`:                                   "a cast to date fails",
		`(digits)::uuid`:                                   "a cast to uuid fails",
		`(digits)::public.mark`:                            "a cast to public.mark may fail",
		`to_date(digits, 'YYYYMMDD'::text)`:                "to_date fails",
		`to_number(digits, '99'::text)`:                    "to_number may fail",
		`(letters)::bigint`:                                "a cast to bigint fails",
		`(code)::bytea`:                                    "",
		`(code)::jsonb`:                                    "a cast to jsonb may fail",
		`(code)::integer[]`:                                "a cast to integer fails",
		`(code)::character varying(4)`:                     "",
		`(n)::smallint`:                                    "a cast to smallint may fail",
		`(n)::bigint`:                                      "",
		`(few)::smallint`:                                  "",
		`(born)::timestamp without time zone`:              "",
		`(EXTRACT(year FROM born))::integer`:               "",
		`to_date(mark, 'YYYY'::text)`:                      "to_date fails",
		`public.slug(mark)`:                                "the function public.slug may fail",
		`public.slug(kept)`:                                "",
		`public.slug(gone)`:                                "the function public.slug may fail",
		`lower(public.slug(gone))`:                         "the function public.slug may fail",
		`(public.slug(gone))::integer`:                     "the function public.slug may fail",
		`unknown(gone)`:                                    "the function unknown may fail",
		`(public.slug(gone) = 'a'::text)`:                  "the function public.slug may fail",
		`((doc ->> 'kept'::text))::integer`:                "",
		`((doc ->> 'gone'::text))::integer`:                "",
		`((doc ->> 'mark'::text))::integer`:                "a cast to integer fails",
		`((doc ->> 'other'::text))::integer`:               "a cast to integer fails",
		`(((doc -> 'kept'::text) ->> 'a'::text))::integer`: "",
		`((doc #>> '{code}'::text[]))::uuid`:               "a cast to uuid fails",
		`daterange(born, died)`:                            "",
		`daterange(born, seen)`:                            "lower bound must not be above",
		`daterange(born, NULL::date)`:                      "",
		`daterange(seen, NULL::date)`:                      "",
		`daterange(gone, seen)`:                            "",
		`((mark)::integer + (gone)::integer)`:              "a cast to integer fails",
		`XMLPARSE(CONTENT mark)`:                           "masker cannot read the expression may fail",
		`XMLPARSE(CONTENT kept)`:                           "",
		`(1 / length(mark))`:                               "a division may fail",
		`CASE WHEN (kept = 'a'::text) THEN (mark)::integer ELSE 0 END`: "a cast to integer fails",
		`COALESCE(gone, kept)`: "",
	} {
		db := computedSchema(t)
		db.Tables[0].Indexes = []catalog.Index{{Name: "i", Members: []string{expr}}}
		got := told(t, db, computedRules)
		if want == "" && strings.Contains(got, "index i") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

// A unique index is refused in two cases: the results may be equal, or the index may hold rows that it does not hold
// in the source, and nothing makes its columns unique among all rows.
func TestComputedKeys(t *testing.T) {
	for _, c := range []struct{ member, predicate, want string }{
		{`lower(mail)`, "", ""},
		{`lower(code)`, "", ""},
		{`lower(digits)`, "", "cannot tell"},
		{`(digits)::bigint`, "", "cannot tell"}, // 07 and 7 become equal
		{`(code)::character varying(4)`, "", "collisions expected"},
		{`(code)::character varying(20)`, "", ""},
		{`(few)::bigint`, "", ""},
		{`(few)::smallint`, "", ""},
		{`(at)::date`, "", "cannot tell"},
		{`md5(code)`, "", ""},
		{`lower(mark)`, "", "gives every row the same value"},
		{`lower(gone)`, "", ""},
		{`public.slug(gone)`, "", "cannot tell"},
		{`concat(gone, 'a'::text)`, "", "gives every row the same value"},
		{`"left"(code, 1)`, "", "collisions expected"},
		{`"left"(code, 12)`, "", ""},
		{`split_part(mail, '@'::text, 2)`, "", "cannot tell"},
		{`(doc ->> 'mark'::text)`, "", "gives every row the same value"},
		{`(doc ->> 'code'::text)`, "(doc ? 'code'::text)", ""},
		{`lower((doc ->> 'code'::text))`, "(doc ?& '{code,mark}'::text[])", ""},
		{`lower((doc ->> 'digits'::text))`, "", "cannot tell"},
		{`(doc ->> 'code'::text)`, "", ""},
		{`(doc ->> 'kept'::text)`, "", ""},
		{`(doc ->> 'gone'::text)`, "", ""},
		{`((kept || '-'::text) || code)`, "", ""},
		{`COALESCE(code, ''::text)`, "", ""},
		{`kept`, `flag`, "other rows than in the source"},
		{`kept`, `(NOT flag)`, ""},
		{`kept`, `off`, ""},
		{`kept`, `(off IS TRUE)`, ""},
		{`kept`, `(flag AND (kept IS NOT NULL))`, "other rows than in the source"},
		{`kept`, `((kept > 'a'::text) OR flag)`, "other rows than in the source"},
		{`kept`, `(off AND (kept IS NOT NULL))`, ""},
		{`kept`, `(mark IS NULL)`, ""},
		{`kept`, `(born IS NOT NULL)`, ""},
		{`kept`, `(gone IS NULL)`, "other rows than in the source"},
		{`kept`, `(gone IS NOT NULL)`, ""},
		{`kept`, `(gone = 'a'::text)`, ""},
		{`kept`, `(mark = 'a'::text)`, "other rows than in the source"},
		{`id`, `flag`, ""},
		{`code`, `flag`, "other rows than in the source"},
	} {
		db := computedSchema(t)
		k := catalog.Key{Name: "k", Columns: []string{strings.Trim(c.member, `"`)}, Predicate: c.predicate}
		if strings.ContainsAny(c.member, "(") {
			k.Columns, k.Members = []string{"kept"}, []string{c.member}
		}
		db.Tables[0].Keys = append(db.Tables[0].Keys, k)
		got := told(t, db, computedRules)
		if c.want == "" && strings.Contains(got, "key k") || !strings.Contains(got, c.want) {
			t.Errorf("%s where %s: %q, want %q", c.member, c.predicate, got, c.want)
		}
	}
}

// A unique index whose expression fails for a result is left out. The finding says so, even if another key implies that
// the index stays unique.
func TestUniqueIndexesThatMayFail(t *testing.T) {
	for member, want := range map[string]string{
		`(kept)::integer`:    "",
		`(digits)::bigint`:   "a cast to bigint may fail for a result, and then the index is left out, and the target does not enforce it",
		`(1 / length(mark))`: "a division may fail for a result, and then the index is left out, and the target does not enforce it",
		`(code)::date`:       "a cast to date fails",
	} {
		db := computedSchema(t)
		db.Tables[0].Keys = append(db.Tables[0].Keys, catalog.Key{Name: "k", Columns: []string{"id", "kept"}, Members: []string{"id", member}})
		if got := told(t, db, computedRules); !strings.Contains(got, want) || want == "" && strings.Contains(got, "key k") {
			t.Errorf("%s: %q, want %q", member, got, want)
		}
	}
}

// A generated column may call a function that the source itself defines. The source's server must not compute such a
// column, because the function would run with the rights of masker's role. The shadow computes it.
func TestWhoTriesGeneratedColumns(t *testing.T) {
	long := catalog.Type{Name: "character varying(90)", Base: "varchar", Family: catalog.Text, MaxLen: 90}
	for expr, want := range map[string]struct {
		own   bool
		tried int
		tells string
	}{
		`lower(mail)`:             {false, tried, ""},
		`public.slug(mail)`:       {true, tried, "the new database computes it from some results"},
		`(mail)::public.mark`:     {true, tried, "a cast to public.mark may fail"},
		`XMLPARSE(CONTENT mail)`:  {true, tried, "the new database computes it from some results"},
		`public.slug(digits)`:     {true, 0, "the new database computes it from some results"},
		`public.pair(mail, kept)`: {true, 0, "the new database computes it from some results"},
		`public.slug(kept)`:       {false, 0, ""},
	} {
		db := computedSchema(t)
		db.Tables[0].Columns = append(db.Tables[0].Columns, catalog.Column{Name: "g", Type: long, Generated: true, Default: expr})
		p := mustBuild(t, db, computedRules)
		var q Question
		for _, q = range p.Questions {
		}
		if len(q.Rows) != want.tried || q.Own != want.own || len(p.Questions) > 1 {
			t.Errorf("%s: %d questions, own %v with %d rows; want own %v with %d rows", expr, len(p.Questions), q.Own, len(q.Rows), want.own, want.tried)
		}
		if got := told(t, db, computedRules); !strings.Contains(got, want.tells) {
			t.Errorf("%s: %q, want %q", expr, got, want.tells)
		}
	}
}

func TestExclusionsOfTreatedColumns(t *testing.T) {
	overlap := `daterange(born, died)`
	for _, c := range []struct {
		members, operators []string
		predicate, want    string
	}{
		{[]string{"kept", overlap}, []string{"=", "&&"}, "", "two rows that differ in the source"},
		{[]string{"id", overlap}, []string{"=", "&&"}, "", ""},
		{[]string{"code", "id"}, []string{"=", "="}, "", ""},
		{[]string{"code"}, []string{"<>"}, "", ""}, // equal codes stay equal
		{[]string{"code", "code"}, []string{"=", "<>"}, "", ""},
		{[]string{"n"}, []string{"<>"}, "", "two rows that differ in the source"},
		{[]string{"mail"}, []string{"="}, "", ""}, // as in a unique key
		{[]string{"mail"}, []string{"<>"}, "", "two rows that differ in the source"},
		{[]string{"seen"}, []string{"="}, "", "two rows that differ in the source"},
		{[]string{"mark"}, []string{"="}, "", "two rows that differ in the source"},
		{[]string{"gone"}, []string{"="}, "", ""},
		{[]string{"kept"}, []string{"="}, "flag", "other rows than in the source"},
		{[]string{"mark"}, []string{"="}, "off", ""},
	} {
		db := computedSchema(t)
		db.Tables[0].Exclusions = []catalog.Index{{Name: "x", Members: c.members, Operators: c.operators, Predicate: c.predicate}}
		got := told(t, db, computedRules)
		if c.want == "" && strings.Contains(got, "EXCLUDE") || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.members, c.operators, got, c.want)
		}
	}
}

func TestChecksThatCanBeDecided(t *testing.T) {
	for expr, want := range map[string]string{
		`(born IS NOT NULL)`:                         "",
		`(gone IS NOT NULL)`:                         "false for every row",
		`(gone <> ''::text)`:                         "",
		`(public.slug(gone) <> ''::text)`:            "check-may-break",
		`(public.slug(gone) IS NULL)`:                "check-may-break",
		`(off OR (kept > 'a'::text))`:                "check-may-break", // rows in which off was true in the source may break it
		`((off IS NOT NULL) AND (kept > 'a'::text))`: "",
		`(flag AND (kept > 'a'::text))`:              "",
		`off`:                                        "false for every row",
		`((mark)::integer > 0)`:                      "a cast to integer fails",
		`(code ~ '^A'::text)`:                        "check-may-break",
	} {
		db := computedSchema(t)
		db.Tables[0].Checks = []catalog.Check{{Name: "c", Columns: []string{"born", "gone", "off", "mark", "code"}, Expr: expr}}
		got := told(t, db, computedRules)
		if want == "" && strings.Contains(got, "CHECK") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

func TestForeignKeysOfGeneratedColumns(t *testing.T) {
	for _, c := range []struct{ parent, child, want string }{
		{"{treat: token}", "{keep: x}", "no longer meet"},
		{"{keep: x}", "{treat: token}", "no longer meet"},
		{"{keep: x}", "{treat: 'null'}", ""},
		{"{keep: x}", "{keep: x}", ""},
	} {
		db := schema(t, "public.a: code text pk", "public.b: raw text, code text gen")
		db.Tables[1].Columns[1].Default = "upper(raw)"
		db.ForeignKeys = []catalog.ForeignKey{{
			Name: "f", Child: db.Tables[1].Name, ChildColumns: []string{"code"}, Parent: db.Tables[0].Name, ParentColumns: []string{"code"},
		}}
		got := told(t, db, "tables:\n  public.a: {columns: {code: "+c.parent+"}}\n  public.b: {columns: {raw: "+c.child+"}}\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// told returns what the plan says about the schema: all problems, or all findings with their codes.
func told(t *testing.T, db *catalog.Database, rules string) string {
	t.Helper()
	p, err := build(t, db, rules)
	var invalid *Invalid
	switch {
	case errors.As(err, &invalid):
		return invalid.Error()
	case err != nil:
		t.Fatal(err)
	}
	var lines []string
	for _, f := range p.Findings {
		lines = append(lines, f.Code+": "+f.Text)
	}
	return strings.Join(lines, "\n")
}
