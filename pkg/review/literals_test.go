package review

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
)

// L8: personal data in a literal of the schema is a finding. The finding's text does not quote the literal. The
// finding can be waived.
func TestL8ALiteralCanBeWaived(t *testing.T) {
	db := sketch.Schema(t, "public.t: a text")
	v := catalog.Name{Schema: "public", Name: "v"}
	db.Definitions = []catalog.Definition{
		{Kind: "view", Object: v, Text: "SELECT 'ada@leak.io', 4111111111111111, 'ada@leak.io'"},
		{Kind: "default", Object: catalog.Name{Schema: "public", Name: "t"}, Column: "a", Text: "'DE89370400440532013000'::text"},
		{Kind: "check", Object: v, Name: "numbers", Text: "a > 2128675309 AND b < '2024-01-31'::date"},
	}
	p := built(t, db, "tables: {public.t: {columns: {a: {treat: redact}}}}\n"+
		"waivers:\n  - {finding: literal-looks-like-data, on: public.v, owner: alice@example.com, reason: a test card, until: 2027-01-31}\n")
	open, waived := Split(Findings(p, day(t, "2027-01-01T00:00:00Z")))
	if len(open) != 1 || len(waived) != 1 {
		t.Fatalf("%d open, %d waived: %+v", len(open), len(waived), p.Findings)
	}
	if f := waived[0]; !strings.Contains(f.Text, "the view holds something that looks like personal data (email, pan)") {
		t.Error(f.Text)
	}
	if f := open[0]; f.Column != "a" || !strings.Contains(f.Text, "the default holds something that looks like personal data (iban)") {
		t.Errorf("%+v", f)
	}
}
