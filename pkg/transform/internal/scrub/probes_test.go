package scrub_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// probe is a text with personal data. MustNotSurvive is the part of the text that must not be in the result.
type probe struct {
	Kind           string `json:"kind"`
	Text           string `json:"text"`
	MustNotSurvive string `json:"must_not_survive"`
}

// probes reads one of the files in testdata. Each line of the file is a probe in JSON.
func probes(t testing.TB, name string) (list []probe) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var p probe
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		list = append(list, p)
	}
	return list
}

// The row has columns for the given name and the family name. No column contains the addresses and numbers in the
// probes, so scrub must find them by their form.
func TestP10ProbesDoNotSurvive(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil, "Jürgen", "Kyle", "Müller-Lüdenscheidt", "Perkins")
	for _, file := range []string{"testdata/probes.jsonl", "testdata/ownprobes.jsonl"} {
		for _, p := range probes(t, file) {
			if got := s.run(t, p.Text); strings.Contains(got, p.MustNotSurvive) {
				t.Errorf("%s: %q became %q", p.Kind, p.Text, got)
			} else {
				t.Logf("%-22s %-40q %q", p.Kind, p.Text, got)
			}
		}
	}
}

// The texts contain no personal data, or only a name that is not in the row. They must not change.
func TestP10OrdinaryTextsStay(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil, "Jürgen", "Kyle", "Müller-Lüdenscheidt", "Perkins", "Ada", "Lara")
	for _, text := range []string{
		"Order 48213 was late.", "order #48213-A", "ticket 4711 is open", "Bestellung 12345 ist da", "SKU AB12-3456", "item A4-B5, size 42",
		"12.50 EUR", "€ 1,234.56", "1.234,56 €", "$99.99", "100 %", "50% off", "1000 - 2000", "3 x 4 = 12", "0.1 (106,456 rows)",
		"v1.2.3", "Version 17.2.1", "Python 3.11.4", "Windows 10.0.19041", "Go 1.26.8", "PostgreSQL 15.18", "node18.19",
		"10:15 to 11:45", "at 10:15:30", "10:15, 12 seats", "5 of 12345", "2023/2024", "2023 - 2024", "in March", "the 3rd floor", "May I?", "one may ask", "first of May",
		"the second march of the day", "Q3 2024", "ISO 9001", "A4", "USB 3.0", "5G", "H2O", "CO2", "B2B", "C++", "x²", "½ cup", "№ 5", "① first", "50 °C", "it is 25° outside",
		"std::string", "e.g. and/or", "input/output/error", "AT&T", "R&D", "a & b", "Q&A; more", "if a < b > c", "a<br>b", "<p>text</p>", "100%", "%d items", "C:\\new\\notes", "\\d+ \\w",
		"(see 7)", "[x] done", "{a}", "(at 5)", "look at this", "meet at acme", "we met at noon", "work at acme.io", "dot your i", "to the point", "@home", "@media print", "@Override", "@angular/core", "a@ b",
		"@param name", "password reset was sent", "the password is wrong", "the password is required", "I forgot my password.", "password: ******", "Passwort vergessen", "the token expired",
		"a new token is needed", "pin the message", "the secret of good tea", "my username was not accepted", "sign in to your account", "customer since 2019", "call me tomorrow", "the cell phone broke",
		"key: value", "key: laptop, key: default", "the next exit 5", "Room 12", "Platform 9", "Lane closed", "way to go", "the road is long", "5 ways to win", "10 new ideas", "3 Sterne",
		"via email", "on route", "10 Minuten Weg", "ein langer Weg", "Platz nehmen", "12.5 kg, 3.75 m", "1.5 to 2.5", "lat and lon", "/home", "/users/me", "/api/v2/orders", "src/main/resources",
		"getCustomerName", "internationalization", "AbstractSingletonProxyFactoryBean", "Donaudampfschifffahrtsgesellschaft", "TotalCommander2000", "Canada and Nevada", "adapt the adapter", "Madagascar",
		"an urgent urge", "Müll und Mühle", "the juror", "Adagio", "well-\nknown", "line one\nline two", "a b c d", "U S A", "i.e. this", "I - a", "don't", "rock'n'roll", "it's 5 o'clock",
		"日本語のテキスト。", "これは注文です。", "Привет, мир", "Γειά σου Κόσμε", "naïve café", "ﬁne", "emoji 👩‍💻 works", "→ next", "“quoted” – dash — dash", "a\u00a0b", "soft\u00adware",
	} {
		if got := s.run(t, text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
