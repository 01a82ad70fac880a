package ruleset

import (
	"strings"
	"testing"
)

func TestVirtualKeysAreRead(t *testing.T) {
	s, err := parse(t, `revision: 1
virtual_keys:
  - {from: public.events.user_id, to: public.users.id}
  - {from: [public.lines.order_id, public.lines."No"], to: [public.orders.id, public.orders.no]}
  - {from: public.comments.owner_id, to: {User: public.users.id, 2: public.companies.id}, by: owner_type, else: {treat: null}}
  - {from: public.events.payload "$.user.id", to: public.users.id}
  - from: 'public.events."My Doc" $.items[*]."an id"'
    to: public.users.id
`)
	if err != nil {
		t.Fatal(err)
	}
	v := s.Virtual
	if len(v) != 5 || v[0].From.Table.Name != "events" || v[0].From.Columns[0].Name != "user_id" || v[0].To[0].Columns[0].Name != "id" {
		t.Fatalf("%+v", v)
	}
	if v[0].Pos.String() != "rules/shop.yaml:3:5" || v[0].To[0].Pos.String() != "rules/shop.yaml:3:39" {
		t.Error(v[0].Pos, v[0].To[0].Pos)
	}
	if v[1].From.Columns[1].Name != "No" || len(v[1].To[0].Columns) != 2 {
		t.Errorf("%+v", v[1])
	}
	if v[2].By.Name != "owner_type" || v[2].To[1].Value != "2" || v[2].Else.Treatment != "null" {
		t.Errorf("%+v", v[2])
	}
	if v[3].Path != "$.user.id" || v[4].Path != `$.items[*]."an id"` || v[4].From.Columns[0].Name != "My Doc" {
		t.Errorf("%q %q %q", v[3].Path, v[4].Path, v[4].From.Columns[0].Name)
	}
}

func TestInvalidVirtualKeys(t *testing.T) {
	for text, want := range map[string]string{
		"{from: public.a.x}":                                                     `:3:5: a virtual key needs from and to`,
		"{from: a.x, to: public.b.id}":                                           `:3:12: from is schema.table.column`,
		"{from: public.a.x, too: public.b.id}":                                   `:3:24: unknown key "too" of a virtual key (did you mean to?)`,
		"{from: public.a.x, to: {A: public.b.id}}":                               "needs `by: column`, the column that holds \"A\"",
		"{from: public.a.x, to: public.b.id, by: kind}":                          `:3:45: by chooses between targets`,
		"{from: public.a.x, to: public.b.id, else: {treat: null}}":               `there is no by`,
		`{from: public.a.x "$.y", to: {A: public.b.id}, by: kind}`:               `by cannot choose the target of a reference inside a document`,
		`{from: public.a.x "y.z", to: public.b.id}`:                              `a path into a document begins with $`,
		`{from: public.a.x, to: public.b.id "$.y"}`:                              `a reference ends at a column`,
		"{from: [public.a.x, public.a.y], to: public.b.id}":                      `from names 2 columns and to 1`,
		"{from: [public.a.x, public.b.y], to: [public.b.id, public.b.y]}":        `public.b is not public.a`,
		"{from: public.a.x, to: public.b.id, from: public.a.y}":                  `"from" is already at`,
		`{from: public.a.x, to: {"": public.b.id}, by: kind}`:                    `the type column's value is empty`,
		"{from: public.a.x, to: {A: public.b.id}, by: kind, else: {treat: tok}}": `unknown treatment "tok"`,
	} {
		_, err := parse(t, "revision: 1\nvirtual_keys:\n  - "+text+"\n")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
