package integration

import (
	"context"
	"regexp"
	"strings"
	"testing"
)

// beyond makes objects that only a superuser can make, and that rules can leave out.
const beyond = `
CREATE CAST (varchar AS jsonb) WITH INOUT AS IMPLICIT;
CREATE CAST (text AS bytea) WITHOUT FUNCTION;
CREATE FUNCTION up(text) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'upper';
CREATE FUNCTION quiet(int, b text) RETURNS bool LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT true';
CREATE FUNCTION few() RETURNS SETOF int LANGUAGE sql STABLE SUPPORT generate_series_int4_support AS 'SELECT 1';
CREATE FUNCTION unlogged() RETURNS int LANGUAGE sql SET log_statement = 'none' AS 'SELECT 1';
CREATE PROCEDURE hidden() LANGUAGE sql SET session_preload_libraries = '' AS 'SELECT 1';
CREATE FUNCTION tenant() RETURNS int LANGUAGE sql SET app.tenant = '1' AS 'SELECT 1';
CREATE AGGREGATE mean(bigint) (sfunc = int8_avg_accum, stype = internal, finalfunc = numeric_poly_avg);
CREATE FUNCTION handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE LANGUAGE pl2 HANDLER handler;
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE TEXT SEARCH PARSER words (start = prsd_start, gettoken = prsd_nexttoken, "end" = prsd_end, lextypes = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE plain (init = dsimple_init, lexize = dsimple_lexize);
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE OPERATOR CLASS text_ops2 FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 bttextcmp(text, text);`

// within makes objects that look similar, and that every role can make.
const within = `
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE CAST (mood AS varchar) WITH INOUT;
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE FUNCTION at_path(text) RETURNS text LANGUAGE plpgsql SET search_path = '' SET work_mem = '8MB' SECURITY DEFINER AS 'BEGIN RETURN $1; END';
CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE OPERATOR === (leftarg = text, rightarg = text, function = texteq);
CREATE TEXT SEARCH DICTIONARY plain_words (template = simple);
CREATE TEXT SEARCH CONFIGURATION plainly (copy = simple);
CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE CONVERSION to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE EXTENSION citext;
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER audit BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION audit();
ALTER TABLE person ENABLE ALWAYS TRIGGER audit;`

// counted counts the objects of a database that are not in an extension.
const counted = `SELECT string_agg(c || ' ' || n, ', ' ORDER BY c) FROM (
	SELECT d.c, count(*) AS n FROM (
		SELECT 'cast' AS c, oid FROM pg_cast UNION ALL SELECT 'function', oid FROM pg_proc UNION ALL SELECT 'language', oid FROM pg_language
		UNION ALL SELECT 'method', oid FROM pg_am UNION ALL SELECT 'parser', oid FROM pg_ts_parser UNION ALL SELECT 'template', oid FROM pg_ts_template
		UNION ALL SELECT 'transform', oid FROM pg_transform UNION ALL SELECT 'class', oid FROM pg_opclass
		UNION ALL SELECT 'operator', oid FROM pg_operator UNION ALL SELECT 'dictionary', oid FROM pg_ts_dict UNION ALL SELECT 'conversion', oid FROM pg_conversion) d
	WHERE d.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.objid = d.oid AND m.deptype = 'e') GROUP BY 1) x`

// F7: what only a superuser can make is known before a row is read, by name, with the line that leaves it out. With this
// line the refresh works, and as a superuser it works without.
func TestF7WhatOnlyASuperuserCanMake(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	do(t, s.source, within)
	ordinary := ask(t, s.source, counted)
	do(t, s.source, beyond)
	super := s.target
	s.target = as(t, s.target, role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target))

	refused := s.masker(t, "check")
	refused.want(t, exitRefused,
		"cast (character varying as jsonb)", "cast (text as bytea)", "function public.up(text)", "function public.quiet(integer,text)", "function public.few()",
		"function public.unlogged()", "procedure public.hidden()", "aggregate public.mean(bigint)", "function public.handler()", "language pl2", "access method heap2",
		"text search parser public.words", "text search template public.plain", "transform for integer on language sql", "operator class public.text_ops2 using btree",
		"function public.tenant()", "may not change app.tenant, log_statement, session_preload_libraries", "connect as one, or leave it out", "role "+strings.Split(strings.TrimPrefix(s.target, "postgres://"), ":")[0]+" is not a superuser")
	s.masker(t, "doctor").want(t, exitFailed, "language pl2")
	if ran := s.refresh(t); ran.code != exitRefused || !strings.Contains(refused.stderr, ran.refusal()) {
		t.Errorf("run does not refuse with the words of check: %s", ran)
	}
	var entries []string
	for _, line := range regexp.MustCompile(`objects: \{leave_out: \{(.*)\}\}`).FindAllStringSubmatch(refused.stderr, -1) {
		entries = append(entries, line[1])
	}
	s.rules(t, smallRules+"objects: {leave_out: {"+strings.Join(entries, ", ")+"}}\n")
	s.mustRefresh(t)
	if got := ask(t, s.target, counted); got != ordinary {
		t.Errorf("the target has %s, want %s", got, ordinary)
	}

	s.rules(t, smallRules)
	s.target = super
	s.mustRefresh(t)
	if got, want := ask(t, s.target, counted), ask(t, s.source, counted); got != want {
		t.Errorf("a superuser makes %s, want %s", got, want)
	}
}

// F7: a role that may change the settings of a function makes the function without being a superuser.
func TestF7ARoleThatMayChangeASetting(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	if majorOf(t, Server(t)) < 15 {
		t.Skip("skipped: the right to change a setting is new in PostgreSQL 15")
	}
	do(t, s.source, "CREATE FUNCTION tenant() RETURNS int LANGUAGE sql SET app.tenant = '1' AS 'SELECT 1'")
	writer := role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target)
	s.target = as(t, s.target, writer)
	s.masker(t, "check").want(t, exitRefused, "GRANT SET ON PARAMETER app.tenant TO "+writer)
	do(t, Server(t).url("postgres"), "GRANT SET ON PARAMETER app.tenant TO "+writer)
	t.Cleanup(func() {
		if err := execute(context.Background(), Server(t).url("postgres"), "REVOKE SET ON PARAMETER app.tenant FROM "+writer); err != nil {
			t.Error(err)
		}
	})
	s.mustRefresh(t)
}

// F7: a base type and a range with a function of its own need a superuser, and cannot be left out.
func TestF7TypesThatOnlyASuperuserCanMake(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	do(t, s.source, `
		CREATE TYPE word;
		CREATE FUNCTION word_in(cstring) RETURNS word LANGUAGE internal IMMUTABLE STRICT AS 'textin';
		CREATE FUNCTION word_out(word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
		CREATE TYPE word (input = word_in, output = word_out, like = text);
		CREATE TYPE days;
		CREATE FUNCTION days_form(days) RETURNS days LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
		CREATE TYPE days AS RANGE (subtype = int4, canonical = days_form);
		CREATE FOREIGN DATA WRAPPER elsewhere;`)
	s.rules(t, smallRules+"objects: {foreign_servers: {keep: \"for the test\"}}\n")
	super := s.target
	s.target = as(t, s.target, role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target))
	s.masker(t, "check").want(t, exitRefused, "type public.word", "type public.days", "foreign-data wrapper elsewhere", "drop foreign_servers")
	s.rules(t, smallRules+`objects: {leave_out: {"type public.word": "for the test"}}`+"\n")
	s.masker(t, "check").want(t, exitUsage, "rules.yaml:", "type public.word")
	s.rules(t, smallRules)
	if o := s.masker(t, "check"); strings.Contains(o.stderr, "wrapper") {
		t.Errorf("a wrapper that no decision keeps is refused: %s", o)
	}
	s.target = super
	s.mustRefresh(t)
}
