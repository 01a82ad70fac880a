package target_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os/exec"
	"path/filepath"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// client runs one of PostgreSQL's programs on the tests' throw-away server.
func client(name, database string, args ...string) []byte {
	out, err := exec.Command(filepath.Join(server.BinDir(), name), append(args, "-d", server.URL(database))...).Output()
	if err != nil {
		log.Fatal(err)
	}
	return out
}

// A shadow gets the schema of a source, is loaded with rows, and replaces the target.
func Example() {
	ctx := context.Background()
	client("psql", "postgres", "-Xqc", "CREATE DATABASE example_source")
	client("psql", "example_source", "-Xqc", "CREATE TABLE customers (id bigint PRIMARY KEY, email text)")
	schema, err := source.Inspect(ctx, server.URL("example_source"))
	if err != nil {
		log.Fatal(err)
	}
	out := client("pg_dump", "example_source", "-Fc", "-s")
	dump, err := archive.Open(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		log.Fatal(err)
	}

	to, err := target.Open(ctx, server.URL("example_target"), target.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer to.Close()
	shadow, err := to.Create(ctx, sides.Shadow{Run: "r1", Source: schema, Archive: dump.Archive})
	if err != nil {
		log.Fatal(err)
	}
	customers := catalog.Name{Schema: "public", Name: "customers"}
	rows := &blocks{rest: [][]byte{[]byte("1\tada@staging.example\n2\t\\N\n")}} // a refresh would use rows of a source, treated by the package rewrite
	n, err := shadow.Write(ctx, 0, catalog.Extent{Table: customers, Of: 1}, customers, []string{"id", "email"}, wire.Text, rows)
	if err != nil {
		log.Fatal(err)
	}
	if err := shadow.Finish(ctx); err != nil {
		log.Fatal(err)
	}
	if err := shadow.Publish(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d rows written\n%s", n, client("psql", "example_target", "-XqAt", "-c", "TABLE customers ORDER BY id"))
	// Output:
	// 2 rows written
	// 1|ada@staging.example
	// 2|
}
