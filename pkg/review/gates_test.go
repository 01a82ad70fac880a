package review

import (
	"bytes"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
)

// C9: the finding of a gate is an error in every form, with its article. A waiver helps only if a guess says what the
// column holds.
func TestC9FindingsOfGatesAreErrors(t *testing.T) {
	text := `revision: 1
packs: [baseline, gdpr]
classes: {email: {keep: measured here}}
tables: {public.people: {columns: {contact: {class: email}, mail: {keep: measured here}}}}
waivers:
  - {finding: gdpr-identifier-kept, on: public.people.contact, owner: alice@example.com, reason: agreed with legal, until: 2027-01-31}
  - {finding: gdpr-identifier-kept, on: public.people.mail_address, owner: alice@example.com, reason: addresses of test machines, until: 2027-01-31}
`
	text = strings.Replace(text, " mail: {keep", " mail_address: {keep", 1)
	p, err := plan.Build(sketch.Rules(t, text), sketch.Schema(t, "public.people: contact text, mail_address text"), "staging")
	if err != nil {
		t.Fatal(err)
	}
	var gates []Finding
	for _, f := range Findings(p, day(t, "2027-01-01T00:00:00Z")) {
		if f.Code == "gdpr-identifier-kept" {
			gates = append(gates, f)
		}
	}
	if len(gates) != 2 || gates[0].Column != "contact" || gates[0].Level != Error || !strings.Contains(gates[0].Text, "; a gate cannot be waived (r.yaml:6:5)") {
		t.Fatalf("%+v", gates)
	}
	if gates[1].Column != "mail_address" || gates[1].Level != Note || gates[1].Waiver == nil {
		t.Errorf("%+v", gates[1])
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"Markdown": func(b *bytes.Buffer) error {
			return WriteInventoryMarkdown(b, InventoryOf(p, day(t, "2027-01-01T00:00:00Z")))
		},
		"text": func(b *bytes.Buffer) error { return WriteFindings(b, gates) },
		"JSON": func(b *bytes.Buffer) error { return WriteFindingsJSON(b, gates) },
		"SARIF": func(b *bytes.Buffer) error {
			return WriteFindingsSARIF(b, gates, SARIF{Address: func(f string) (string, bool) { return f, true }})
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "GDPR, articles 5(1)(c) and 25") {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}
