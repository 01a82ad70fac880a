package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

const rules = `
revision: 1
packs: [baseline]
tables:
  public.customers:
    columns:
      id:    {keep: "surrogate key, means nothing outside this database"}
      email: {class: email}
`

// The example refreshes a staging database from a Go program. Both sides are on one throw-away server.
func Example() {
	ctx := context.Background()
	server, err := pglocal.Start(ctx, pglocal.Options{Fast: true})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Stop() //nolint:errcheck // the server is not used any more
	psql := func(database, sql string) string {
		out, err := exec.Command(filepath.Join(server.BinDir(), "psql"), "-XqAt", server.URL(database), "-c", sql).Output()
		if err != nil {
			log.Fatal(err)
		}
		return string(out)
	}
	psql("postgres", "CREATE DATABASE shop")
	psql("shop", "CREATE TABLE customers (id int PRIMARY KEY, email text); INSERT INTO customers SELECT g, 'ada' || g || '@acme.example' FROM generate_series(1, 3) g")

	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		log.Fatal(err)
	}
	set, err := rulefile.Load([]string{file})
	if err != nil {
		log.Fatal(err)
	}

	from, to := server.URL("shop"), server.URL("staging")
	spec := movement.Spec{
		Flow: guard.Flow{
			Name: "nightly", Treats: true, Required: 0, // nobody has to approve the rules of this example
			From:  guard.Environment{Name: "production", Kind: guard.Production},
			To:    guard.Environment{Name: "staging", Kind: guard.Staging},
			Allow: guard.Codes(), // both sides use one superuser
		},
		Rules:  set,
		From:   postgres.Origin{URL: from},
		To:     postgres.Destination{URL: to},
		Apart:  func(ctx context.Context) (bool, string, error) { return postgres.Apart(ctx, from, to) },
		Ledger: movement.Ledger{Dir: filepath.Join(dir, "ledger")},
		Key:    movement.Key{Ring: keyring.Random(), PerRun: true},
	}
	if err := movement.Check(ctx, spec, nil); err != nil {
		log.Fatal(err)
	}
	outcome, err := movement.Run(ctx, spec)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(outcome.Kind, outcome.Summary.Rows, "rows")
	fmt.Print("real addresses in staging: ", psql("staging", "SELECT count(*) FROM customers WHERE email LIKE 'ada%@acme.example'"))
	// Output:
	// published 3 rows
	// real addresses in staging: 0
}
