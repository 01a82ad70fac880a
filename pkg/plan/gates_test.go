package plan

import (
	"slices"
	"strings"
	"testing"
)

// refused returns the findings that refuse a plan with a profile: the gate and the column of each.
func refused(t *testing.T, profile string, schemaLines []string, tables string) (found []string) {
	t.Helper()
	p, err := Build(rules(t, "revision: 1\npacks: [baseline, "+profile+"]\ntables: {"+tables+"}\n"), schema(t, schemaLines...), "staging")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Findings {
		if f.Refuses {
			found = append(found, f.Code+" "+f.Column)
			if !strings.Contains(f.Text, "profile "+profile+", ") || f.Pos == "" {
				t.Errorf("%+v", f)
			}
		}
	}
	return found
}

type gateCase struct{ column, rule, want string }

func gateCases(t *testing.T, profile string, cases []gateCase) {
	t.Helper()
	for _, c := range cases {
		name, _, _ := strings.Cut(c.column, " ")
		found := refused(t, profile, []string{"public.records: id int! pk seq, " + c.column}, "public.records: {subject: id, columns: {id: {keep: no meaning}, "+name+": "+c.rule+"}}")
		want := []string{}
		if c.want != "" {
			want = append(want, c.want+" "+name)
		}
		if !slices.Equal(found, want) && len(found)+len(want) > 0 {
			t.Errorf("%s: %s %s: refused %v, want %v", profile, c.column, c.rule, found, want)
		}
	}
}

// C9: the profile pci refuses plans with live card numbers, too many digits, or verification codes.
func TestC9PCIRefusesCards(t *testing.T) {
	gateCases(t, "pci", []gateCase{
		{"card_number text", "{keep: measured here}", "pci-pan-live"},
		{"card_number text", "{class: pan}", ""},
		{"card_number text", "{treat: redact}", ""},
		{"card_number text", "{treat: token}", ""},
		{"card_number text", "{treat: mask, keep_first: 6, keep_last: 4}", ""},
		{"card_number text", "{treat: mask, keep_first: 8, keep_last: 4, least: 20}", "pci-pan-live"},
		{"card_number text", "{treat: mask, keep_first: 6, keep_last: 5, least: 20}", "pci-pan-live"},
		{"card_number text", "{treat: truncate, length: 6}", ""},
		{"card_number text", "{treat: truncate, length: 8}", "pci-pan-live"},
		{"card_number text", "{when: \"id > 5\", treat: redact, else: {keep: measured here}}", "pci-pan-live"},
		{"cvv text", "{keep: measured here}", "pci-authentication-data"},
		{"cvv text", "{treat: token}", "pci-authentication-data"},
		{"cvv text", "{treat: redact}", ""},
		{"cvv int", "{treat: 'null'}", ""},
		{"api_key text", "{treat: token}", ""},
		{"colour text", "{keep: measured here}", ""},
		{"card_numbers text[]", "{keep: measured here}", "pci-pan-live"},
		{"card_numbers text[]", "{class: pan}", ""},
		{"payment jsonb", `{json: {"$.card_number": {keep: measured here}, "$.note": {treat: redact}}}`, "pci-pan-live"},
		{"payment jsonb", `{json: {"$.cards[*].card_number": {treat: mask, keep_first: 6, keep_last: 5, least: 20}, "$.note": {treat: redact}}}`, "pci-pan-live"},
		{"payment jsonb", `{json: {"$.cards[*].card_number": {treat: mask, keep_first: 6, keep_last: 4}, "$.cvv": {treat: redact}}}`, ""},
		{"payment jsonb", `{json: {"$.raw": {json: {"$.card_number": {keep: measured here}}}}}`, "pci-pan-live"},
		{"payment text", `{when: "id > 5", csv: {"card_number": {class: pan}, "cvv": {treat: token}}, header: true, else: {treat: redact}}`, "pci-authentication-data"},
		{"payment text", `{xml: {"/p/@card_number": {keep: measured here}}}`, "pci-pan-live"},
		{"payment jsonb", `{json: {"$.colour": {keep: measured here}}}`, ""},
	})
	found := refused(t, "pci", []string{"public.t: card_number text, pan_masked text"}, "public.t: {columns: {card_number: {treat: pan}, pan_masked: {treat: mask, keep_first: 6, keep_last: 4}}}")
	if !slices.Equal(found, []string{"pan-truncated-and-tokenised pan_masked"}) {
		t.Error(found)
	}
}

// C9: the profile hipaa-safe-harbor refuses plans in which one of the eighteen identifiers stays, or becomes something
// that is derived from it.
func TestC9HIPAARefusesIdentifiers(t *testing.T) {
	sparse := `"036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893"`
	gateCases(t, "hipaa-safe-harbor", []gateCase{
		{"last_name text", "{keep: measured here}", "hipaa-names"},
		{"last_name text", "{class: family_name, as: person}", ""},
		{"last_name text", "{treat: token}", "hipaa-names"},
		{"city text", "{keep: measured here}", "hipaa-places"},
		{"zip text", "{keep: measured here}", "hipaa-zip"},
		{"zip text", "{treat: generalize.postcode, sparse: [" + sparse + "]}", ""},
		{"zip text", "{treat: generalize.postcode}", "hipaa-zip"},
		{"zip text", "{treat: generalize.postcode, sparse: [\"036\"]}", "hipaa-zip"},
		{"zip text", "{treat: generalize.postcode, prefix: 4, sparse: [" + sparse + "]}", "hipaa-zip"},
		{"admission_date date", "{treat: shift}", "hipaa-dates"},
		{"admission_date date", "{treat: generalize.date, to: month}", "hipaa-dates"},
		{"admission_date date", "{treat: generalize.date, to: year}", ""},
		{"admission_date date", "{treat: truncate, to: year}", ""},
		{"birth_date date", "{treat: generalize.date, to: year}", "hipaa-birth-and-age"},
		{"birth_date date", "{treat: generalize.date, to: year, earliest: \"1940-01-01\"}", ""},
		{"patient_age int", "{treat: generalize.age}", ""},
		{"patient_age int", "{treat: generalize.age, fold: 95}", "hipaa-birth-and-age"},
		{"patient_age int", "{keep: measured here}", "hipaa-birth-and-age"},
		{"ssn text", "{treat: token}", "hipaa-numbers"},
		{"ssn text", "{treat: redact}", ""},
		{"email text", "{keep: measured here}", "hipaa-numbers"},
		{"photo bytea", "{keep: measured here}", "hipaa-biometrics-and-pictures"},
		{"notes text", "{treat: scrub}", "hipaa-free-text"},
		{"colour text", "{keep: measured here}", ""},
	})
}

// C9: the profile gdpr refuses plans that keep special categories, direct identifiers or secrets.
func TestC9GDPRRefusesKeptData(t *testing.T) {
	gateCases(t, "gdpr", []gateCase{
		{"religion text", "{keep: measured here}", "gdpr-special-category"},
		{"union_member bool", "{keep: measured here}", "gdpr-special-category"},
		{"diagnosis text", "{treat: redact}", ""},
		{"email text", "{keep: measured here}", "gdpr-identifier-kept"},
		{"email text", "{class: email}", ""},
		{"notes text", "{treat: scrub}", ""},
		{"notes text", "{keep: measured here}", "gdpr-identifier-kept"},
		{"password_hash text", "{keep: measured here}", "gdpr-secret-kept"},
		{"colour text", "{keep: measured here}", ""},
	})
}

func TestProfilesSayWhatTheyDoNotCover(t *testing.T) {
	for _, name := range []string{"pci", "hipaa-safe-harbor", "gdpr"} {
		set := rules(t, "revision: 1\npacks: ["+name+", baseline]\ntables: {public.t: {columns: {mail: {class: email}}}}\n")
		p, err := Build(set, schema(t, "public.t: mail text"), "staging")
		if err != nil {
			t.Fatal(err)
		}
		if len(set.Profiles) != 1 || set.Profiles[0].Name != name || len(set.Profiles[0].NotCovered) == 0 {
			t.Fatalf("%+v", set.Profiles)
		}
		notes := strings.Join(p.Notes, "\n")
		for _, want := range append(set.Profiles[0].NotCovered, "profile "+name+" compares the rules with", "1 column is pseudonymised, and still about persons") {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: the notes lack %q:\n%s", name, want, notes)
			}
		}
		for _, g := range set.Profiles[0].Gates {
			if g.Article == "" {
				t.Errorf("%s: gate %s has no article", name, g.Code)
			}
		}
	}
}
