package source_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

// exampleDatabase makes a database on the tests' throw-away server and returns its URL.
func exampleDatabase(name, script string) string {
	ctx := context.Background()
	for _, step := range []struct{ database, sql string }{{"postgres", "CREATE DATABASE " + name}, {name, script}} {
		conn, err := pgx.Connect(ctx, server.URL(step.database))
		if err != nil {
			log.Fatal(err)
		}
		if _, err := conn.Exec(ctx, step.sql); err != nil {
			log.Fatal(err)
		}
		if err := conn.Close(ctx); err != nil {
			log.Fatal(err)
		}
	}
	return server.URL(name)
}

// Inspect reads the catalog of a live server, but no rows.
func ExampleInspect() {
	url := exampleDatabase("example_inspect", "CREATE TABLE customers (id bigint PRIMARY KEY, email text)")
	db, err := source.Inspect(context.Background(), url)
	if err != nil {
		log.Fatal(err)
	}
	for _, table := range db.Tables {
		for _, column := range table.Columns {
			fmt.Println(table.Name.Column(column.Name), column.Type.Name)
		}
	}
	// Output:
	// public.customers.id bigint
	// public.customers.email text
}

// Open takes a snapshot of a live server. The snapshot is cut into extents and read as blocks of COPY text.
func ExampleOpen() {
	ctx := context.Background()
	url := exampleDatabase("example_open", "CREATE TABLE customers (id bigint, email text); INSERT INTO customers VALUES (1, 'ada@acme.example'), (2, NULL)")
	snapshot, err := source.Open(ctx, url, source.Options{PGDump: source.PGDump{File: filepath.Join(server.BinDir(), "pg_dump")}})
	if err != nil {
		log.Fatal(err)
	}
	defer snapshot.Close()

	want := []catalog.Want{{Table: catalog.Name{Schema: "public", Name: "customers"}, Columns: []string{"id", "email"}}}
	cut, err := snapshot.Cut(ctx, want, catalog.Sizes{Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := snapshot.Open(ctx, want, cut.Handle)
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // nothing is read any more
	for _, extent := range cut.Extents {
		rows, err := reader.Read(ctx, extent)
		if err != nil {
			log.Fatal(err)
		}
		block, err := rows.Next()
		for ; err == nil; block, err = rows.Next() {
			fmt.Print(string(block))
		}
		fmt.Println("to the end:", err == io.EOF)
	}
	// Output:
	// 1	ada@acme.example
	// 2	\N
	// to the end: true
}
