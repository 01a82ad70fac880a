package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// withObjects is a schema with objects that rules can leave out.
func withObjects(t *testing.T) *catalog.Database {
	t.Helper()
	db := schema(t, "public.people: id int! pk, email text unique, name text check", "public.orders: id int! pk, person_id int -> public.people.id")
	people, orders := catalog.Name{Schema: "public", Name: "people"}, catalog.Name{Schema: "public", Name: "orders"}
	key := db.Table(people).Keys
	db.Objects = []catalog.Object{
		{Kind: catalog.KindPrimaryKey, Name: "public.people." + key[0].Name, Own: key[0].Name, Table: &people, NeededBy: []string{"view public.grouped"}},
		{Kind: catalog.KindIndex, Name: "public." + key[0].Name, Own: key[0].Name, Table: &people, Of: "primary key public.people." + key[0].Name, NeededBy: []string{"foreign key public.orders.orders_fk"}},
		{Kind: catalog.KindUnique, Name: "public.people." + key[1].Name, Own: key[1].Name, Table: &people},
		{Kind: catalog.KindForeignKey, Name: "public.orders.orders_fk", Own: "orders_fk", Table: &orders},
		{Kind: catalog.KindCheck, Name: "public.people." + db.Table(people).Checks[0].Name, Own: db.Table(people).Checks[0].Name, Table: &people},
		{Kind: catalog.KindMatView, Name: "public.totals", Own: "totals", NeededBy: []string{"view public.shown"}},
		{Kind: catalog.KindTrigger, Name: `public.people."Odd"`, Own: "Odd", Table: &people},
		{Kind: catalog.KindCheck, Name: "public.orders.twin", Own: "twin", Table: &orders},
		{Kind: catalog.KindTrigger, Name: "public.orders.twin", Own: "twin", Table: &orders},
		{Kind: catalog.KindCast, Name: "cast (character varying as jsonb)", Superuser: true},
	}
	return db
}

const peopleRules = `tables:
  public.people: {columns: {id: {keep: x}, email: {treat: constant, value: a@example.com}, name: {treat: redact}}}
  public.orders: {keep: x, only: [id]}
`

func leavingOut(names string) string { return peopleRules + "objects: {leave_out: {" + names + "}}\n" }

func TestObjectsThatCannotBeLeftOut(t *testing.T) {
	db := withObjects(t)
	key := db.Objects[0].Own
	for rules, want := range map[string]string{
		`public.totls: x`:              "public.totls (did you mean public.totals?)",
		`public.totals: x`:             "public.totals cannot be left out: view public.shown needs it; rules cannot leave that out, so keep both",
		`public.people.` + key + `: x`: "cannot be left out: foreign key public.orders.orders_fk needs it",
		`public.` + key + `: x`:        "is a part of primary key public.people." + key,
		`public.people.odd: x`:         `the source has no public.people.odd, but public.people."Odd"; quote it as SQL would`,
		`public.orders.twin: x`:        "public.orders.twin is the name of a check and of a trigger",
		`"cast (varchar as jsonb)": x`: "the source has no cast (varchar as jsonb); it has cast (character varying as jsonb)",
	} {
		_, err := build(t, db, leavingOut(rules))
		if got := texts(err); !strings.Contains(got, want) {
			t.Errorf("%s: %s", rules, got)
		}
	}
}

func TestWhatIsLeftOutNeedsNoCheck(t *testing.T) {
	db := withObjects(t)
	unique, check := db.Objects[2].Name, db.Objects[4].Name
	if _, err := build(t, db, peopleRules); !strings.Contains(texts(err), "email") {
		t.Fatalf("a constant in a unique column: %v", err)
	}
	p := mustBuild(t, db, leavingOut(unique+": drops duplicates, "+check+": old, \"CAST ( character varying AS jsonb )\": superuser, 'public.people.\"Odd\"': queue"))
	for _, f := range p.Findings {
		if f.Code == "check-may-break" {
			t.Errorf("finding %s: %s", f.Code, f.Text)
		}
	}
	if len(p.LeaveOut) != 4 || p.LeaveOut[0].Name != "cast (character varying as jsonb)" || p.LeaveOut[0].Reason != "superuser" || p.LeaveOut[0].Pos == "" {
		t.Errorf("%+v", p.LeaveOut)
	}
}

func TestAReferenceWithoutItsConstraint(t *testing.T) {
	db := withObjects(t)
	db.ForeignKeys[0].Name = "orders_fk"
	skipped := "tables: {public.people: {skip: x}, public.orders: {keep: x, only: [id, person_id]}}\n"
	if _, err := build(t, db, skipped); !strings.Contains(texts(err), "stay behind") {
		t.Errorf("with the constraint: %v", err)
	}
	p := mustBuild(t, db, skipped+"objects: {leave_out: {public.orders.orders_fk: x}}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "reference-dangles" {
		t.Errorf("%+v", p.Findings)
	}
	both := "tables: {public.people: {columns: {id: {treat: token, range: [1, 1000000]}, email: {class: email}, name: {treat: redact}}}, public.orders: {keep: x, only: [id, person_id]}}\n"
	if _, err := build(t, db, both); !strings.Contains(texts(err), "both must get equal results") {
		t.Errorf("with the constraint: %v", err)
	}
	mustBuild(t, db, both+"objects: {leave_out: {public.orders.orders_fk: x}}\n")
}

func TestR3TheDigestCoversWhatIsLeftOut(t *testing.T) {
	db := withObjects(t)
	rules := strings.Replace(peopleRules, "treat: constant, value: a@example.com", "class: email", 1)
	without := mustBuild(t, db, rules)
	with := mustBuild(t, db, rules+"objects: {leave_out: {'public.people.\"Odd\"': x}}\n")
	again := mustBuild(t, db, rules+"objects: {leave_out: {'public.people.\"Odd\"': for another reason}}\n")
	if without.Digest() == with.Digest() || with.Digest() != again.Digest() {
		t.Errorf("digests %s, %s, %s", without.Digest(), with.Digest(), again.Digest())
	}
	read, err := ParseDecisions(written(t, with.Decisions()))
	if err != nil || read.Digest() != with.Digest() {
		t.Errorf("read back: %v", err)
	}
	twice := with.Decisions()
	twice.LeaveOut = append(twice.LeaveOut, twice.LeaveOut[0])
	if _, err := ParseDecisions(written(t, twice)); err == nil {
		t.Error("an object left out twice was read")
	}
}
