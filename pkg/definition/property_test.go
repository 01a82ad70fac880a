package definition_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
	"github.com/masker-project/masker/pkg/sqltext"
)

// wrappers are expressions of type text. In each of them, @ stands for another expression of type text.
var wrappers = []string{
	"(@)", "coalesce(@, 'x')", "nullif(@, 'a') collate \"C\"", "case when @ is null then 'a' else 'b' end", "case @ when 'a' then 'b' else @ end",
	"(array[@])[1]", "(array['a', 'b'])[length(@)]", "(select @)", "(@)::text", "cast(@ as text)", "lower(@)", "'a' || @", "@ || 'a'",
	"(exists (select from customers where name = @))::text", "(with x as (select @ as y) select x.y from x)", "(with x(y) as materialized (select @), z as (select x.y from x) select z.y from z)",
	"(select t.v from (values (@)) t(v))", "(select max(g) from unnest(array[@]) g)", "(select g.a from unnest(array[@]) with ordinality g(a, b))",
	"max(@) filter (where true)", "max('a') filter (where @ is null)", "(row_number() over (partition by @ order by @))::text", "(extract(year from date(@)))::text", "substring(@ from 1 for 2)",
	"trim(both 'a' from @)", "overlay(@ placing 'a' from 1)", "(@ is distinct from 'a')::text", "(@ in ('a', 'b'))::text", "(@ like 'a%')::text", "(@ between 'a' and 'b')::text",
	"(row(@, 1)).f1::text", "(select c.name from customers c join watched w on (c.id = w.id and @ is null) order by @ limit 1)", "(select c.name from customers c cross join lateral (select @) x(y))",
	"concat(variadic array[@])", "/* ' */ @ -- '\n", "@ operator(pg_catalog.||) 'a'", "(select distinct on (@) c.name from customers c group by c.name having @ is null)", "to_char(now(), @)",
	"(select max(x.a) from rows from (unnest(array[@])) x(a))", "half(length(@))::text", "(select 'a' union all select @)", "(@ at time zone 'utc')::text", "$$a$$ || @",
}

// places are commands. In each of them, @ stands for an expression of type text.
var places = []string{
	view("SELECT @ AS a"), sqlBody("select @"), plpgsql("begin return @; end"), plpgsql("declare x text := @; begin return x; end"), plpgsql("begin if @ is null then return a; end if; end"),
	plpgsql("begin perform @; return a; end"), plpgsql("begin a := @; return a; end"), plpgsql("begin for i in 1..length(@) loop null; end loop; end"), plpgsql("begin insert into customers (name) values (@); end"),
	plpgsql("begin raise notice '%', @; end"), plpgsql("begin execute 'select 1' using @; end"), plpgsql("begin execute $x$select @$x$; end"), plpgsql("begin null; exception when others then return @; end"),
	plpgsql("begin update customers set name = @ where name = @; end"), plpgsql("begin delete from customers where name = @ returning @ into a; end"), plpgsql("begin case @ when 'a' then null; else null; end case; end"),
	"TABLE t: CREATE TABLE public.t (\n    a text DEFAULT @,\n    b text GENERATED ALWAYS AS (@) STORED\n)", "INDEX i: CREATE INDEX i ON public.customers USING btree ((@)) WHERE (@ IS NULL)",
	"CHECK CONSTRAINT c: ALTER TABLE public.customers ADD CONSTRAINT c CHECK ((@ IS NULL)) NOT VALID", "DOMAIN d: CREATE DOMAIN public.d AS text DEFAULT @ CONSTRAINT c CHECK ((@ IS NULL))",
	"POLICY p: CREATE POLICY p ON public.customers USING ((@ IS NULL))", "RULE r: CREATE RULE r AS\n    ON INSERT TO public.customers WHERE (@ IS NULL) DO INSTEAD  SELECT @",
	"FUNCTION f(text): CREATE FUNCTION public.f(a text DEFAULT @) RETURNS text LANGUAGE sql AS 'select a'", "FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT @; END",
	"STATISTICS s: CREATE STATISTICS public.s ON (@), id FROM public.customers", "TABLE p: CREATE TABLE public.p (\n    a text\n)\nPARTITION BY RANGE (lower(@))",
}

// reached are reaching expressions. The function ask of base is one of the functions that they call.
var reached = []string{
	"ask('x')", "public.ask('x')", `"ask" ('x')`, `u&"\0061sk"('x')`, "ask/**/('x')", "dblink_exec('x')", "query_to_xml('x', true, true, '')::text", "(select query from pg_stat_activity)",
	"(select s.query from public.customers c, pg_catalog.pg_stat_activity s)", "pg_read_file('x')", "('x'::text).ask", "('x'::text).pg_read_file", "convert_from(lo_get(1), 'utf8')", "(select t.a from dblink('x') as t(a text))",
	"g.ask", "other.lower('x')", "'a' <!> 'b'", "'a'::missing", "current_setting('x')", "set_config('x', 'y', true)",
}

func expression(t *rapid.T, inner string) string {
	for range rapid.IntRange(0, 5).Draw(t, "depth") {
		inner = strings.ReplaceAll(rapid.SampledFrom(wrappers).Filter(func(w string) bool { return strings.Contains(w, "@") }).Draw(t, "wrapper"), "@", inner)
	}
	return inner
}

func classOf(t *rapid.T, entries []archive.Entry) definition.Definition {
	wanted := entries[len(entries)-1]
	for _, d := range definition.Read(entries, nil) {
		if d.Kind == wanted.Desc && d.Name == "public."+wanted.Tag {
			return d
		}
	}
	t.Fatal("no definition")
	return definition.Definition{}
}

func TestR7NoSyntaxHidesWhatReaches(t *testing.T) {
	start := dump(t, base()...)
	rapid.Check(t, func(r *rapid.T) {
		text := strings.ReplaceAll(rapid.SampledFrom(places).Draw(r, "place"), "@", expression(r, rapid.SampledFrom(reached).Draw(r, "reached")))
		if d := classOf(r, append(slices.Clone(start), dump(t, text)...)); d.Class&definition.Reaching == 0 {
			r.Fatalf("%s: %s", text, d.Class)
		}
	})
}

func TestR7SyntaxAloneIsNotReaching(t *testing.T) {
	start := dump(t, base()...)
	rapid.Check(t, func(r *rapid.T) {
		text := strings.ReplaceAll(rapid.SampledFrom(places).Draw(r, "place"), "@", expression(r, "upper('x')"))
		if d := classOf(r, append(slices.Clone(start), dump(t, text)...)); d.Class&definition.Reaching != 0 {
			r.Fatalf("%s: %q", text, d.Why)
		}
	})
}

// FuzzRead checks that a text is not silent if it cannot be read, or if an expression in it calls a reaching function.
func FuzzRead(f *testing.F) {
	for _, place := range places {
		f.Add(strings.ReplaceAll(place, "@", "lower(ask('x'))"))
	}
	for _, wrapper := range wrappers {
		f.Add(sqlBody("select " + strings.ReplaceAll(wrapper, "@", "ask('x')")))
	}
	f.Add(plpgsql(manyStatements))
	start := dump(&testing.T{}, base()...)
	f.Fuzz(func(t *testing.T, text string) {
		head, sql, ok := strings.Cut(text, ": ")
		kind, tag, named := strings.Cut(head, " ")
		if !ok || !named {
			return
		}
		entry := archive.Entry{ID: 100, Desc: kind, Namespace: "public", Tag: tag, Defn: sql}
		for _, d := range definition.Read(append(slices.Clone(start), entry), nil) {
			if d.Class != definition.Silent || d.Kind != kind || d.Name != "public."+tag || d.Text == "" || kind == "SCHEMA" || kind == "COMMENT" || kind == "EXTENSION" {
				continue
			}
			tokens, err := sqltext.Scan(sql)
			if err != nil {
				t.Fatalf("%q cannot be read, and is silent", text)
			}
			if callsAsk(sqltext.Plain(tokens)) {
				t.Fatalf("%q is silent", text)
			}
		}
	})
}

// callsAsk reports whether the text, or a body in it, calls ask at a place where only an expression can stand.
func callsAsk(tokens []sqltext.Token) bool {
	for i, t := range tokens {
		if t.Kind == sqltext.String && i > 0 && tokens[i-1].Is("as") {
			if body, err := sqltext.Scan(t.Value); err == nil && callsAsk(sqltext.Plain(body)) {
				return true
			}
		}
		if i > 0 && i+1 < len(tokens) && t.Name() && t.Value == "ask" && tokens[i+1].Is("(") &&
			(tokens[i-1].Is("select", "return", "where", "and", "or", "not", "perform", ":=", "||", "lower") || tokens[i-1].Is("(") && i > 1 && tokens[i-2].Is("lower", "coalesce")) {
			return true
		}
	}
	return false
}
