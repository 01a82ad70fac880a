package probe_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/verify/postgres"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// A program looks for a word in every value and definition of a database.
func Example() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, urlOf("postgres"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		`CREATE SCHEMA shown`, `CREATE TABLE shown.events (id int PRIMARY KEY, payload jsonb)`,
		`INSERT INTO shown.events VALUES (1, '{}'), (2, '{"old": {"email": "anna@example.com"}}')`,
		`COMMENT ON TABLE shown.events IS 'anna@example.com asked for it'`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			log.Fatal(err)
		}
	}

	d, err := postgres.Open(ctx, urlOf("postgres"), postgres.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	words := probe.NewLooking("anna@example.com")
	if _, err := probe.Run(ctx, d, words, probe.Options{Values: true, Workers: 2}); err != nil {
		log.Fatal(err)
	}
	for _, place := range words.Places() {
		fmt.Println(place)
	}
	// Output:
	// shown.events comment on table shown.events: anna@example.com
	// shown.events.payload $.old.email: anna@example.com
}
