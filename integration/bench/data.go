package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	sourceDB       = "bench_production"
	customerFields = 11 // treated columns of customers
	orderFields    = 2  // treated columns of orders
)

// schema makes three tables. customers has 20 columns, and 11 of them are about a person. orders has 8 columns, and 2
// of them are about a person. tickets has 4 columns, which are all kept.
const schema = `
CREATE TYPE tier AS ENUM ('bronze', 'silver', 'gold');
CREATE TABLE customers (
	id bigint PRIMARY KEY, given_name text NOT NULL, family_name text NOT NULL, email text NOT NULL, phone text,
	street text, city text, postcode text, company text, user_name text NOT NULL, birth_date date, national_id text NOT NULL,
	country char(2) NOT NULL, tier tier NOT NULL, active boolean NOT NULL, balance numeric(12,2) NOT NULL, score double precision,
	visits int NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz);
CREATE TABLE orders (
	id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, ordered_at timestamptz NOT NULL, status smallint NOT NULL,
	total numeric(10,2) NOT NULL, currency char(3) NOT NULL, ship_name text NOT NULL, ship_street text NOT NULL);
CREATE TABLE tickets (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, note text NOT NULL, detail jsonb NOT NULL);
CREATE INDEX customers_email_idx ON customers (email);
CREATE INDEX orders_customer_idx ON orders (customer_id);
CREATE INDEX orders_time_idx ON orders (ordered_at);`

// content makes the same rows every time. The number of customers replaces %[1]d. Every phone number and note is rare.
// A note has about 1 KB.
const content = `
INSERT INTO customers SELECT i, 'Given' || i %% 1999, 'Family' || i %% 4999, 'given.family.' || i || '@mail.example',
	'+44 77' || lpad((i * 7919 %% 100000000)::text, 8, '0'), 'Long Street Name ' || i %% 300, 'City of ' || i %% 700, lpad((i %% 100000)::text, 5, '0'),
	'Company ' || i %% 20000 || ' Ltd', 'user_' || i, date '1940-01-01' + (i %% 24000)::int, 'ID' || lpad(i::text, 10, '0'),
	(ARRAY['DE','FR','GB','IT'])[1 + i %% 4], (ARRAY['bronze','silver','gold'])[1 + i %% 3]::tier, i %% 7 > 0, (i %% 900000) / 100.0, i * 0.37,
	i %% 500, timestamptz '2020-01-01 00:00+00' + make_interval(secs => i %% 150000000), CASE WHEN i %% 3 = 0 THEN timestamptz '2025-01-01 00:00+00' END
FROM generate_series(1, %[1]d::bigint) i;
INSERT INTO orders SELECT i, 1 + (i * 7919) %% %[1]d, timestamptz '2022-01-01 00:00+00' + make_interval(secs => i %% 120000000), i %% 5,
	(i %% 70000) / 100.0, 'EUR', 'Given' || i %% 1999 || ' Family' || i %% 4999, 'Long Street Name ' || i %% 300
FROM generate_series(1, %[1]d::bigint * 3) i;
INSERT INTO tickets SELECT i, 1 + (i * 104729) %% %[1]d, 'Ticket ' || i || ': ' || repeat('the parcel of order ' || i %% 5000 || ' came late and the box was open ', 16)
	|| 'answered by desk ' || i %% 37, jsonb_build_object('desk', i %% 37, 'reference', 'R-' || lpad((i * 31 %% 1000003)::text, 7, '0'), 'tags', jsonb_build_array('late', 'open', i %% 9),
	'opened', (timestamptz '2024-01-01 00:00+00' + make_interval(secs => i * 61)), 'urgent', i %% 11 = 0)
FROM generate_series(1, %[1]d::bigint / 4) i;`

// fill makes the source database.
func (b *bench) fill(ctx context.Context) error {
	begin := time.Now()
	if err := b.exec(ctx, "postgres", "CREATE DATABASE "+sourceDB); err != nil {
		return err
	}
	for _, sql := range []string{schema, fmt.Sprintf(content, b.customers), "VACUUM ANALYZE"} {
		if err := b.exec(ctx, sourceDB, sql); err != nil {
			return err
		}
	}
	conn, err := pgx.Connect(ctx, b.server.URL(sourceDB))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "SELECT pg_relation_size('customers') + pg_relation_size('orders') + pg_relation_size('tickets'), pg_relation_size('customers'), version()").
		Scan(&b.heap, &b.customersHeap, &b.version)
	fmt.Fprintf(os.Stderr, "%d customers, %d orders and %d tickets, %.0f MB without indexes, made in %.0f s\n",
		b.customers, 3*b.customers, b.customers/4, float64(b.heap)/1e6, time.Since(begin).Seconds())
	return err
}

func (b *bench) exec(ctx context.Context, db, sql string) error {
	conn, err := pgx.Connect(ctx, b.server.URL(db))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// rows returns the number of rows of all tables.
func (b *bench) rows() int64 { return int64(4*b.customers + b.customers/4) }

// count checks that a contender has copied all rows.
func (b *bench) count(ctx context.Context, db string, orders bool) error {
	conn, err := pgx.Connect(ctx, b.server.URL(db))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var c, o, t int
	if err := conn.QueryRow(ctx, "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders), (SELECT count(*) FROM tickets)").Scan(&c, &o, &t); err != nil {
		return err
	}
	want, tickets := 3*b.customers, b.customers/4
	if !orders {
		want, tickets = 0, 0
	}
	if c != b.customers || o != want || t != tickets {
		return fmt.Errorf("%s holds %d customers, %d orders and %d tickets, want %d, %d and %d", db, c, o, t, b.customers, want, tickets)
	}
	return nil
}
