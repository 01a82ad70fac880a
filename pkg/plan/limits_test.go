package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestChecksAreReadAsLimits(t *testing.T) {
	for expr, want := range map[string]limits{
		`(char_length(bio) <= 8)`:                                {maxLen: 8},
		`(length((bio)::text) < 33)`:                             {maxLen: 32},
		`((char_length(bio) >= 3) AND (char_length(bio) <= 12))`: {minLen: 3, maxLen: 12},
		`(octet_length(bio) <= 8)`:                               {maxLen: 8, maxBytes: 8},
		`(8 >= char_length((VALUE)::text))`:                      {maxLen: 8},
		`((bio IS NULL) OR (character_length(bio) = 5))`:         {minLen: 5, maxLen: 5},
		`(NOT (char_length(bio) > 8))`:                           {maxLen: 8},
		`(((length(bio) >= 12) AND (length(bio) <= 3)) OR ((length(bio) >= 3) AND (length(bio) <= 12)))`: {minLen: 3, maxLen: 12},
		`(COALESCE(length(bio), 0) <= 8)`:                                            {maxLen: 8},
		`(char_length(btrim(bio)) <= 8)`:                                             {maxLen: 8},
		`(bit_length(bio) <= 64)`:                                                    {maxLen: 8, maxBytes: 8},
		`(length(bio) <= (4 + 4))`:                                                   {maxLen: 8},
		`((length(bio))::numeric <= 8.5)`:                                            {maxLen: 8},
		`("left"(bio, 8) = bio)`:                                                     {maxLen: 8},
		`((length(bio) <= 8) IS TRUE)`:                                               {maxLen: 8},
		`CASE WHEN (bio IS NULL) THEN true ELSE (length(bio) <= 8) END`:              {maxLen: 8},
		`((((length(bio) > 2) AND (length(bio) < 9))) AND (octet_length(bio) < 20))`: {minLen: 3, maxLen: 8, maxBytes: 19},
	} {
		l := unlimited()
		all := l.readCheck(catalog.Check{Expr: expr}, "bio")
		want.lo, want.hi = l.lo, l.hi
		if !all || l != want {
			t.Errorf("%s: %+v, %v", expr, l, all)
		}
	}
}

func TestP5ChecksOfDatesAreBounds(t *testing.T) {
	date, stamp := catalog.Type{Family: catalog.Date}, catalog.Type{Family: catalog.Timestamp}
	for _, c := range []struct {
		expr        string
		typ         catalog.Type
		least, most string
	}{
		{`(d >= '2000-01-01'::date)`, date, "2000-01-01", ""},
		{`((d > '2000-01-01'::date) AND (d < '2030-01-01'::date))`, date, "2000-01-02", "2029-12-31"},
		{`('2030-01-01'::date >= d)`, date, "", "2030-01-01"},
		{`(d < '2030-01-01 12:00:00'::timestamp without time zone)`, date, "", "2030-01-01"},
		{`(d > '2000-01-01 12:00:00'::timestamp without time zone)`, date, "2000-01-02", ""},
		{`((d IS NULL) OR (d >= '2000-01-01'::date))`, date, "2000-01-01", ""},
		{`(d >= '2000-01-01 10:00:00+00'::timestamp with time zone)`, stamp, "2000-01-01 10:00:00", ""},
		{`((d > '2000-01-01 10:00:00'::timestamp without time zone) AND (d < '2030-01-01'::date))`, stamp, "2000-01-01 10:00:01", "2029-12-31 23:59:59"},
	} {
		l := unlimited()
		all := l.readCheck(catalog.Check{Expr: c.expr}, "d")
		if least, most := l.dates.bounds(c.typ); !all || least != c.least || most != c.most {
			t.Errorf("%s: %q, %q, %v", c.expr, least, most, all)
		}
	}
	for _, expr := range []string{`(d >= CURRENT_DATE)`, `(d = '2000-01-01'::date)`, `(date_trunc('day', d) >= '2000-01-01'::date)`} {
		l := unlimited()
		if l.readCheck(catalog.Check{Expr: expr}, "d") {
			t.Errorf("%s is a bound", expr)
		}
	}
}

func TestOtherChecksAreNoLimits(t *testing.T) {
	for _, expr := range []string{
		`(bio ~ '^.{1,8}$'::text)`, `(char_length(other) <= 8)`, `(NOT (char_length(bio) = 8))`, `((char_length(bio) <= 8) OR (char_length(bio) >= 100))`, `(left(bio, 8) = other)`, `((char_length(bio) <= 8) OR (bio = 'a long exception'::text))`,
		`(public.length(bio) <= 8)`, `(char_length(lower(bio)) <= 8)`, `(char_length(bio) <= char_length(other))`, `(char_length(bio) = 0)`, `(char_length(bio) <> 8)`,
		`(bio <> ' AND (char_length(bio) <= 8)'::text)`, ``, `(`,
	} {
		l := unlimited()
		if all := l.readCheck(catalog.Check{Expr: expr}, "bio"); all || l != unlimited() {
			t.Errorf("%s: %+v, %v", expr, l, all)
		}
	}
	l := unlimited()
	if all := l.readCheck(catalog.Check{Expr: `((char_length("Bio") <= 8) AND ("Bio" <> ''::text))`}, "Bio"); all || l.maxLen != 8 {
		t.Errorf("of two conditions, one is read: %+v, %v", l, all)
	}
	l = unlimited()
	if l.readCheck(catalog.Check{Expr: `(char_length(bio) <= 8)`, NotValid: true}, "bio"); l != unlimited() {
		t.Error("rows may break a constraint that is not valid")
	}
	for expr, want := range map[string][2]int64{
		`((n >= 1) AND (n <= 12))`: {1, 12}, `((n > '-5'::integer) AND (n < (7)::numeric))`: {-4, 6}, `((n >= ('-1'::integer)::numeric) AND ((100)::bigint >= n))`: {-1, 100}, `(n = 3)`: {3, 3},
	} {
		l := unlimited()
		if all := l.readCheck(catalog.Check{Expr: expr}, "n"); !all || l.lo != want[0] || l.hi != want[1] {
			t.Errorf("%s: %+v, %v", expr, l, all)
		}
	}
}

// checked returns a table with a CHECK of each column, by the column's name.
func checked(t *testing.T, line string, checks map[string]string) *catalog.Database {
	db := schema(t, line)
	for column, expr := range checks {
		db.Tables[0].Checks = append(db.Tables[0].Checks, catalog.Check{Name: column + "_check", Columns: []string{column}, Expr: expr})
	}
	return db
}

func TestLengthChecksNarrowTheColumn(t *testing.T) {
	db := checked(t, "public.t: id int! pk, a text, b varchar24, c text", map[string]string{"a": "(octet_length(a) <= 25)", "b": "((char_length((b)::text) >= 3) AND (char_length((b)::text) <= 30))", "c": "(c ~ 'x'::text)"})
	p := mustBuild(t, db, "tables: {public.t: {columns: {id: {keep: x}, a: {treat: token}, b: {treat: redact}, c: {treat: redact}}}}\n")
	if a, b := p.at(t, "t", "a").Type, p.at(t, "t", "b").Type; a.MaxLen != 25 || a.MaxBytes != 25 || b.MaxLen != 24 || b.MinLen != 3 {
		t.Errorf("%+v, %+v", a, b)
	}
	if db.Tables[0].Columns[1].Type.MaxLen != 0 {
		t.Error("the catalog has changed")
	}
	for _, f := range p.Findings {
		if f.Code == "check-may-break" && f.Column != "c" {
			t.Errorf("a treatment obeys the CHECK, but there is a finding: %s", f.Text)
		}
	}
	_, err := build(t, db, "tables: {public.t: {columns: {id: {keep: x}, a: {treat: constant, value: 'abcdefghijklmnopqrstuvwxyz'}, b: {keep: x}, c: {keep: x}}}}\n")
	if got := texts(err); !strings.Contains(got, "has 26 characters, the column holds 25") {
		t.Error(got)
	}
}

func TestARangeThatCannotBeWider(t *testing.T) {
	db := checked(t, "public.t: id int! pk", map[string]string{"id": "((id >= 1) AND (id <= 12))"})
	columns := func(rule string) string { return "tables: {public.t: {columns: {id: " + rule + "}}}\n" }
	for _, rule := range []string{"{treat: token, range: [1, 12]}", "{treat: token, range: [1, 500]}", "{treat: permute, range: [1, 9]}"} {
		_, err := build(t, db, columns(rule))
		if got := texts(err); !strings.Contains(got, "use permute with range: [1, 12]") || strings.Contains(got, "widen") {
			t.Errorf("%s: %s", rule, got)
		}
	}
	if p := mustBuild(t, db, columns("{treat: permute, range: [1, 12]}")); len(p.Findings) > 0 {
		t.Errorf("%+v", p.Findings)
	}
	db.Tables[0].Size.Rows = 10
	if p := mustBuild(t, db, columns("{treat: token, range: [1, 12]}")); len(p.Findings) != 1 || !strings.Contains(p.Findings[0].Text, "use permute") {
		t.Errorf("%+v", p.Findings)
	}
	small := schema(t, "public.t: id int! pk")
	small.Tables[0].Columns[0].Type = catalog.Type{Name: "smallint", Base: "int2", Family: catalog.Integer, Bits: 16}
	small.Tables[0].Size.Rows = 100_000
	_, err := build(t, small, columns("{treat: token, range: [0, 32767]}"))
	if got := texts(err); !strings.Contains(got, "type smallint holds; use permute with range: [-32768, 32767]") {
		t.Error(got)
	}
}

func TestBoundsOfNumbers(t *testing.T) {
	money := catalog.Type{Family: catalog.Numeric, Precision: 5, Scale: 2}
	for expr, want := range map[string][2]string{
		`((n >= (1)::numeric) AND (n <= 5.5))`: {"1", "5.5"},
		`((n > 0.0) AND (n < (1)::numeric))`:   {"0.01", "0.99"},
		`(n = '-3.25'::numeric)`:               {"-3.25", "-3.25"},
		`(n > (0)::numeric)`:                   {"0.01", ""},
	} {
		l := unlimited()
		l.readCheck(catalog.Check{Expr: expr}, "n")
		if least, most := l.bounds(money); least != want[0] || most != want[1] {
			t.Errorf("%s: from %s to %s", expr, least, most)
		}
	}
	fine, l := catalog.Type{Family: catalog.Numeric, Precision: 50, Scale: 45}, unlimited()
	l.readCheck(catalog.Check{Expr: "(n > (0)::numeric)"}, "n")
	if least, _ := l.bounds(fine); least != "0."+strings.Repeat("0", 44)+"1" {
		t.Errorf("with 45 decimals: from %s", least)
	}
}
