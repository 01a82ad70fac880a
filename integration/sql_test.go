package integration

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
)

// database makes a database, runs statements in it, and returns its URL. At the end of the test, the database is
// dropped, and so are all databases that refreshes left with similar names.
func database(t *testing.T, srv *server, name, sql string) string {
	t.Helper()
	return databaseLike(t, srv, name, sql, "TEMPLATE template0")
}

// databaseLike is like database, with options for CREATE DATABASE.
func databaseLike(t *testing.T, srv *server, name, sql, options string) string {
	t.Helper()
	target := newDatabaseURL(t, srv, name)
	do(t, srv.url("postgres"), "CREATE DATABASE "+catalog.Quote(databaseName(t, target))+" "+options)
	if sql != "" {
		do(t, target, sql)
	}
	return target
}

// newDatabaseURL returns the URL of a database that does not exist yet, such as the target of a first refresh.
func newDatabaseURL(t *testing.T, srv *server, name string) string {
	t.Helper()
	name = unique(t, name)
	dropAll(t, srv, name) // an earlier run of the tests on the same server may have left this database
	t.Cleanup(func() { dropAll(t, srv, name) })
	return srv.url(name)
}

// dropAll drops a database, and the databases that refreshes have left with similar names.
func dropAll(t *testing.T, srv *server, name string) {
	t.Helper()
	ctx := context.Background() // the context of the test has ended
	conn, err := pgx.Connect(ctx, srv.url("postgres"))
	if err != nil {
		return // the server has stopped
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT datname::text FROM pg_database WHERE datname = $1 OR starts_with(datname, $1 || '_')`, name)
	if err != nil {
		t.Errorf("listing databases: %v", err)
		return
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Errorf("listing databases: %v", err)
	}
	for _, n := range names {
		if _, err := conn.Exec(ctx, "DROP DATABASE "+catalog.Quote(n)+" WITH (FORCE)"); err != nil {
			t.Errorf("dropping %s: %v", n, err)
		}
	}
}

// dropRoles drops roles. The roles must not own anything.
func dropRoles(t *testing.T, srv *server, roles ...string) {
	t.Helper()
	for _, r := range roles {
		if err := execute(context.Background(), srv.url("postgres"), "DROP ROLE "+catalog.Quote(r)); err != nil {
			t.Errorf("dropping role %s: %v", r, err)
		}
	}
}

// unique makes a name that no other test uses. It is so short that a shadow's name contains all of it.
func unique(t *testing.T, name string) string {
	h := uint32(2166136261) // FNV-1a
	for _, c := range []byte(t.Name()) {
		h = (h ^ uint32(c)) * 16777619
	}
	return fmt.Sprintf("t%08x_%s", h, name)
}

// execute runs statements in a new session.
func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// do runs statements in a new session, and fails the test if one of them fails.
func do(t *testing.T, url, sql string) {
	t.Helper()
	if err := execute(t.Context(), url, sql); err != nil {
		t.Fatalf("%v\n%s", err, shorten(sql))
	}
}

func shorten(s string) string {
	if len(s) > 500 {
		return s[:500] + " …"
	}
	return s
}

// ask returns the only row of a query, in the form of askAll.
func ask(t *testing.T, url, sql string) string {
	t.Helper()
	rows := askAll(t, url, sql)
	if len(rows) != 1 {
		t.Fatalf("%d rows, want one: %s", len(rows), sql)
	}
	return rows[0]
}

// askAll returns the rows of a query. It joins columns with "|" and writes NULL as "∅".
func askAll(t *testing.T, url, sql string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	defer conn.Close(context.Background())
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, shorten(sql))
	}
	var out []string
	for _, row := range results[len(results)-1].Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = "∅"
			if c != nil {
				cells[i] = string(c)
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

// askEach runs queries with the same columns as one query, and returns all rows, sorted.
func askEach(t *testing.T, url string, queries []string) []string {
	t.Helper()
	if len(queries) == 0 {
		return nil
	}
	return askAll(t, url, strings.Join(queries, "\nUNION ALL ")+"\nORDER BY 1")
}

// databaseName returns the name of the database in a URL.
func databaseName(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/")
}

// withRole returns the URL with another role and password.
func withRole(t *testing.T, raw, role, password string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, password)
	return u.String()
}

// role makes a role and returns its name. At the end of the test, the databases in owns are dropped first. Then the
// role is dropped.
func role(t *testing.T, srv *server, name, rights string, owns ...string) string {
	t.Helper()
	name = unique(t, name)
	do(t, srv.url("postgres"), fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'let %s in' %s", name, name, rights))
	t.Cleanup(func() {
		for _, raw := range owns {
			dropAll(t, srv, databaseName(t, raw))
		}
		dropRoles(t, srv, name)
	})
	return name
}

// as returns the URL with a role that the function role has made.
func as(t *testing.T, raw, role string) string {
	t.Helper()
	return withRole(t, raw, role, "let "+role+" in")
}

// siblings returns the databases whose names begin with the target's name and an underscore.
func siblings(t *testing.T, srv *server, target string) []string {
	t.Helper()
	return askAll(t, srv.url("postgres"), fmt.Sprintf(
		"SELECT datname FROM pg_database WHERE starts_with(datname, '%s_') ORDER BY 1", databaseName(t, target)))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
