package integration

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reviewedList is one list of names in a file of pkg/definition, with its comment.
type reviewedList struct {
	name, comment string
	functions     []string
}

// reviewedLists returns the constant lists of a file of pkg/definition, and the texts of its variables.
func reviewedLists(t *testing.T, file string) (lists []reviewedList) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "pkg", "definition", file), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value := spec.Values[0]
		if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 {
			value = call.Args[0]
		}
		if lit, ok := value.(*ast.BasicLit); ok {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			lists = append(lists, reviewedList{spec.Names[0].Name, strings.Join(strings.Fields(spec.Doc.Text()), " "), strings.Fields(text)})
		}
		return true
	})
	return lists
}

// reviewedFunctions returns the lists of functions that a silent definition may call.
func reviewedFunctions(t *testing.T) []reviewedList {
	t.Helper()
	lists := reviewedLists(t, "reviewed.go")
	end := slices.IndexFunc(lists, func(l reviewedList) bool { return l.name == "operators" })
	if end < 10 {
		t.Fatalf("%d lists of functions", end)
	}
	return lists[:end]
}

// literals writes a list of texts as SQL.
func literals(texts []string) string { return "'" + strings.Join(texts, "', '") + "'" }

// R7: every reviewed function exists. If it is not immutable, the comment of its list says why masker still accepts it.
func TestR7ReviewedFunctionsAreImmutableOrArgued(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	major := majorOf(t, srv)
	for _, list := range reviewedFunctions(t) {
		newer := 0
		if since, ok := strings.CutPrefix(list.name, "since"); ok {
			newer, _ = strconv.Atoi(since)
		}
		found := map[string]bool{}
		for _, row := range askAll(t, srv.url("postgres"), `SELECT DISTINCT proname, provolatile FROM pg_proc
			WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (`+literals(list.functions)+`)`) {
			name, volatility, _ := strings.Cut(row, "|")
			found[name] = true
			switch {
			case volatility == "s" && !strings.Contains(list.comment, "stable because"):
				t.Errorf("%s is stable, and the comment of %s does not say why", name, list.name)
			case volatility == "v" && !slices.Contains(strings.FieldsFunc(list.comment, func(r rune) bool { return strings.ContainsRune(" ,.:;", r) }), name):
				t.Errorf("%s is volatile, and the comment of %s does not name it", name, list.name)
			}
		}
		for _, name := range list.functions {
			if !found[name] && major >= newer {
				t.Errorf("%s of %s does not exist in PostgreSQL %d", name, list.name, major)
			}
		}
	}
}

// R7: no reviewed function needs a right, or takes the name of a relation or a cursor. The functions of sequences are
// the exception.
func TestR7ReviewedFunctionsNeedNoRight(t *testing.T) {
	t.Parallel()
	for _, list := range reviewedFunctions(t) {
		for _, row := range askAll(t, Server(t).url("postgres"), `SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
			WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (`+literals(list.functions)+`) AND proname NOT IN ('nextval', 'setval', 'currval')
			AND (proacl IS NOT NULL OR proparallel = 'u' AND proname <> 'lastval' OR l.lanname NOT IN ('internal', 'sql')
				OR proargtypes::oid[] && ARRAY['regclass'::regtype::oid, 'refcursor'::regtype::oid])`) {
			t.Errorf("%s of %s needs a right, is not parallel, or takes a relation or a cursor", row, list.name)
		}
	}
}

// R7: PostgreSQL can read a field x.f as the call f(x). So every function with one argument is in the lists of reviewed
// functions, or in the list of names that masker refuses as a field. Masker refuses every field whose name begins with
// pg_ or binary_upgrade_, so the test leaves these functions out.
func TestR7FunctionsOfOneArgumentAreListed(t *testing.T) {
	t.Parallel()
	var known []string
	for _, list := range append(reviewedFunctions(t), reviewedLists(t, "unreviewed.go")...) {
		known = append(known, list.functions...)
	}
	for _, name := range askAll(t, Server(t).url("postgres"), `SELECT DISTINCT proname FROM pg_proc
		WHERE pronamespace = 'pg_catalog'::regnamespace AND pronargs >= 1 AND pronargs - pronargdefaults <= 1 AND prokind <> 'p'
		AND NOT proargtypes::oid[] && ARRAY['internal'::regtype::oid] AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
		AND proname !~ '^(pg_|binary_upgrade_)'`) {
		if !slices.Contains(known, name) {
			t.Errorf("%s has one argument, and is neither reviewed nor refused as a field", name)
		}
	}
}

// probing calls every function of a list with texts that are SQL, the name of a table, and the name of a file. The
// sequence and the secret show whether one of them was used.
const probing = `
CREATE SEQUENCE alarm;
CREATE TABLE canary (secret text);
INSERT INTO canary VALUES ('s3cretcanary');
CREATE TABLE answers (name text, call text, answer text);
DO $$
DECLARE f record; probe text; call text; answer text;
BEGIN
	FOR f IN SELECT p.oid, p.proname, p.proargtypes::oid[] AS args FROM pg_proc p
		WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (%s) AND prokind = 'f'
		AND NOT proargtypes::oid[] && ARRAY['internal'::regtype::oid] AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
	LOOP
		FOREACH probe IN ARRAY ARRAY['SELECT nextval(''alarm'')::text, secret FROM canary', 'canary', '%s'] LOOP
			SELECT format('SELECT left(string_agg(x::text, chr(10)), 10000) FROM %%I(%%s) x', f.proname, string_agg(CASE
				WHEN a IN ('text'::regtype, 'anyelement'::regtype, '"any"'::regtype, 'anynonarray'::regtype) THEN format('%%L::text', probe)
				WHEN typcategory = 'S' OR a = 'regclass'::regtype THEN format('%%L::%%s', probe, format_type(a, NULL))
				WHEN typcategory = 'N' THEN format('1::%%s', format_type(a, NULL))
				WHEN typcategory = 'B' THEN 'true'
				WHEN a IN ('json'::regtype, 'jsonb'::regtype) THEN format('%%L::%%s', to_json(probe), format_type(a, NULL))
				WHEN a IN ('anyarray'::regtype, 'text[]'::regtype) THEN format('ARRAY[%%L]', probe)
				WHEN a = 'tsquery'::regtype THEN format('plainto_tsquery(%%L)', probe)
				WHEN a = 'bytea'::regtype THEN format('convert_to(%%L, ''UTF8'')', probe)
				ELSE format('NULL::%%s', format_type(a, NULL)) END, ', ' ORDER BY n))
			INTO call FROM unnest(f.args) WITH ORDINALITY u(a, n) JOIN pg_type ON pg_type.oid = a;
			CONTINUE WHEN call IS NULL;
			BEGIN
				EXECUTE call INTO answer;
				INSERT INTO answers VALUES (f.proname, call, answer);
			EXCEPTION WHEN OTHERS THEN
				INSERT INTO answers VALUES (f.proname, call, SQLERRM);
			END;
		END LOOP;
	END LOOP;
END $$`

// R7: no reviewed function runs a text as SQL, or reads a table or a file that a text names.
func TestR7ReviewedFunctionsRunNoText(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	var names []string
	for _, list := range reviewedFunctions(t) {
		if list.name != "identities" { // nextval and the like get the name of a sequence as a text, and read the sequence
			names = append(names, list.functions...)
		}
	}
	probe := func(t *testing.T, names ...string) string {
		url := newDatabaseURL(t, srv, "probes")
		do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, url))
		do(t, url, fmt.Sprintf(probing, literals(names), "PG_VERSION"))
		if n, _ := strconv.Atoi(ask(t, url, "SELECT count(*) FROM answers")); n < len(names)/2 {
			t.Fatalf("%d calls", n)
		}
		return strings.Join(askAll(t, url, `SELECT DISTINCT name FROM answers WHERE answer LIKE '%s3cretcanary%' OR answer = current_setting('server_version_num')::int / 10000 || chr(10)
			UNION SELECT 'something, which ran SQL' FROM alarm WHERE is_called`), " ")
	}
	if got := probe(t, names...); got != "" {
		t.Errorf("%s is reviewed, and used a text", got)
	}
	for _, name := range []string{"query_to_xml", "ts_stat", "pg_read_file", "table_to_xml"} {
		if probe(t, name) == "" {
			t.Errorf("the test does not notice that %s uses a text", name)
		}
	}
}
