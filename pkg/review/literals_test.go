package review

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
)

// L8: personal data in a literal of the schema is a finding. The finding's text does not quote the literal. The
// finding can be waived.
func TestL8ALiteralCanBeWaived(t *testing.T) {
	db := sketch.Schema(t, "public.t: a text")
	p := built(t, db, "tables: {public.t: {columns: {a: {treat: redact}}}}\n"+
		"waivers:\n  - {finding: literal-looks-like-data, on: public.v, owner: alice@example.com, reason: a test card, until: 2027-01-31}\n")
	entry := func(kind, tag, sql string) archive.Entry {
		return archive.Entry{Desc: kind, Namespace: "public", Tag: tag, Defn: sql}
	}
	err := p.Define(definition.Read([]archive.Entry{
		entry("VIEW", "v", "CREATE VIEW public.v AS\n SELECT 'ada@leak.io'::text, 4111111111111111, 'ada@leak.io'::text"),
		entry("TABLE", "t", "CREATE TABLE public.t (\n    a text DEFAULT 'DE89370400440532013000'::text\n)"),
		entry("CHECK CONSTRAINT", "v numbers", "ALTER TABLE public.v ADD CONSTRAINT numbers CHECK (((a > 2128675309) AND (b < '2024-01-31'::date)))"),
	}, nil))
	if err != nil {
		t.Fatal(err)
	}
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
	if text := waived[0].String(); !strings.HasPrefix(text, "public.v: the view holds") {
		t.Errorf("a finding without a position does not name its object: %s", text)
	}
}
