package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// A program lists what stores rows in a database, and finds a word in a definition.
func Example() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{`CREATE SCHEMA shown`, `CREATE TABLE shown.customers (id int PRIMARY KEY, email text)`, `COMMENT ON COLUMN shown.customers.email IS 'as in anna@example.com'`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			log.Fatal(err)
		}
	}

	d, err := postgres.Open(ctx, server.URL("postgres"), postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	relations, err := d.Relations(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range relations {
		fmt.Println(r.Name, len(r.Columns))
	}
	var found probe.Text
	err = d.Texts(ctx, func(t probe.Text) error {
		if string(t.Text) == "as in anna@example.com" {
			found = t
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	place, err := d.Describe(ctx, found)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", place.Table, place.Path)
	// Output:
	// shown.customers 2
	// shown.customers: comment on column email of table shown.customers
}
