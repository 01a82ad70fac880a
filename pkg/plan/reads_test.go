package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/transform"
)

const people = sketch.People

func TestReadsAreResolved(t *testing.T) {
	db := schema(t, people, "public.orders: id int! pk, person_id int -> public.people.id, ship text", "public.lines: id int! pk, order_id int -> public.orders.id, memo text")
	p := mustBuild(t, db, `tables:
  public.people:
    subject: id
    columns:
      id: {keep: x}
      kind: {keep: x}
      first: {class: given_name, as: p}
      last: {class: family_name, as: p, when: 'kind == "person"', else: {treat: redact}}
      mail: {treat: expr, value: 'lower(new.first + "." + new.last)'}
  public.orders: {columns: {id: {keep: x}, ship: {treat: expr, value: 'new.person_id.first'}}}
  public.lines: {columns: {id: {keep: x}, memo: {treat: redact, when: 'order_id.person_id.kind == nil', else: {keep: why}}}}
`)
	if got := strings.Join(p.at(t, "people", "mail").Needs, " "); got != "first last id kind id" {
		t.Errorf("mail needs %s", got)
	}
	if c := p.at(t, "people", "last"); c.Use.When != `kind == "person"` || c.Use.Else.Treatment != "redact" || c.Keeps() || c.Class != "family_name" {
		t.Errorf("last is %+v", c)
	}
	if got := strings.Join(p.at(t, "orders", "ship").Needs, " "); got != "person_id.first person_id.id" {
		t.Errorf("ship needs %s", got)
	}
	if c := p.at(t, "lines", "memo"); c.Discloses != "unchanged" {
		t.Errorf("memo is %+v", c)
	}
	for _, table := range p.Tables {
		var paths []string
		for _, j := range table.Joins {
			paths = append(paths, j.Path+"="+j.Parent.Name+"."+j.Key)
		}
		want := map[string]string{"orders": "person_id=people.id", "lines": "order_id=orders.id order_id.person_id=people.id"}[table.Name.Name]
		if got := strings.Join(paths, " "); got != want {
			t.Errorf("%s joins %s", table.Name, got)
		}
	}
}

func TestInvalidReads(t *testing.T) {
	for name, c := range map[string]struct{ first, want string }{
		"unknown":        {`{treat: expr, value: 'new.lst'}`, "public.people has no column lst (did you mean last?)"},
		"in a condition": {`{keep: x, when: 'knd == "a"', else: {treat: redact}}`, "r.yaml:3:108: public.people.first: keep or redact: when: public.people has no column knd (did you mean kind?)"},
		"generated":      {`{treat: expr, value: 'old.note'}`, "public.people.note is generated"},
		"itself":         {`{treat: expr, value: 'new.first'}`, "reads the result of public.people.first (r.yaml:3:"},
		"in a circle":    {`{treat: expr, value: 'new.mail'}`, "one of them must come first"},
		"no key":         {`{treat: expr, value: 'old.kind.name'}`, "public.people.kind has no foreign key of one column"},
		"not bool":       {`{keep: x, when: 'kind', else: {treat: redact}}`, "is a text, but it must be true or false"},
		"else unfit":     {`{keep: x, when: 'true', else: {treat: mask, keep_lst: 1}}`, `keep_lst: mask has no such parameter (did you mean keep_last?)`},
		"syntax":         {`{keep: x, when: 'kind ==', else: {treat: redact}}`, "unexpected token EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := build(t, schema(t, people), "tables: {public.people: {columns: {id: {keep: x}, kind: {keep: x}, last: {keep: x}, first: "+c.first+", mail: {treat: expr, value: 'new.first'}}}}\n")
			if got := texts(err); !strings.Contains(got, c.want) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestConditionsOfClasses(t *testing.T) {
	p := mustBuild(t, schema(t, people), `tables:
  public.people: {columns: {id: {keep: x}, kind: {keep: x}, last: {keep: x}, mail: {keep: x}, first: {class: label, when: 'id > 5', else: {treat: redact}}}}
classes:
  label: {treat: mask, when: 'kind == "a"', else: {keep: public}}
`)
	u := p.at(t, "people", "first").Use
	if u.Treatment != "mask" || u.When != `(id > 5) and (kind == "a")` || u.Else.Treatment != "keep" || u.Else.When != "id > 5" || u.Else.Else.Treatment != "redact" {
		t.Errorf("%+v, else %+v", u, u.Else)
	}
}

func TestPlanSaysWhichColumnsAreUnique(t *testing.T) {
	p := mustBuild(t, schema(t, "public.t: id int! pk, a text unique, b text"), "tables: {public.t: {columns: {id: {keep: x}, a: {treat: token}, b: {treat: token}}}}\n")
	if !p.at(t, "t", "id").Unique || !p.at(t, "t", "a").Unique || p.at(t, "t", "b").Unique {
		t.Error("id and a are unique, b is not")
	}
}

func TestARangeTooSmallForItsValuesIsRefused(t *testing.T) {
	_, err := build(t, schema(t, "public.t: id int! pk"), "tables: {public.t: {columns: {id: {treat: token, range: [1, 500]}}}}\n")
	if got := texts(err); !strings.Contains(got, "public.t.id has about 1,000 different values, its range holds 500; widen it") {
		t.Error(got)
	}
}

// P2: a result that a condition chooses tells something about the column that the condition reads. If the target shows
// this column, the result is generalised. If the target hides the column, or removes the key that leads to it, the
// result is unchanged.
func TestP2AConditionOnAParentsColumn(t *testing.T) {
	db := schema(t, people, "public.orders: id int! pk, person_id int -> public.people.id, ship text")
	for _, c := range []struct {
		kind, key string
		want      transform.Disclosure
	}{
		{"{keep: x}", "{keep: x}", "generalised"},
		{"{treat: redact}", "{keep: x}", "unchanged"},
		{"{keep: x}", "{treat: 'null'}", "unchanged"},
		{"{keep: x, when: 'id > 5', else: {treat: redact}}", "{keep: x}", "unchanged"},
	} {
		p := mustBuild(t, db, "tables:\n  public.people: {columns: {id: {keep: x}, kind: "+c.kind+", first: {treat: redact}, last: {treat: redact}, mail: {treat: redact}}}\n"+
			"  public.orders: {columns: {id: {keep: x}, person_id: "+c.key+", ship: {treat: redact, when: 'person_id.kind == \"a\"', else: {treat: 'null'}}}}\n")
		if got := p.at(t, "orders", "ship").Discloses; got != c.want {
			t.Errorf("kind %s, person_id %s: ship discloses %s, want %s", c.kind, c.key, got, c.want)
		}
	}
}
