package sqlexpr

import (
	"fmt"
	"strings"
	"testing"
)

// show prints an expression as nested lists.
func show(e *Expr) string {
	label := [...]string{"col", "lit", "call", "op", "cast", "other"}[e.Kind] + ":" + e.Name + e.Text
	if len(e.Args) == 0 {
		return label
	}
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = show(a)
	}
	return label + "(" + strings.Join(args, " ") + ")"
}

// Most of the texts are in the form that PostgreSQL prints.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		`lower(email)`:                                         `call:lower(col:email)`,
		`lower((email)::text)`:                                 `call:lower(cast:text(col:email))`,
		`(doc ->> 'email'::text)`:                              `op:->>(col:doc cast:text(lit:email))`,
		`((doc ->> 'age'::text))::integer`:                     `cast:integer(op:->>(col:doc cast:text(lit:age)))`,
		`(substr(birth, 7, 4))::integer`:                       `cast:integer(call:substr(col:birth lit:7 lit:4))`,
		`(deleted_at IS NULL)`:                                 `op:is null(col:deleted_at)`,
		`((a IS NOT NULL) AND (NOT b))`:                        `op:and(op:is not null(col:a) op:not(col:b))`,
		`((a > 1) AND (b < 2) AND (c = 3))`:                    `op:and(op:and(op:>(col:a lit:1) op:<(col:b lit:2)) op:=(col:c lit:3))`,
		`"Order"`:                                              `col:Order`,
		`COALESCE(a, 'x'::character varying(3))`:               `call:coalesce(col:a cast:character varying3(lit:x))`,
		`EXTRACT(year FROM born)`:                              `call:extract(lit:year col:born)`,
		`CASE WHEN (a > 0) THEN b ELSE NULL::text END`:         `other:case(op:>(col:a lit:0) col:b cast:text(lit:NULL))`,
		`(kind = ANY (ARRAY['a'::text, 'b'::text]))`:           `op:=(col:kind other:any(other:array(cast:text(lit:a) cast:text(lit:b))))`,
		`tstzrange(starts, ends)`:                              `call:tstzrange(col:starts col:ends)`,
		`(at AT TIME ZONE 'UTC'::text)`:                        `op:at time zone(col:at cast:text(lit:UTC))`,
		`public.slug(name)`:                                    `call:public.slug(col:name)`,
		`(tags)[1]`:                                            `other:subscript(col:tags lit:1)`,
		`(address).city`:                                       `other:field(col:address)`,
		`(a OPERATOR(public.=) b)`:                             `op:public.=(col:a col:b)`,
		`(a OPERATOR(pg_catalog.=) b)`:                         `op:=(col:a col:b)`,
		`((name)::text COLLATE "C")`:                           `cast:text(col:name)`,
		`(CURRENT_DATE - day)`:                                 `op:-(call:current_date col:day)`,
		`('2024-01-01 00:00:00+00'::timestamp with time zone)`: `cast:timestamp with time zone(lit:2024-01-01 00:00:00+00)`,
		`(- a)`:                         `op:-(col:a)`,
		`(a = '-1'::integer)`:           `op:=(col:a cast:integer(lit:-1))`,
		`E'a\\b'::text`:                 `cast:text(lit:a\b)`,
		`'it''s'::text`:                 `cast:text(lit:it's)`,
		`(x)::double precision`:         `cast:double precision(col:x)`,
		`(x)::numeric(10,2)[]`:          `cast:numeric[]10,2(col:x)`,
		`ROW(a, b)`:                     `other:row(col:a col:b)`,
		`(a IS DISTINCT FROM b)`:        `op:is distinct from(col:a col:b)`,
		`TRIM(BOTH FROM name)`:          `call:trim(col:name)`,
		`"substring"(name, '^.'::text)`: `call:substring(col:name cast:text(lit:^.))`,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := show(e); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}

// If the package cannot read an expression, it returns an error, and never a wrong tree.
func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		``, `(`, `a b`, `(a b)`, `f(a b)`, `(SELECT 1)`, `EXISTS(x)`, `t.*`, `t.a`, `'open`, `"open`, `a ::`, `f(`, `ARRAY`, `CASE`, `a)`, `(a = )`,
		strings.Repeat("(", 500) + "a" + strings.Repeat(")", 500),
	} {
		if e, err := Parse(text); err == nil {
			t.Errorf("%s gives %s", text, show(e))
		}
	}
}

func TestNames(t *testing.T) {
	if got := fmt.Sprint(Names(`xml(SELECT "A b", lower(c) 'no' c`)); got != "[xml select A b lower c]" {
		t.Error(got)
	}
}

// FuzzParse checks that reading ends, and that every column of the tree is a name in the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`lower((email)::text)`, `((a > 1) AND (b IS NULL))`, `CASE WHEN a THEN b END`, `(x)::numeric(10,2)[]`, `E'\'' || "q""q"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		names := Names(s)
		e.Walk(func(n *Expr) {
			if n.Kind == Column && !strings.Contains("\x00"+strings.Join(names, "\x00")+"\x00", "\x00"+n.Name+"\x00") {
				t.Errorf("%q: column %q is not in the text", s, n.Name)
			}
		})
	})
}
