package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/definition"
)

// running calls Runs with the commands of base and then the given commands. It returns the kinds,
// names and reasons of the result as one text.
func running(t *testing.T, scripts []definition.Script, unfilled []string, commands ...string) string {
	t.Helper()
	var list []string
	for _, d := range definition.Runs(dump(t, append(base(), commands...)...), scripts, unfilled) {
		list = append(list, fmt.Sprintf("%s %s (%s)", d.Kind, d.Name, strings.Join(d.Why, "; ")))
	}
	return strings.Join(list, ", ")
}

const askIt = "(calls ask, which is not silent)"

// immutable makes the function pure, which calls the reaching helper ask. An index can call pure, because pure is
// declared immutable.
const immutable = "FUNCTION pure(text): CREATE FUNCTION public.pure(a text) RETURNS text\n    LANGUAGE sql IMMUTABLE\n    AS $$select public.ask(a)$$"

func TestF6CodeThatRunsWhileADatabaseIsBuilt(t *testing.T) {
	calls := "calls pure, which is not silent"
	for name, c := range map[string]struct{ command, want string }{
		"check":              {"TABLE t: CREATE TABLE public.t (\n    a text,\n    CONSTRAINT c CHECK ((public.pure(a) IS NULL))\n)", "TABLE public.t"},
		"check, not valid":   {"CHECK CONSTRAINT c: ALTER TABLE public.customers\n    ADD CONSTRAINT c CHECK ((public.pure(name) IS NULL)) NOT VALID", "CHECK CONSTRAINT public.c"},
		"generated":          {"TABLE t: CREATE TABLE public.t (\n    a text,\n    b text GENERATED ALWAYS AS (public.pure(a)) STORED\n)", "TABLE public.t"},
		"behind a default":   {"TABLE t: CREATE TABLE public.t (\n    a text DEFAULT lower('x'::text) NOT NULL,\n    b text GENERATED ALWAYS AS (public.pure(a)) STORED\n)", "TABLE public.t"},
		"check and default":  {"TABLE t: CREATE TABLE public.t (\n    a text DEFAULT public.pure('x'::text),\n    CONSTRAINT c CHECK ((public.pure(a) IS NULL))\n)", "TABLE public.t"},
		"partition key":      {"TABLE t: CREATE TABLE public.t (\n    a text\n)\nPARTITION BY RANGE (public.pure(a))", "TABLE public.t"},
		"domain":             {"DOMAIN d: CREATE DOMAIN public.d AS text\n\tCONSTRAINT c CHECK ((public.pure(VALUE) IS NULL))", "DOMAIN public.d"},
		"domain and default": {"DOMAIN d: CREATE DOMAIN public.d AS text DEFAULT 'x'::text\n\tCONSTRAINT c CHECK ((public.pure(VALUE) IS NULL))", "DOMAIN public.d"},
		"index":              {"INDEX i: CREATE INDEX i ON public.customers USING btree (public.pure(name))", "INDEX public.i"},
		"index predicate":    {"INDEX i: CREATE INDEX i ON public.customers USING btree (id) WHERE (public.pure(name) IS NULL)", "INDEX public.i"},
		"exclusion":          {"CONSTRAINT x: ALTER TABLE ONLY public.customers\n    ADD CONSTRAINT x EXCLUDE USING btree (public.pure(name) WITH =)", "CONSTRAINT public.x"},
		"statistics":         {"STATISTICS s: CREATE STATISTICS public.s ON (public.pure(name)), id FROM public.customers", "STATISTICS public.s"},
		"materialized view":  {"MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT public.pure(c.name) AS a\n   FROM public.customers c\n  WITH NO DATA", "MATERIALIZED VIEW public.m"},
	} {
		if got, want := running(t, nil, nil, immutable, c.command), c.want+" ("+calls+")"; got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestF6CodeThatIsReachedWhileADatabaseIsBuilt(t *testing.T) {
	const matview = "MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT %s AS a\n   FROM public.%s\n  WITH NO DATA"
	for name, c := range map[string]struct {
		commands []string
		want     string
	}{
		"view":         {[]string{view("SELECT public.ask('x'::text) AS a"), fmt.Sprintf(matview, "a", "v")}, "(reads v, which is not silent)"},
		"operator":     {[]string{"OPERATOR !!!: CREATE OPERATOR public.!!! (\n    FUNCTION = public.ask,\n    RIGHTARG = text\n)", fmt.Sprintf(matview, "(!!! name)", "customers")}, "(uses operator !!!, which is not silent)"},
		"aggregate":    {[]string{"AGGREGATE agg(text): CREATE AGGREGATE public.agg(text) (\n    SFUNC = public.ask,\n    STYPE = text\n)", fmt.Sprintf(matview, "agg(name)", "customers")}, "(calls agg, which is not silent)"},
		"trigger":      {[]string{plpgsql("begin insert into watched values (1); return a; end"), fmt.Sprintf(matview, "f(name)", "customers")}, "(calls f, which is not silent)"},
		"default":      {[]string{"DEFAULT name: ALTER TABLE ONLY public.customers ALTER COLUMN name SET DEFAULT public.ask('x'::text)", plpgsql("begin insert into customers (id) values (1); return a; end"), fmt.Sprintf(matview, "f(name)", "customers")}, "(calls f, which is not silent)"},
		"cast of ours": {[]string{"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "CAST c: CREATE CAST (public.c AS text) WITH FUNCTION public.ask(text)", fmt.Sprintf(matview, "(row(name))::public.c", "customers")}, "(uses type c, which is not silent)"},
		"cast":         {[]string{"CAST c: CREATE CAST (integer AS text) WITH FUNCTION public.ask(text)", fmt.Sprintf(matview, "name", "customers")}, "(may use a cast between types of PostgreSQL, which is not silent)"},
		"pg_stat":      {[]string{fmt.Sprintf(matview, "pg_read_file(name)", "customers")}, "(calls pg_read_file, which is not a function that masker knows)"},
		"unknown":      {[]string{"TABLE t: CREATE TABLE public.t (\n    g public.geometry,\n    CONSTRAINT c CHECK (public.st_srid(g) = 4326)\n)"}, "(calls public.st_srid, which is not a function that masker knows)"},
	} {
		got := running(t, nil, nil, c.commands...)
		if !strings.HasSuffix(got, c.want) || name != "cast" && strings.Contains(got, ", MATERIALIZED") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestF6CodeThatDoesNotRunWhileADatabaseIsBuilt(t *testing.T) {
	for name, commands := range map[string][]string{
		"nothing but base":    nil,
		"default":             {"TABLE t: CREATE TABLE public.t (\n    a text DEFAULT public.ask('x'::text) NOT NULL,\n    b bigint DEFAULT 0\n)", "INDEX i: CREATE INDEX i ON public.t USING btree (a)"},
		"default apart":       {"DEFAULT name: ALTER TABLE ONLY public.customers ALTER COLUMN name SET DEFAULT public.ask('x'::text)"},
		"default of a domain": {"DOMAIN d: CREATE DOMAIN public.d AS text DEFAULT public.ask('x'::text)", "TABLE t: CREATE TABLE public.t (\n    a public.d\n)"},
		"view":                {view("SELECT public.ask('x'::text) AS a")},
		"policy":              {"POLICY p: CREATE POLICY p ON public.customers USING ((public.ask(name) IS NULL))", "MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT customers.name\n   FROM public.customers\n  WITH NO DATA"},
		"rule":                {"RULE r: CREATE RULE r AS\n    ON INSERT TO public.customers DO  SELECT public.ask('x'::text) AS ask"},
		"extension":           {"EXTENSION postgis: CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public", "TABLE t: CREATE TABLE public.t (\n    g public.geometry(Point,4326)\n)", "INDEX i: CREATE INDEX i ON public.t USING gist (g)"},
		"cast":                {"CAST c: CREATE CAST (integer AS text) WITH INOUT AS ASSIGNMENT", "INDEX i: CREATE INDEX i ON public.customers USING btree (lower(name))"},
		"event trigger":       {"FUNCTION g(): CREATE FUNCTION public.g() RETURNS event_trigger LANGUAGE plpgsql AS $$begin null; end$$", "EVENT TRIGGER e: CREATE EVENT TRIGGER e ON ddl_command_start\n   EXECUTE FUNCTION public.g()"},
	} {
		if got := running(t, nil, nil, commands...); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	matview := "MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT public.ask('x'::text) AS a\n  WITH NO DATA"
	if got := running(t, nil, []string{"public.m"}, matview); got != "" {
		t.Errorf("a view that is not filled: %s", got)
	}
	const left = "TABLE t: CREATE TABLE public.t (\n    a text,\n    CONSTRAINT a CHECK ((public.ask(a) IS NULL)) NO INHERIT,\n    CONSTRAINT b CHECK ((public.ask(a) = 'x'::text))\n)"
	if got := running(t, nil, []string{"public.t.a", "public.t.b"}, left); got != "" {
		t.Errorf("constraints that are left out: %s", got)
	}
	if got := running(t, nil, []string{"public.t.b"}, left); got != "TABLE public.t "+askIt {
		t.Errorf("a constraint that is left out beside another: %s", got)
	}
	domain := "DOMAIN d: CREATE DOMAIN public.d AS text\n\tCONSTRAINT c CHECK ((public.ask(VALUE) IS NULL))"
	if got := running(t, nil, []string{"public.d.c"}, domain); got != "" {
		t.Errorf("a domain's constraint that is left out: %s", got)
	}
	if got := running(t, nil, nil, matview); got != "MATERIALIZED VIEW public.m "+askIt {
		t.Errorf("a view that is filled: %s", got)
	}
}

func TestF6ScriptsRunWhatTheyName(t *testing.T) {
	for sql, want := range map[string]string{
		"update customers set name = 'x'":                            "",
		"select half(2)":                                             "",
		"insert into watched values (1)":                             "HOOK a.sql (writes to watched, which is not silent)",
		"truncate public.watched":                                    "HOOK a.sql (writes to watched, which is not silent)",
		`select "ask"('x')`:                                          "HOOK a.sql " + askIt,
		"do $$begin execute 'insert into watched values (1)'; end$$": "HOOK a.sql (writes to watched, which is not silent)",
	} {
		if got := running(t, []definition.Script{{Name: "a.sql", SQL: sql}}, nil); got != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
	if got := running(t, []definition.Script{{Name: "a.sql", SQL: "select 'x"}}, nil); !strings.Contains(got, "may use ask") {
		t.Errorf("a script that cannot be read: %s", got)
	}
}

// F6: pg_dump says that a table depends on the function that a default calls. A default does not run while masker loads
// rows, so this dependency does not count. Other dependencies of a table count.
func TestF6ADependencyOfADefaultDoesNotRun(t *testing.T) {
	for defn, want := range map[string]int{
		"a text DEFAULT public.ask('x'::text)":                                                                                                    0,
		"a text DEFAULT public.ask('x'::text),\n    b text DEFAULT public.ask('y'::text)":                                                         0,
		"a text DEFAULT public.ask('x'::text),\n    CONSTRAINT c CHECK ((public.ask(a) IS NULL)),\n    b text DEFAULT public.ask('y'::text)":      1,
		"a text DEFAULT public.ask('x'::text),\n    b text GENERATED ALWAYS AS (public.ask(a)) STORED,\n    c text DEFAULT public.ask('y'::text)": 1,
		"a text": 1, // the table depends on something that is not in its text, such as a cast
		"a text,\n    CONSTRAINT left CHECK ((public.ask(a) IS NULL))": 0,
	} {
		entries := dump(t, append(base(), "TABLE t: CREATE TABLE public.t (\n    "+defn+"\n)")...)
		entries[len(entries)-1].Deps = []int{4} // the function ask
		if got := definition.Runs(entries, nil, []string{"public.t.left"}); len(got) != want {
			t.Errorf("%s: %v", defn, got)
		}
	}
}
