package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// F8: the plan has a finding for a materialized view that reads treated columns. The reviewer decides whether the
// target has the view.
func TestF8ViewsOfTreatedColumnsAreFindings(t *testing.T) {
	db := schema(t, "public.people: id int! pk, email text, name text, note text")
	people := catalog.Name{Schema: "public", Name: "people"}
	for name, columns := range map[string][]string{"by_mail": {"email", "name"}, "by_id": {"id"}, "by_note": {"note"}, "gone": {"email"}, "empty": {"email"}} {
		o := catalog.Object{Kind: catalog.KindMatView, Name: "public." + name, Own: name}
		for _, c := range columns {
			o.Reads = append(o.Reads, catalog.ColumnName{Table: people, Column: c})
		}
		db.Objects = append(db.Objects, o)
		db.MatViews = append(db.MatViews, catalog.MatView{Name: catalog.Name{Schema: "public", Name: name}, Populated: name != "empty"})
	}
	p, err := build(t, db, `tables:
  public.people: {columns: {id: {keep: x}, email: {treat: token}, name: {treat: redact}, note: {treat: "null"}}}
objects: {leave_out: {public.gone: x}}
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range p.Findings {
		if f.Code == "view-reads-treated" {
			got = append(got, f.Text)
		}
	}
	want := `materialized view public.by_mail reads public.people.email, which becomes token, and other columns that rules change`
	if len(got) != 1 || !strings.HasPrefix(got[0], want) || !strings.Contains(got[0], `leave_out: {"public.by_mail"`) {
		t.Errorf("got %q", got)
	}
}
