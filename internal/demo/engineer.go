package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/fixture"
)

// laptop is a flow that copies a part of staging to an engineer's database. It needs no rules, because the rows of
// staging are treated already. The role that reads staging is the role that made staging, so it could also write to it.
// The flow allows that with source-can-write.
const laptop = `  laptop:
    from: staging
    to: laptop
    verify: counts
    allow: [source-can-write]
    subset:
      roots:
        - {table: public.customers, percent: 2}
      children:
        - {table: public.orders, limit: 3}
        - {table: public.order_items}
`

// fixtureTest is a Go test that uses the fixture of the demo.
const fixtureTest = `func TestThereAreOrders(t *testing.T) {
	t.Parallel()
	pool := fixture.Open(t, "shop.sql.zst") // this test's own database, dropped at its end
	var orders int
	if err := pool.QueryRow(t.Context(), "` + fixtureQuery + `").Scan(&orders); err != nil || orders == 0 {
		t.Fatal(orders, err)
	}
}
`

const fixtureQuery = "SELECT count(*) FROM public.orders"

// branch makes a branch of staging for a pull request, shows it, and drops it.
func (d *Demo) branch(ctx context.Context) error {
	const name = "pr_4711"
	d.chapter("masker branch: a database of its own for a pull request")
	for _, args := range [][]string{
		{"branch", "create", "staging", name, "--owner", author, "--purpose", "pull request 4711", "--expires", "7d"},
		{"branch", "list", "staging"},
		{"branch", "drop", "staging", name, "--reason", "pull request 4711 is merged"},
	} {
		if err := d.verb(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// explainSubset adds a flow with a subset to the configuration, and shows which rows the subset has.
func (d *Demo) explainSubset(ctx context.Context) error {
	d.chapter("masker subset explain: which rows a small copy for a laptop has")
	path := d.path("masker.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := strings.Replace(string(data), "environments:\n", "environments:\n  laptop:     {kind: local, url: \"${LAPTOP_URL}\"}\n", 1)
	if err := os.WriteFile(path, []byte(text+laptop), 0o644); err != nil {
		return err
	}
	return d.verb(ctx, "subset", "explain", "laptop")
}

// makeFixture makes a fixture from staging. Then it does what a Go test does with the fixture.
func (d *Demo) makeFixture(ctx context.Context, server *pglocal.Server) (err error) {
	d.chapter("masker fixture: a file for tests, with few rows that show everything")
	path := d.path("shop.sql.zst")
	if err := d.verb(ctx, "fixture", "create", "staging", "--out", path); err != nil {
		return err
	}
	if err := d.verb(ctx, "fixture", "show", path); err != nil {
		return err
	}
	d.chapter("A Go test with this fixture")
	made, err := fixture.Make(ctx, server.URL("postgres"), path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, made.Drop(context.WithoutCancel(ctx))) }()
	orders, err := count(ctx, made.URL())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.Out, "%s\nThe demo has made and dropped such a database. The query counted %d orders in it.\n", fixtureTest, orders)
	return err
}

// count runs a query that returns one number.
func count(ctx context.Context, url string) (n int, err error) {
	conn, err := pgsession.Connect(ctx, url, pgsession.Options{Name: "demo", ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return n, pgsession.Safe(conn.QueryRow(ctx, fixtureQuery).Scan(&n))
}
