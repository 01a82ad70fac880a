package integration

import (
	"testing"

	"github.com/masker-project/masker/examples/shop"
)

// A refresh of the example shop treats the values. Schema, rows and rules are those of examples/shop.
func TestTheShopArrivesTreated(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", shop.Schema), newDatabaseURL(t, srv, "staging")
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
	// The shop's people have e-mail domains and number ranges that no treatment uses.
	const left = `SELECT count(*) FROM customers c WHERE c::text ~ '(inbox|post|mail)\.example\y|7700 900|\+33 |411111'`
	if got := ask(t, src, left); got == "0" {
		t.Fatal("the query finds nothing in the source either")
	}
	for _, table := range []string{"customers", "employees", "addresses", "orders", "payments", "support_tickets", "reviews", `"Gift Cards"`, "audit_log"} {
		q := `SELECT count(*) FROM ` + table + ` x WHERE x::text ~ '(inbox|post|mail|shop)\.example\y|7700 900|\+33 |411111|DE[0-9]{2}00000000'`
		if got := ask(t, dst, q); got != "0" {
			t.Errorf("%s: %s rows hold values of the source", table, got)
		}
	}
	if got := ask(t, dst, "SELECT count(*) FROM audit_log"); got != "0" {
		t.Errorf("audit_log is skipped and has %s rows", got)
	}
	onePerson(t, src)
	onePerson(t, dst)
}

// onePerson checks that a customer has the same name in all tables, documents and texts as in the table customers.
func onePerson(t *testing.T, url string) {
	t.Helper()
	const name = "given_name || ' ' || family_name"
	for what, differs := range map[string]string{
		"payments":        "FROM payments x JOIN customers c USING (customer_id) WHERE holder <> " + name,
		"support_tickets": "FROM support_tickets x JOIN customers c USING (customer_id) WHERE (reporter, reply_to, coalesce(login, user_name)) IS DISTINCT FROM (" + name + ", email, user_name)",
		"reviews": "FROM reviews x JOIN customers c USING (customer_id) WHERE (x.user_name, coalesce(signed, " + name + "), coalesce(contact, email)) IS DISTINCT FROM (c.user_name, " +
			name + ", email)",
		"a JSON document": "FROM customers x WHERE (profile #>> '{account,login}', profile #>> '{account,name}', profile #>> '{contact,email}') IS DISTINCT FROM (user_name, " + name + ", email)",
		"a note":          "FROM customers x WHERE customer_id % 6 = 0 AND NOT (starts_with(notes, given_name || ' called') AND notes LIKE '% to ' || email || '. ' || " + name + " || ' is ' || user_name || ' in the shop.')",
		"a review":        "FROM reviews x JOIN customers c USING (customer_id) WHERE text NOT LIKE '%Ask ' || given_name || ' (' || c.user_name || ').'",
		"a ticket":        "FROM support_tickets x JOIN customers c USING (customer_id) WHERE body NOT LIKE 'Hello, I am ' || " + name + " || ' (' || email || ')%'",
	} {
		if got := ask(t, url, "SELECT count(*) "+differs); got != "0" {
			t.Errorf("%s names another person than customers, in %s rows", what, got)
		}
	}
}
