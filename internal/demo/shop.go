package demo

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/masker-project/masker/examples/shop"
	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/report"
)

// fillShop makes the shop's production database.
func fillShop(ctx context.Context, server *pglocal.Server) error {
	if err := script(ctx, server.URL("postgres"), "CREATE DATABASE "+productionName); err != nil {
		return err
	}
	for _, sql := range []string{shop.Schema, shop.Fill(customers)} {
		if err := script(ctx, server.URL(productionName), "SET search_path = public; "+sql); err != nil {
			return fmt.Errorf("filling the shop: %w", err)
		}
	}
	return nil
}

// script runs SQL with several statements.
func script(ctx context.Context, url, sql string) error {
	conn, err := pgsession.Connect(ctx, url, pgsession.Options{Name: "demo"})
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgsession.Safe(conn.PgConn().Exec(ctx, sql).Close())
}

// compare shows the same rows of both sides. It may show rows of production, because the people in the demo are
// invented.
func (d *Demo) compare(ctx context.Context, server *pglocal.Server) error {
	d.chapter("The same rows, before and after")
	for _, sample := range samples() {
		if sample.title != "" {
			d.chapter(sample.title)
		}
		for _, side := range []struct{ title, database string }{{"before", productionName}, {"after ", stagingName}} {
			rows, err := sampleRows(ctx, server.URL(side.database), sample)
			if err != nil {
				return err
			}
			t := tabwriter.NewWriter(d.Out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, side.title+"  "+sample.table+"."+strings.Join(sample.columns, "\t"))
			for _, r := range rows {
				fmt.Fprintln(t, "        "+strings.Join(r, "\t"))
			}
			if err := t.Flush(); err != nil {
				return err
			}
		}
		fmt.Fprintln(d.Out)
	}
	return nil
}

// sample is a query of a few rows, sorted by the first column, which is the customer's id.
type sample struct {
	title   string // if not "", a chapter with this title begins
	table   string
	columns []string
	only    string // if not "", the id of the only customer to show
}

// sampleCustomer is the id of a customer who has rows in every table of the samples.
const sampleCustomer = "36"

func samples() []sample {
	return []sample{
		{"", "customers", []string{"customer_id", "given_name", "family_name", "email", "phones", "birth_date"}, ""},
		{"", "payments", []string{"customer_id", "holder", "card_number", "iban"}, ""},
		{"One customer in all tables", "customers", []string{"customer_id", "given_name", "family_name", "email", "user_name", "notes"}, sampleCustomer},
		{"", "customers", []string{"customer_id", "profile"}, sampleCustomer},
		{"", "support_tickets", []string{"customer_id", "reporter", "reply_to", "login", "body"}, sampleCustomer},
		{"", "reviews", []string{"customer_id", "user_name", "signed", "contact", "text"}, sampleCustomer},
	}
}

func sampleRows(ctx context.Context, url string, s sample) ([][]string, error) {
	conn, err := pgsession.Connect(ctx, url, pgsession.Options{Name: "demo", ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	list := make([]string, len(s.columns))
	for i, c := range s.columns {
		list[i] = "coalesce(" + catalog.Quote(c) + "::text, 'NULL')"
	}
	where := ""
	if s.only != "" {
		where = " WHERE " + s.columns[0] + " = " + s.only
	}
	results, err := conn.PgConn().Exec(ctx, "SELECT "+strings.Join(list, ", ")+" FROM public."+s.table+where+" ORDER BY "+s.columns[0]+" LIMIT 3").ReadAll()
	if err != nil {
		return nil, pgsession.Safe(err)
	}
	var rows [][]string
	for _, row := range results[0].Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = report.Clean(string(cell))
		}
		rows = append(rows, cells)
	}
	return rows, nil
}
