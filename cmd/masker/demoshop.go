package main

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
	if err := script(ctx, server.URL("postgres"), "CREATE DATABASE "+demoSource); err != nil {
		return err
	}
	for _, sql := range []string{shop.Schema, shop.Fill(demoCustomers)} {
		if err := script(ctx, server.URL(demoSource), "SET search_path = public; "+sql); err != nil {
			return fmt.Errorf("filling the shop: %w", err)
		}
	}
	return nil
}

// script runs several statements.
func script(ctx context.Context, url, sql string) error {
	conn, err := pgsession.Connect(ctx, url, pgsession.Options{Name: "demo"})
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return pgsession.Safe(conn.PgConn().Exec(ctx, sql).Close())
}

// compareShop shows the same few rows on both sides. The demo's people are invented, so
// here, and only here, masker shows what it read.
func (a *app) compareShop(ctx context.Context, server *pglocal.Server) error {
	a.chapter("The same rows, before and after")
	for _, sample := range samples() {
		if sample.title != "" {
			a.chapter(sample.title)
		}
		for _, side := range []struct{ title, database string }{{"before", demoSource}, {"after ", demoTarget}} {
			rows, err := sampleRows(ctx, server.URL(side.database), sample)
			if err != nil {
				return err
			}
			t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, side.title+"  "+sample.table+"."+strings.Join(sample.columns, "\t"))
			for _, r := range rows {
				fmt.Fprintln(t, "        "+strings.Join(r, "\t"))
			}
			if err := t.Flush(); err != nil {
				return err
			}
		}
		fmt.Fprintln(a.out)
	}
	return nil
}

// sample is a table to look at, in the order of the first column, which names the customer.
type sample struct {
	title   string // of the chapter that begins with it
	table   string
	columns []string
	only    string // of one customer
}

// talkative is a customer who left traces in every table.
const talkative = "36"

func samples() []sample {
	return []sample{
		{"", "customers", []string{"customer_id", "given_name", "family_name", "email", "phones", "birth_date"}, ""},
		{"", "payments", []string{"customer_id", "holder", "card_number", "iban"}, ""},
		{"One person, wherever they left a trace", "customers", []string{"customer_id", "given_name", "family_name", "email", "user_name", "notes"}, talkative},
		{"", "customers", []string{"customer_id", "profile"}, talkative},
		{"", "support_tickets", []string{"customer_id", "reporter", "reply_to", "login", "body"}, talkative},
		{"", "reviews", []string{"customer_id", "user_name", "signed", "contact", "text"}, talkative},
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
