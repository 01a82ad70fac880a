package integration

import (
	"strconv"
	"testing"
)

// A row of a temporal foreign key needs several parents, which cover its period together.
func TestASubsetFollowsPeriods(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	if version, err := strconv.Atoi(ask(t, srv.url("postgres"), "SELECT current_setting('server_version_num')")); err != nil || version < 180000 {
		t.Skipf("skipped: foreign keys with PERIOD need PostgreSQL 18, and this server has %d", version)
	}
	const schema = `
		CREATE TABLE price (product int4range, valid daterange, amount int, PRIMARY KEY (product, valid WITHOUT OVERLAPS));
		CREATE TABLE offer (id int PRIMARY KEY, product int4range, valid daterange, FOREIGN KEY (product, PERIOD valid) REFERENCES price (product, PERIOD valid));
		INSERT INTO price SELECT int4range(p, p + 1), daterange('2026-01-01'::date + 10 * i, '2026-01-01'::date + 10 * i + 10), i FROM generate_series(1, 5) p, generate_series(0, 9) i;
		INSERT INTO offer SELECT i, int4range(1 + i % 5, 2 + i % 5), daterange('2026-01-01'::date + i, '2026-01-01'::date + i + 20) FROM generate_series(1, 60) i;
		ANALYZE`
	s := newSite(t, database(t, srv, "prod", schema), newDatabaseURL(t, srv, "staging")).rules(t, `
revision: 1
packs: [baseline]
tables:
  public.price: {keep: prices, only: [product, valid, amount]}
  public.offer: {keep: offers, only: [id, product, valid]}
`)
	s.flow["subset"] = `{roots: [{table: public.offer, key: "id=15"}]}`
	s.mustRefresh(t) // the offer is valid from 16 January to 5 February
	if got := ask(t, s.target, "SELECT count(*), min(amount), max(amount) FROM price"); got != "3|1|3" {
		t.Errorf("the offer brought the prices %s", got)
	}
	s.flow["subset"] = `{roots: [{table: public.price, where: "amount = 0 AND product = '[1,2)'"}], children: [{table: public.offer, limit: 1}]}`
	s.mustRefresh(t)
	if got := ask(t, s.target, "SELECT (SELECT string_agg(id::text, ' ') FROM offer), (SELECT count(*) FROM price)"); got != "5|3" {
		t.Errorf("the price brought the offers and prices %s", got)
	}
}
