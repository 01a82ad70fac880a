package definition_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
)

// dump returns archive entries for commands. Before the SQL, each command has the kind and the name of the entry:
// "TABLE t: CREATE …".
func dump(t *testing.T, commands ...string) (entries []archive.Entry) {
	t.Helper()
	for i, c := range commands {
		head, sql, ok := strings.Cut(c, ": ")
		space := strings.LastIndex(strings.TrimSuffix(head, " _RETURN"), " ") // the rule of a view has a name of two words
		if !ok || space < 0 {
			t.Fatalf("no kind and name: %s", c)
		}
		entries = append(entries, archive.Entry{ID: i + 1, Desc: head[:space], Namespace: "public", Tag: head[space+1:], Defn: sql + ";\n"})
	}
	return entries
}

// base returns the commands of a schema that the tests add commands to. It has tables, a silent helper function half,
// and a reaching helper function ask.
func base() []string {
	return []string{
		"TABLE customers: CREATE TABLE public.customers (\n    id bigint NOT NULL,\n    name text,\n    total numeric(10,2) DEFAULT 0,\n    born date\n)",
		"TABLE watched: CREATE TABLE public.watched (\n    id bigint NOT NULL\n)",
		"FUNCTION half(integer): CREATE FUNCTION public.half(n integer) RETURNS integer\n    LANGUAGE sql\n    AS $$select n / 2$$",
		"FUNCTION ask(text): CREATE FUNCTION public.ask(q text) RETURNS text\n    LANGUAGE plpgsql\n    AS $$begin return dblink_exec('x', q); end$$",
		"FUNCTION watch(): CREATE FUNCTION public.watch() RETURNS trigger\n    LANGUAGE plpgsql\n    AS $$begin perform public.ask('x'); return new; end$$",
		"TRIGGER watch: CREATE TRIGGER watch BEFORE INSERT OR UPDATE ON public.watched FOR EACH ROW EXECUTE FUNCTION public.watch()",
	}
}

// class reads the schema and returns the definition of the last command.
func class(t *testing.T, commands ...string) definition.Definition {
	t.Helper()
	entries := dump(t, commands...)
	wanted := entries[len(entries)-1]
	for _, d := range definition.Read(entries, nil) {
		if d.Kind == wanted.Desc && d.Name == "public."+wanted.Tag {
			return d
		}
	}
	t.Fatalf("no definition of %s %s", wanted.Desc, wanted.Tag)
	return definition.Definition{}
}

func sqlBody(body string) string {
	return "FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text\n    LANGUAGE sql\n    AS $fun$" + body + "$fun$"
}

func plpgsql(body string) string {
	return "FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text\n    LANGUAGE plpgsql\n    AS $fun$" + body + "$fun$"
}

func view(query string) string { return "VIEW v: CREATE VIEW public.v AS\n " + query }

// reaching maps names of cases to commands. The last command of each case is reaching. The commands
// follow the commands of base.
var reaching = map[string][]string{
	"dblink":                       {view("SELECT dblink_exec('x'::text, 'y'::text) AS a")},
	"quoted name":                  {view(`SELECT "dblink"('x'::text) AS a`)},
	"quoted name with U&":          {sqlBody(`select U&"\0064blink"('x')`)},
	"quoted name with UESCAPE":     {sqlBody(`select U&"!0064blink" uescape '!' ('x')`)},
	"behind a helper":              {view("SELECT public.ask('x'::text) AS a")},
	"behind two helpers":           {plpgsql("begin return g(a); end"), "FUNCTION g(text): CREATE FUNCTION public.g(a text) RETURNS text LANGUAGE sql AS $$select f(ask(a))$$"},
	"helper in another schema":     {sqlBody("select other.ask(a)")},
	"helper as a field":            {sqlBody("select c.ask from customers c")},
	"catalog function as a field":  {sqlBody("select ('/etc/passwd'::text).pg_read_file")},
	"field that a column declares": {"TABLE t: CREATE TABLE public.t (pg_read_file text)", sqlBody("select (a).pg_read_file")},
	"field named like a function":  {"TABLE t: CREATE TABLE public.t (\n    row_security_active text,\n    obj_description text\n)", sqlBody("select (a).obj_description")},
	"field of a shipped extension": {"TABLE t: CREATE TABLE public.t (\n    set_limit text\n)", sqlBody("select (a).set_limit")},
	"field named like a label":     {"TYPE e: CREATE TYPE public.e AS ENUM (\n    'evil'\n)", sqlBody("select (a).evil")},
	"field named like a table":     {sqlBody("select (a).watched")},
	"helper in the middle":         {sqlBody("select a.ask.name")},
	"field of a stranger":          {"EXTENSION http: CREATE EXTENSION IF NOT EXISTS http WITH SCHEMA public", "TABLE t: CREATE TABLE public.t (\n    http_get text\n)", sqlBody("select (a).http_get")},
	"argument before a stranger":   {"EXTENSION http: CREATE EXTENSION IF NOT EXISTS http WITH SCHEMA public", "TABLE t: CREATE TABLE public.t (\n    http_get text\n)", sqlBody("select a.http_get")},
	"parameter before a stranger":  {"EXTENSION http: CREATE EXTENSION IF NOT EXISTS http WITH SCHEMA public", "TABLE t: CREATE TABLE public.t (\n    http_get text\n)", sqlBody("select $1.http_get")},
	"helper in a call of a field":  {sqlBody("select (ask('x')).length")},
	"EXECUTE of a variable":        {plpgsql("begin execute a; return a; end")},
	"EXECUTE of decoded text":      {plpgsql("begin execute convert_from(decode('73656c6563742031', 'hex'), 'utf8'); return a; end")},
	"EXECUTE of joined text":       {plpgsql("begin execute 'select ' || a; return a; end")},
	"EXECUTE of dblink":            {plpgsql("begin execute 'select dblink_exec(''x'')'; return a; end")},
	"EXECUTE in parentheses":       {plpgsql("begin execute ('select 1'); return a; end")},
	"EXECUTE of format with %s":    {plpgsql("begin execute format('select %s', a); return a; end")},
	"EXECUTE of format of a name":  {plpgsql("begin execute format('select %I(1)', a); return a; end")},
	"EXECUTE from a named table":   {plpgsql("begin execute format('select query from %I', 'pg_stat_activity'); return a; end")},
	"EXECUTE of format as a field": {plpgsql("begin execute format('select (a).%I', a); return a; end")},
	"EXECUTE of format elsewhere":  {plpgsql("begin execute public.format('select 1'); return a; end")},
	"FOR IN EXECUTE":               {plpgsql("declare r record; begin for r in execute a loop null; end loop; return a; end")},
	"RETURN QUERY EXECUTE":         {plpgsql("begin return query execute a; end")},
	"OPEN FOR EXECUTE":             {plpgsql("declare c refcursor; begin open c for execute a; return a; end")},
	"query_to_xml":                 {view("SELECT query_to_xml('select 1'::text, true, true, ''::text) AS query_to_xml")},
	"table_to_xml":                 {view("SELECT table_to_xml('t'::regclass, true, true, ''::text) AS x")},
	"ts_stat":                      {view("SELECT ts_stat.word FROM ts_stat('select 1'::text) ts_stat(word, ndoc, nentry)")},
	"ts_rewrite":                   {sqlBody("select ts_rewrite('a'::tsquery, 'select a, b from t')::text")},
	"sessions":                     {view("SELECT pg_stat_activity.query FROM pg_stat_activity")},
	"sessions of the catalog":      {view("SELECT s.query FROM pg_catalog.pg_stat_activity s")},
	"sessions after a comma":       {view("SELECT s.query FROM public.customers c, pg_stat_activity s")},
	"sessions in parentheses":      {view("SELECT s.query FROM (public.customers c CROSS JOIN pg_stat_activity s)")},
	"sessions by TABLE":            {sqlBody("table pg_stat_activity")},
	"sessions in a subquery":       {sqlBody("select a where exists (select from pg_stat_activity)")},
	"information_schema":           {view("SELECT t.table_name FROM information_schema.tables t")},
	"a table that is not there":    {view("SELECT x.a FROM public.missing x")},
	"files":                        {view("SELECT pg_read_file('x'::text) AS a")},
	"large objects":                {sqlBody("select lo_import('/etc/passwd')::text")},
	"COPY PROGRAM":                 {plpgsql("begin copy customers to program 'cat'; return a; end")},
	"COPY after a comment":         {plpgsql("begin /* */ copy -- x\n customers to program 'cat'; return a; end")},
	"COPY after CASE":              {plpgsql("begin a := case when true then 1 else 2 end; copy customers to program 'cat'; return a; end")},
	"COPY in a CASE statement":     {plpgsql("begin case a when 'x' then copy customers to program 'cat'; end case; return a; end")},
	"COPY in ELSE":                 {plpgsql("begin if true then null; else copy customers to program 'cat'; end if; end")},
	"COPY in an exception":         {plpgsql("begin null; exception when others then copy customers to program 'cat'; end")},
	"COPY in EXECUTE":              {plpgsql("begin execute 'copy customers to program ''cat'''; return a; end")},
	"DO":                           {plpgsql("begin do $x$begin perform dblink('x'); end$x$; return a; end")},
	"CREATE":                       {plpgsql("begin create extension dblink; return a; end")},
	"SET ROLE":                     {plpgsql("begin set role postgres; return a; end")},
	"set_config":                   {sqlBody("select set_config('search_path', a, false)")},
	"pg_notify":                    {sqlBody("select pg_notify('x', a)::text")},
	"LANGUAGE c":                   {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE c AS '$libdir/x', 'f'"},
	"LANGUAGE internal":            {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE internal AS 'pg_read_file_v2'"},
	"LANGUAGE plpython3u":          {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE plpython3u AS 'return 1'"},
	"LANGUAGE twice":               {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql LANGUAGE plpython3u AS 'select 1'"},
	"SUPPORT":                      {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql SUPPORT public.ask AS 'select 1'"},
	"SET in a function":            {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql SET session_preload_libraries TO 'x' AS 'select 1'"},
	"strings read in another way":  {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql SET standard_conforming_strings TO 'off' AS 'select 1'"},
	"default of an argument":       {"FUNCTION f(text): CREATE FUNCTION public.f(a text DEFAULT public.ask('x'::text)) RETURNS text LANGUAGE sql AS 'select a'"},
	"BEGIN ATOMIC":                 {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT public.ask(f.a) AS ask; END"},
	"RETURN":                       {"FUNCTION f(text): CREATE FUNCTION public.f(a text) RETURNS text LANGUAGE sql RETURN public.ask(a)"},
	"procedure":                    {"PROCEDURE f(text): CREATE PROCEDURE public.f(IN a text) LANGUAGE plpgsql AS $$begin call ask(a); end$$"},
	"default":                      {"DEFAULT customers: ALTER TABLE ONLY public.customers ALTER COLUMN name SET DEFAULT public.ask('x'::text)"},
	"default in a table":           {"TABLE t: CREATE TABLE public.t (\n    a text DEFAULT public.ask('x'::text)\n)"},
	"generated column":             {"TABLE t: CREATE TABLE public.t (\n    a text,\n    b text GENERATED ALWAYS AS (public.ask(a)) STORED\n)"},
	"check in a table":             {"TABLE t: CREATE TABLE public.t (\n    a text,\n    CONSTRAINT c CHECK ((public.ask(a) IS NOT NULL))\n)"},
	"check":                        {"CHECK CONSTRAINT customers: ALTER TABLE public.customers ADD CONSTRAINT c CHECK ((public.ask(name) IS NOT NULL)) NOT VALID"},
	"index":                        {"INDEX i: CREATE INDEX i ON public.customers USING btree (public.ask(name))"},
	"part of an index":             {"INDEX i: CREATE INDEX i ON public.customers USING btree (name) WHERE (public.ask(name) IS NULL)"},
	"access method of an index":    {"INDEX i: CREATE INDEX i ON public.customers USING evil (name)"},
	"exclusion":                    {"CONSTRAINT customers: ALTER TABLE ONLY public.customers ADD CONSTRAINT c EXCLUDE USING gist (public.ask(name) WITH =)"},
	"materialized view":            {"MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT public.ask('x'::text) AS a\n  WITH NO DATA"},
	"domain":                       {"DOMAIN d: CREATE DOMAIN public.d AS text CONSTRAINT c CHECK ((public.ask(VALUE) IS NULL))"},
	"domain of a column":           {"DOMAIN d: CREATE DOMAIN public.d AS text CONSTRAINT c CHECK ((public.ask(VALUE) IS NULL))", "TABLE t: CREATE TABLE public.t (\n    a public.d\n)"},
	"domain of a variable":         {"DOMAIN d: CREATE DOMAIN public.d AS text CONSTRAINT c CHECK ((public.ask(VALUE) IS NULL))", plpgsql("declare x d := a; begin return x; end")},
	"domain of a cast":             {"DOMAIN d: CREATE DOMAIN public.d AS text CONSTRAINT c CHECK ((public.ask(VALUE) IS NULL))", sqlBody("select cast(a as d)")},
	"a type that is not there":     {sqlBody("select a::missing::text")},
	"rule of a view":               {"RULE v _RETURN: CREATE OR REPLACE VIEW public.v AS\n SELECT c.id, public.ask('x'::text) AS ask FROM public.customers c GROUP BY c.id"},
	"behind the rule of a view":    {"RULE v _RETURN: CREATE OR REPLACE VIEW public.v AS\n SELECT c.id, public.ask('x'::text) AS ask FROM public.customers c GROUP BY c.id", "MATERIALIZED VIEW m: CREATE MATERIALIZED VIEW public.m AS\n SELECT v.id FROM public.v\n  WITH NO DATA"},
	"another rule that is a view":  {"RULE other: CREATE OR REPLACE VIEW public.v AS\n SELECT c.id FROM public.customers c"},
	"rule":                         {"RULE r: CREATE RULE r AS\n    ON INSERT TO public.customers DO INSTEAD  SELECT public.ask('x'::text) AS ask"},
	"policy":                       {"POLICY p: CREATE POLICY p ON public.customers USING ((public.ask(name) IS NULL))"},
	"policy by a query":            {"POLICY p: CREATE POLICY p ON public.customers FOR SELECT USING ((EXISTS ( SELECT 1\n   FROM pg_stat_activity)))"},
	"trigger":                      {"TRIGGER x: CREATE TRIGGER x BEFORE INSERT ON public.customers FOR EACH ROW EXECUTE FUNCTION public.watch()"},
	"condition of a trigger":       {"FUNCTION g(): CREATE FUNCTION public.g() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'", "TRIGGER x: CREATE TRIGGER x BEFORE INSERT ON public.customers FOR EACH ROW WHEN ((public.ask(new.name) IS NULL)) EXECUTE FUNCTION public.g()"},
	"writes a watched table":       {sqlBody("insert into watched (id) values (1) returning a")},
	"updates a watched table":      {sqlBody("update watched set id = 1 returning a")},
	"deletes from a watched table": {sqlBody("delete from watched where id = 1 returning a")},
	"writes in WITH":               {sqlBody("with x as (insert into watched (id) values (1) returning id) select a from x")},
	"writes through a view":        {"VIEW w: CREATE VIEW public.w AS\n SELECT watched.id\n   FROM public.watched", sqlBody("insert into w (id) values (1) returning a")},
	"writes into a partition":      {"TABLE p: CREATE TABLE public.p (\n    id bigint\n)\nPARTITION BY RANGE (id)", "TABLE ATTACH watched: ALTER TABLE ONLY public.p ATTACH PARTITION public.watched FOR VALUES FROM ('1') TO ('2')", sqlBody("insert into p (id) values (1) returning a")},
	"deletes by a foreign key":     {"FK CONSTRAINT fk: ALTER TABLE ONLY public.watched ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES public.customers(id) ON DELETE CASCADE", sqlBody("delete from customers returning a")},
	"reads a view":                 {"VIEW w: CREATE VIEW public.w AS\n SELECT public.ask('x'::text) AS a", view("SELECT w.a FROM public.w")},
	"aggregate":                    {"AGGREGATE g(text): CREATE AGGREGATE public.g(text) (\n    SFUNC = public.ask,\n    STYPE = text\n)"},
	"aggregate in a query":         {"AGGREGATE g(text): CREATE AGGREGATE public.g(text) (\n    SFUNC = public.ask,\n    STYPE = text\n)", view("SELECT public.g(c.name) AS g FROM public.customers c")},
	"operator":                     {"OPERATOR ###: CREATE OPERATOR public.### (\n    FUNCTION = public.ask,\n    RIGHTARG = text\n)"},
	"operator in a query":          {"OPERATOR ###: CREATE OPERATOR public.### (\n    FUNCTION = public.ask,\n    RIGHTARG = text\n)", sqlBody("select ### a")},
	"operator with its schema":     {"OPERATOR +: CREATE OPERATOR public.+ (\n    FUNCTION = public.ask,\n    RIGHTARG = text\n)", sqlBody("select operator(public.+) a")},
	"operator of a word":           {"OPERATOR ~~: CREATE OPERATOR public.~~ (\n    FUNCTION = public.ask,\n    LEFTARG = text,\n    RIGHTARG = integer\n)", sqlBody("select a like 1")},
	"an operator that is unknown":  {sqlBody("select a <!> a")},
	"cast":                         {"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "CAST cast: CREATE CAST (text AS public.c) WITH FUNCTION public.ask(text) AS IMPLICIT"},
	"type that a cast changes":     {"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "CAST cast: CREATE CAST (text AS public.c) WITH FUNCTION public.ask(text) AS IMPLICIT", sqlBody("select ('x'::c)::text")},
	"cast between built-in types":  {"CAST cast: CREATE CAST (text AS integer) WITH FUNCTION public.ask(text) AS IMPLICIT", view("SELECT lower('x'::text) AS a")},
	"range":                        {"TYPE r: CREATE TYPE public.r AS RANGE (\n    subtype = text,\n    subtype_diff = public.ask\n)"},
	"base type":                    {"TYPE b: CREATE TYPE public.b (\n    INTERNALLENGTH = 8,\n    INPUT = public.ask,\n    OUTPUT = public.ask\n)"},
	"operator class":               {"OPERATOR CLASS o: CREATE OPERATOR CLASS public.o\n    DEFAULT FOR TYPE text USING btree AS\n    OPERATOR 1 public.<(text,text) ,\n    FUNCTION 1 (text, text) public.ask(text)"},
	"planted in public":            {"FUNCTION lower(varchar): CREATE FUNCTION public.lower(a character varying) RETURNS text LANGUAGE sql AS 'select ask(a)'", view("SELECT lower(c.name) AS a FROM public.customers c")},
	"named like a word":            {"FUNCTION if(text): CREATE FUNCTION public.if(a text) RETURNS text LANGUAGE sql AS 'select ask(a)'", plpgsql("begin if (a) then return a; end if; end")},
	"named like a word of SQL":     {sqlBody("select if(true)")},
	"named like filter":            {sqlBody("select filter('x')")},
	"in a function with FILTER":    {sqlBody("select count(*) filter (where ask(a) is null)::text")},
	"in a window":                  {sqlBody("select (count(*) over (partition by ask(a)))::text")},
	"in FROM":                      {sqlBody(`select * from "dblink"('x') as t(a text)`)},
	"in FROM with an alias":        {sqlBody("select t.a from customers c, dblink('x') as t(a text)")},
	"in LATERAL":                   {sqlBody("select c.name from customers c cross join lateral dblink(c.name) t(a)")},
	"in ROWS FROM":                 {sqlBody("select x.a from rows from (dblink('x')) x(a)")},
	"like a query of WITH":         {sqlBody("with x as (select 1), dblink(a) as (select 2) select dblink(a) from x")},
	"after DISTINCT ON":            {sqlBody("select distinct on (name) dblink(name) from customers")},
	"after OPERATOR":               {sqlBody("select c.name from customers c join watched w on (c.id) operator(pg_catalog.=) dblink('x')")},
	"in a string in a string":      {plpgsql("begin execute $a$select $b$x$b$, dblink('x')$a$; return a; end")},
	"after a nested comment":       {sqlBody("select /* /* */ ' */ dblink('x') -- '\n")},
	"after a string in quotes":     {sqlBody(`select 'a\' , dblink('x') , 'b\'`)},
	"after E''":                    {sqlBody(`select E'a\'' , dblink('x') , 'b'`)},
	"text that does not end":       {sqlBody("select 'x")},
	"parentheses that do not end":  {sqlBody("select (1")},
	"foreign table":                {"FOREIGN TABLE ft: CREATE FOREIGN TABLE public.ft (\n    a text\n)\nSERVER s"},
	"server":                       {"SERVER s: CREATE SERVER s FOREIGN DATA WRAPPER dblink_fdw"},
	"foreign data wrapper":         {"FOREIGN DATA WRAPPER w: CREATE FOREIGN DATA WRAPPER w"},
	"event trigger":                {"EVENT TRIGGER e: CREATE EVENT TRIGGER e ON ddl_command_end\n   EXECUTE FUNCTION public.watch()"},
	"language":                     {"PROCEDURAL LANGUAGE l: CREATE LANGUAGE l HANDLER public.h VALIDATOR public.v"},
	"extension":                    {"EXTENSION dblink: CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public"},
	"publication":                  {"PUBLICATION p: CREATE PUBLICATION p FOR ALL TABLES"},
	"a kind that is unknown":       {"STATISTICS DATA customers: SELECT pg_catalog.pg_restore_relation_stats('x')"},
	"another command":              {"TABLE t: SELECT pg_read_file('x')"},
	"expression in a statistic":    {"STATISTICS s: CREATE STATISTICS public.s ON public.ask(name), id FROM public.customers"},
	"rule that also updates":       {"RULE r: CREATE RULE r AS\n    ON INSERT TO public.customers DO  UPDATE public.watched SET id = 1"},
	"rule that deletes with USING": {"RULE r: CREATE RULE r AS\n    ON INSERT TO public.customers DO  DELETE FROM public.customers USING pg_stat_activity WHERE true"},
	"TABLE in a view":              {view("SELECT 1 AS a WHERE EXISTS (TABLE pg_stat_activity)")},
	"named like a query of WITH":   {plpgsql("begin with pg_stat_activity as (select 1) select 1 into a; select query into a from pg_stat_activity; return a; end")},
	"query of WITH, elsewhere":     {sqlBody("select (with missing as (select 1 as a) select m.a from missing m)::text from missing")},
	"IN of a planted operator":     {"OPERATOR =: CREATE OPERATOR public.= (\n    FUNCTION = public.ask,\n    LEFTARG = text,\n    RIGHTARG = integer\n)", sqlBody("select (a in (1, 2))::text")},
	"name of format in a string":   {plpgsql("begin execute format('select ''%I''', a) into a; return a; end")},
	"name of format in a comment":  {plpgsql("begin execute format('select 1 /* %I */', a) into a; return a; end")},
	"name of format as a type":     {plpgsql("begin execute format('select %I ''x''', a) into a; return a; end")},
	"a type before a string":       {sqlBody("select missing 'x'")},
	"operator class by default":    {"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "OPERATOR CLASS o: CREATE OPERATOR CLASS public.o\n    DEFAULT FOR TYPE public.c USING btree AS\n    FUNCTION 1 (text, text) public.ask(text)", sqlBody("select max(x::c)::text from customers x")},
	"loose member of a family":     {"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "OPERATOR FAMILY o: CREATE OPERATOR FAMILY public.o USING btree;\nALTER OPERATOR FAMILY public.o USING btree ADD\n    FUNCTION 1 (public.c, text) public.ask(text)", sqlBody("select max(x::c)::text from customers x")},
	"loose operator of a family":   {"TYPE c: CREATE TYPE public.c AS (\n    a text\n)", "OPERATOR ###: CREATE OPERATOR public.### (\n    FUNCTION = public.ask,\n    LEFTARG = public.c,\n    RIGHTARG = text\n)", "OPERATOR FAMILY o: CREATE OPERATOR FAMILY public.o USING btree;\nALTER OPERATOR FAMILY public.o USING btree ADD\n    OPERATOR 1 public.###(public.c,text)", sqlBody("select max(x::c)::text from customers x")},
	"member for a built-in type":   {"OPERATOR FAMILY o: CREATE OPERATOR FAMILY public.o USING btree;\nALTER OPERATOR FAMILY public.o USING btree ADD\n    FUNCTION 1 (text, integer) public.ask(text)", view("SELECT lower(c.name) AS a FROM public.customers c ORDER BY c.name")},
	"index by a reaching class":    {"OPERATOR CLASS o: CREATE OPERATOR CLASS public.o\n    DEFAULT FOR TYPE text USING gist AS\n    FUNCTION 1 (text, text) public.ask(text)", "INDEX i: CREATE INDEX i ON public.customers USING gist (name public.o)"},
	"class for a built-in type":    {"OPERATOR CLASS o: CREATE OPERATOR CLASS public.o\n    DEFAULT FOR TYPE text USING btree AS\n    FUNCTION 1 (text, text) public.ask(text)", view("SELECT lower(c.name) AS a FROM public.customers c ORDER BY c.name")},
	"schema with another command":  {"SCHEMA x: CREATE SCHEMA x; SELECT pg_read_file('x')"},
	"trusted name elsewhere":       {sqlBody("select other.lower(a)")},
}

func TestR7Reaching(t *testing.T) {
	for name, commands := range reaching {
		t.Run(name, func(t *testing.T) {
			d := class(t, slices.Concat(base(), commands)...)
			if d.Class&definition.Reaching == 0 || len(d.Why) == 0 {
				t.Errorf("%s, why %q", d.Class, d.Why)
			}
		})
	}
}
