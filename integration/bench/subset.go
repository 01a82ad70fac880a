package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"
)

const maskerSubset = "masker run, a subset"

// subsetFlow is added to a flow. Orders have an index on customer_id, and tickets have none. So the
// search for orders reads a part of the table, and the search for tickets reads the whole table.
const subsetFlow = `    subset:
      roots: [{table: public.customers, percent: %d}]
      children: [{table: public.orders, via: [customer_id]}, {table: public.tickets, via: [customer_id]}]
`

// raceSubset compares a refresh of a subset with a refresh of all rows.
func (b *bench) raceSubset(ctx context.Context) error {
	if err := b.fill(ctx); err != nil {
		return err
	}
	flows := fmt.Sprintf(flow, "all", "all", 2, "off") + fmt.Sprintf(flow, "part", "all", 2, "off") + fmt.Sprintf(subsetFlow, b.subset)
	if err := b.writeOperator(flows, map[string]string{"all.yaml": rules + ordersTreated + tickets}); err != nil {
		return err
	}
	ours := func(name, flow string, count func(context.Context, string) error) *contender {
		return &contender{
			name: name, target: maskerTarget, count: count,
			run: func(ctx context.Context) (sample, error) { return b.refresh(ctx, flow) },
		}
	}
	list := []*contender{
		ours(maskerRun, "all", func(ctx context.Context, db string) error { return b.count(ctx, db, true) }),
		ours(maskerSubset, "part", b.countSubset),
	}
	if err := b.race(ctx, list); err != nil {
		return err
	}
	title := fmt.Sprintf("%d rows, and the %d %% of the customers with their orders and tickets", b.rows(), b.subset)
	return b.reportShape(os.Stdout, shape{name: title}, list)
}

// countSubset checks that about the wanted part of the customers arrived, and that they kept their orders.
func (b *bench) countSubset(ctx context.Context, db string) error {
	conn, err := pgx.Connect(ctx, b.server.URL(db))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var customers, orders int
	if err := conn.QueryRow(ctx, "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders)").Scan(&customers, &orders); err != nil {
		return err
	}
	want := b.customers * b.subset / 100
	if customers < want*8/10 || customers > want*12/10 || orders < customers*2 || orders > customers*4 {
		return fmt.Errorf("%s holds %d customers with %d orders, want about %d with three each", db, customers, orders, want)
	}
	return nil
}
