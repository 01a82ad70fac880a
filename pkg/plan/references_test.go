package plan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// joined returns a plan with a reference of each kind.
func joined(t *testing.T) *Plan {
	t.Helper()
	db := schema(t,
		"public.users: id int! pk, tenant int!, code text!",
		"public.orders: id int! pk, user_id int -> public.users.id",
		"public.notes: t int, c text, kind text, owner_id int, payload jsonb",
		"public.logs: user_id int",
	)
	return mustBuild(t, db, `virtual_keys:
  - {from: [public.notes.t, public.notes.c], to: [public.users.tenant, public.users.code]}
  - {from: public.notes.owner_id, to: {User: public.users.id, Order: public.orders.id}, by: kind}
  - {from: 'public.notes.payload "$.user.id"', to: public.users.id}
  - {from: public.logs.user_id, to: public.users.id}
tables:
  public.users: {columns: {id: {keep: x}, tenant: {keep: x}, code: {treat: token}}}
  public.orders: {columns: {id: {treat: token, range: [1, 2000000000]}}}
  public.notes: {columns: {kind: {keep: x}, payload: {json: {"$.theme": {keep: x}}}}}
  public.logs: {skip: operational}
`)
}

// words returns a reference as one line.
func (r Reference) words() string {
	text := string(r.Kind) + " " + r.Child.Name + "(" + strings.Join(r.ChildColumns, ",") + ")" + r.Path
	if r.By != "" {
		text += " where " + r.By + "=" + r.Value
	}
	return text + " -> " + r.Parent.Name + "(" + strings.Join(r.ParentColumns, ",") + ") " + r.Constraint + "@" + r.Declared
}

func TestAPlanHoldsEveryReferenceWithItsOrigin(t *testing.T) {
	var got []string
	for _, r := range joined(t).References {
		got = append(got, r.words())
	}
	want := []string{
		"virtual_key logs(user_id) -> users(id) @r.yaml:7:5",
		"polymorphic notes(owner_id) where kind=Order -> orders(id) @r.yaml:5:5",
		"polymorphic notes(owner_id) where kind=User -> users(id) @r.yaml:5:5",
		"embedded notes(payload)$.user.id -> users(id) @r.yaml:6:5",
		"virtual_key notes(t,c) -> users(tenant,code) @r.yaml:4:5",
		"foreign_key orders(user_id) -> users(id) orders_user_id_fkey@catalog",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// An approval names the digest of a plan. The expected digest was computed for the fields that decisions of version 3
// have. The test sets the library and the version number to fixed values, so the digest changes only with these fields.
// Such a change needs a new DecisionsVersion.
func TestR3ReferencesAreOutsideTheDigest(t *testing.T) {
	const before = "45b6dad29321cc9649f4de2b27aa6f1e62f9e33113d02369b5199d03e656620c"
	p := joined(t)
	d := p.Decisions()
	d.Library, d.Version = "", 2 // other tests check the versions
	if d.Digest() != before {
		t.Errorf("the digest is %s; approvals of plans with virtual keys are void", d.Digest())
	}
	p.References = nil
	if p.Digest() != joined(t).Digest() {
		t.Error("references change the digest")
	}
}

func TestReferencesSurviveJSON(t *testing.T) {
	p := joined(t)
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.References, p.References) || back.Digest() != p.Digest() {
		t.Errorf("%+v", back.References)
	}
}

func TestAPartitionsReferenceIsItsRoots(t *testing.T) {
	db := schema(t, "public.users: id int! pk", "public.events: user_id int -> public.users.id", "public.events_1: user_id int -> public.users.id")
	root := db.Tables[1].Name
	db.Tables[1].Partitioned = true
	db.Tables[2].PartitionOf, db.Tables[2].Root = &root, &root
	db.ForeignKeys = append(db.ForeignKeys, catalog.ForeignKey{Name: "gone", Child: catalog.Name{Schema: "other", Name: "t"}, ChildColumns: []string{"a"}, Parent: root, ParentColumns: []string{"user_id"}})
	p := mustBuild(t, db, "tables: {public.users: {columns: {id: {keep: x}}}}\n")
	if len(p.References) != 1 || p.References[0].words() != "foreign_key events(user_id) -> users(id) events_1_user_id_fkey@catalog" {
		t.Errorf("%+v", p.References)
	}
	if p := mustBuild(t, schema(t, "public.t: a int"), "tables: {public.t: {skip: x}}\n"); p.References == nil {
		t.Error("no references are a list too")
	}
}
