package integration

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// dataDir holds the public databases that are not part of this repository.
const dataDir = "../../shared/data"

// Load fills a database from a gzipped dump in the shared data folder. It skips the test if the dump is missing.
func Load(t *testing.T, db, sqlgz string) {
	t.Helper()
	path := filepath.Join(dataDir, sqlgz)
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("skipped: there is no %s; the public databases are not part of this repository", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	cmd := shared.command(t.Context(), db, "psql", "-qX", "-o", os.DevNull)
	cmd.Stdin = text
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("load %s: %v\n%s", sqlgz, err, out)
	}
	lacks := lacking(t, string(out))
	if len(lacks) > 0 {
		fmt.Fprintf(os.Stderr, "integration: %d statements of %s are not in the database, because this server does not take them:\n%s\n",
			len(lacks), sqlgz, strings.Join(lacks, "\n"))
	}
}

// notTaken matches the expected errors of psql on servers that refuse some statements of the public databases. The dump
// of PostgreSQL's own regression database comes from a server of version 15 that was built with lz4.
var notTaken = regexp.MustCompile(`compression method lz4 not supported` + // the servers of npm's packages have no lz4
	`|child column "b" specifies generation expression|relation "public\.gtest_normal_child2?" does not exist` + // version 16 and newer
	`|syntax error at or near "(UNLOGGED|LOGGED|TABLES|WHERE|\()"|unlogged sequences are not supported|NUMERIC scale -6 must` + // version 14
	`|relation "public\.(num_typemod_test|spgist_unlogged_tbl_id_seq|identity_dump_(un)?logged_a_seq)" does not exist`)

// lacking returns the errors in an output of psql. It fails the test if notTaken does not match an error.
func lacking(t *testing.T, out string) (errs []string) {
	t.Helper()
	for line := range strings.Lines(out) {
		_, message, found := strings.Cut(line, "ERROR:  ")
		if !found {
			continue
		}
		if !notTaken.MatchString(message) {
			t.Fatalf("a statement fails on this server: %s", message)
		}
		errs = append(errs, strings.TrimSpace(message))
	}
	return errs
}

// Checksum returns the number of rows in a table, and a checksum of their text that does not depend on their order. The
// caller quotes table and columns for SQL. Without columns, the checksum is over whole rows.
func Checksum(t *testing.T, url, table string, columns ...string) string {
	t.Helper()
	row := "t::text"
	if len(columns) > 0 {
		row = "ROW(" + strings.Join(columns, ", ") + ")::text"
	}
	return ask(t, url, fmt.Sprintf(
		"SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(%s, 0)::numeric), 0) FROM %s AS t", row, table))
}

// connect opens a connection that is closed at the end of the test.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Dump returns the output of pg_dump.
func Dump(t *testing.T, db string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := shared.command(t.Context(), db, "pg_dump", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("pg_dump %s: %v\n%s", db, err, errs.String())
	}
	return out.String()
}
