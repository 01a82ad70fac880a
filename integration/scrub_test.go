package integration

import (
	"strings"
	"testing"
)

// oneCustomer makes three tables that have the name of one customer: in columns, in a JSON document and in the text of
// a note. A second customer has other names.
const oneCustomer = `
CREATE TABLE customers (id int PRIMARY KEY, given text NOT NULL, family text NOT NULL, email text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, ship_name text NOT NULL, profile jsonb);
CREATE TABLE notes (id int PRIMARY KEY, customer_id int REFERENCES customers, body text, tags text[]);
INSERT INTO customers VALUES (1, 'Ottilie', 'Brückner', 'ottilie@corp.invalid'), (2, 'Xaver', 'Quandt', 'xq@corp.invalid');
INSERT INTO orders VALUES (1, 1, 'Ottilie Brückner', '{"contact": {"name": "Ottilie"}, "comment": "Ottilie Brueckner rings twice"}');
INSERT INTO notes VALUES (1, 1, 'OTTILIE''s parcel: write to Ottilie@corp.invalid. Xaver took it.', '{ottilie,late}'), (2, NULL, 'late again', NULL), (3, 1, NULL, NULL);`

const oneCustomerRules = `revision: 1
packs: [baseline]
tables:
  public.customers:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      given: {class: given_name, as: person}
      family: {class: family_name, as: person}
      email: {class: email, as: person}
  public.orders:
    subject: customer_id
    columns:
      id: {keep: "surrogate key"}
      ship_name: {class: full_name, as: person}
      profile:
        json:
          $.contact.name: {class: given_name, as: person}
          $.comment: {treat: scrub, mentions: [customer_id.given, customer_id.family]}
  public.notes:
    columns:
      id: {keep: "surrogate key"}
      body: {treat: scrub, mentions: [customer_id.given, customer_id.family, customer_id.email]}
      tags: {treat: scrub, mentions: [customer_id.given]}
`

// The invented name of a person is the same in three tables, in a document and in a note.
func TestOnePersonInAllColumns(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "people"), newDatabaseURL(t, srv, "people_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, oneCustomer)
	newSite(t, src, dst).rules(t, oneCustomerRules).mustRefresh(t)

	given := ask(t, dst, "SELECT given FROM customers WHERE id = 1")
	family := ask(t, dst, "SELECT family FROM customers WHERE id = 1")
	email := ask(t, dst, "SELECT email FROM customers WHERE id = 1")
	if given == "Ottilie" || given == "" {
		t.Fatalf("the customer is %q", given)
	}
	for query, want := range map[string]string{
		"SELECT ship_name FROM orders":                         given + " " + family,
		"SELECT profile->'contact'->>'name' FROM orders":       given,
		"SELECT profile->>'comment' FROM orders":               given + " " + family + " rings twice",
		"SELECT body FROM notes WHERE id = 1":                  strings.ToUpper(given) + "'s parcel: write to " + email + ". Xaver took it.",
		"SELECT tags[1] FROM notes WHERE id = 1":               strings.ToLower(given),
		"SELECT body FROM notes WHERE id = 2":                  "late again",
		"SELECT count(*) FROM notes WHERE body IS NULL":        "1",
		"SELECT count(*) FROM notes WHERE customer_id IS NULL": "1",
	} {
		if got := ask(t, dst, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}
