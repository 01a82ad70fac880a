package integration

import (
	"testing"

	"github.com/masker-project/masker/examples/shop"
)

// TestTheShopArrivesTreated runs the committed example as it stands: its schema, its content, its rules.
func TestTheShopArrivesTreated(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", shop.Schema), unborn(t, srv, "staging")
	do(t, src, shop.Fill(400))
	newSite(t, src, dst).rules(t, shop.Rules).mustRefresh(t)

	for _, q := range []string{
		"SELECT count(*) FROM customers", "SELECT count(*) FROM orders", "SELECT sum(total) FROM payments JOIN orders USING (order_id, ordered_at)",
		"SELECT count(*) FROM customers c JOIN addresses a ON a.address_id = c.default_address_id", "SELECT count(*) FROM employees e JOIN employees m ON m.employee_id = e.manager_id",
		"SELECT sum(revenue) FROM revenue_by_month", "SELECT count(DISTINCT email) FROM customers", "SELECT sum(cardinality(phones)) FROM customers",
	} {
		if want, got := ask(t, src, q), ask(t, dst, q); want != got {
			t.Errorf("%s: %s, in the source %s", q, got, want)
		}
	}
	// Everything the shop invents about people is in domains and number ranges that no treatment uses.
	const left = `SELECT count(*) FROM customers c WHERE c::text ~ '(inbox|post|mail|work)\.example\y|7700 900|411111'`
	if got := ask(t, src, left); got == "0" {
		t.Fatal("the query finds nothing in the source either")
	}
	for _, table := range []string{"customers", "employees", "addresses", "orders", "payments", "support_tickets", `"Gift Cards"`, "audit_log"} {
		q := `SELECT count(*) FROM ` + table + ` x WHERE x::text ~ '(inbox|post|mail|work|shop)\.example\y|7700 900|411111|DE[0-9]{20}'`
		if got := ask(t, dst, q); got != "0" {
			t.Errorf("%s: %s rows show the source's values", table, got)
		}
	}
	if got := ask(t, dst, "SELECT count(*) FROM audit_log"); got != "0" {
		t.Errorf("audit_log is skipped and has %s rows", got)
	}
	if got := ask(t, dst, "SELECT count(*) FROM payments p JOIN customers c USING (customer_id) WHERE p.holder NOT LIKE c.given_name || ' %'"); got != "0" {
		t.Errorf("%s payments name another person than their customer", got)
	}
}
