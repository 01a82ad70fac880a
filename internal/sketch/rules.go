package sketch

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Head is the beginning of most rule files.
const Head = "revision: 1\npacks: [baseline]\n"

// People is a table, in the notation of Schema, for rules that read other columns of their row.
const People = "public.people: id int! pk, kind text, first text, last text, mail text, note text gen"

// Rules parses the text of a rule file, under the file name r.yaml. The content of every hook that the rules name is
// the statement select 1.
func Rules(t testing.TB, text string) *ruleset.Set {
	t.Helper()
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte(text)}}, func(string) ([]byte, error) { return []byte("select 1"), nil })
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Shop returns the schema and the rules of a small shop. The rules use most of the settings that rules can have.
func Shop(t testing.TB) (*catalog.Database, *ruleset.Set) {
	t.Helper()
	db := Schema(t,
		`public.customers: id int! pk seq, email text unique, first_name text, "Card~No" text, born date check, notes text, profile jsonb, total int gen`,
		"public.orders: id int! pk seq, customer_id int -> public.customers.id, note text",
		"public.audit: at date",
	)
	db.LargeObjects.Any = true
	return db, Rules(t, Head+`tables:
  public.customers:
    subject: id
    columns:
      id: {treat: token, range: [1, 1000000]}
      email: {class: email, as: person}
      first_name: {class: given_name, as: person}
      '"Card No"': {treat: mask, keep_last: 4}
      born: {class: birth_date}
      notes: {class: free_text}
      profile: {json: {"$.email": {class: email}, "$.theme": {keep: "preference"}}}
  public.orders: {keep: "no personal data", only: [id, note]}
  public.audit: {skip: "operational log"}
objects:
  large_objects: drop
  foreign_tables: empty
  event_triggers: {keep: "they only audit"}
hooks:
  before_publish: [sql/accounts.sql]
`)
}

// Rich returns a schema and rules that use everything that a decision can hold: columns that a treatment reads,
// conditions, JSON paths, subjects and parameters of all types.
func Rich(t testing.TB) (*catalog.Database, *ruleset.Set) {
	t.Helper()
	db := Schema(t, People,
		`public.orders: id int! pk, person_id int -> public.people.id, ship text, doc jsonb, tag text unique, born date, pin text, "Odd|`+"`"+`Name" text, mood enum`,
		"public.lines: id int! pk, order_id int -> public.orders.id, memo text, amount numeric",
		"public.log: at date",
	)
	db.LargeObjects.Any = true
	orders := catalog.Name{Schema: "public", Name: "orders"}
	db.Objects = []catalog.Object{
		{Kind: catalog.KindIndex, Name: "public.orders_born", Own: "orders_born", Table: &orders},
		{Kind: catalog.KindTrigger, Name: "public.orders.to_queue", Own: "to_queue", Table: &orders},
	}
	return db, Rules(t, Head+`tables:
  public.people:
    subject: id
    order: {keep: "read in time order"}
    columns:
      id: {treat: token, range: [1, 2000000000]}
      kind: {keep: x}
      first: {class: given_name, as: p}
      last: {class: family_name, as: p, when: 'kind == "person"', else: {treat: redact}}
      mail: {treat: expr, value: 'lower(new.first + "." + new.last)'}
  public.orders:
    columns:
      id: {keep: x}
      ship: {treat: expr, value: 'new.person_id.first'}
      doc: {json: {"$.email": {class: email}, "$.theme": {keep: x}, "$.n": {treat: map, values: {a: b, "1": "2"}, default: c}}}
      tag: {treat: token, domain: tags}
      born: {class: birth_date}
      pin: {treat: mask, keep_last: 4}
      '"Odd|`+"`"+`Name"': {class: email}
      mood: {keep: x}
  public.lines: {columns: {id: {keep: x}, memo: {treat: redact, when: 'order_id.person_id.kind == nil', else: {keep: why}}, amount: {treat: noise, ratio: 0.05}}}
  public.log: {skip: "operational"}
objects: {large_objects: drop, event_triggers: {keep: x}, leave_out: {public.orders_born: large, public.orders.to_queue: production's queue}}
hooks: {before_publish: [a.sql]}
waivers:
  - {finding: check-may-break, on: public.orders.tag, owner: dba@example.com, reason: never mind, until: 2027-01-31}
  - {finding: unique-expression, on: public.orders, owner: dba@example.com, reason: never mind, until: 2027-01-31}
`)
}
