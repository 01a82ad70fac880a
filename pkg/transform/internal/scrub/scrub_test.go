package scrub_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// scrubbing is the treatment scrub on a text column, with a row. The treatment finds the values of this row.
type scrubbing struct {
	transform.Transform
	row transformtest.Siblings
}

// scrubberOf returns a scrubbing for pairs of a value and its result. A value that begins with 1984- is in a column of
// type date.
func scrubberOf(t testing.TB, typ catalog.Type, params transform.Params, pairs ...string) scrubbing {
	t.Helper()
	u := transform.Use{Treatment: "scrub", Params: transform.Params{}}
	for name, v := range params {
		u.Params[name] = v
	}
	var mentions []any
	var s scrubbing
	for i := 0; i < len(pairs); i += 2 {
		name, of := "c"+strconv.Itoa(i), transformtest.Text
		if strings.HasPrefix(pairs[i], "1984-") {
			of = transformtest.Date
		}
		mentions = append(mentions, name)
		u.Reads = append(u.Reads, transform.Read{Name: name, Type: of, Use: &transform.Use{Treatment: "constant", Params: transform.Params{"value": pairs[i+1]}}})
		s.row = append(s.row, []byte(pairs[i]))
	}
	if mentions != nil {
		u.Params["mentions"] = mentions
	}
	s.Transform = transformtest.Compile(t, typ, u)
	return s
}

func (s scrubbing) run(t testing.TB, text string) string {
	t.Helper()
	return transformtest.Run(t, s.Transform, text, s.row)
}

func TestScrubFindsMentions(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil, "Anna", "Lauren", "Müller", "Smith", "anna.mueller@acme.io", "lauren@example.com",
		"+49 30 1234567", "+1-212-555-0142", "Anna Müller", "Lauren Smith", "4111111111111111", "4000000000000002",
		"田中", "Baker", "Jo", "Al", "DE89370400440532013000", "DE00IBAN", "1984-02-29", "1990-12-01")
	for in, want := range map[string]string{
		"Anna":                                       "Lauren",
		"ANNA and anna.":                             "LAUREN and lauren.",
		"Anna's Annas ánna Annabel":                  "Lauren's Laurens lauren Annabel",
		"Mueller, MÜLLER, Muller":                    "Smith, SMITH, Smith",
		"Mu\u0308ller":                               "Smith",
		"Anna  Müller":                               "Lauren Smith",
		"Anna\u00adMüller An\u00adna":                "Lauren\u00adSmith Lauren",
		"anna.mueller@acme.io":                       "lauren@example.com",
		"mail:Anna.Mueller@ACME.io, x":               "mail:lauren@example.com, x",
		"tel. 030/1234567 or 0049-30-1234567":        "tel. +1-212-555-0142 or +1-212-555-0142",
		"card 4111 1111 1111 1111":                   "card 4000000000000002",
		"田中さんは":                                      "Bakerさんは",
		"Jo and jo":                                  "Al and jo",
		"born 29.02.1984, 29 February 1984, 2/29/84": "born 01.12.1990, 01 December 1990, 12/01/90",
		"DE89 3704 0044 0532 0130 00":                "DE00IBAN",
		"nothing here":                               "nothing here",
	} {
		if got := s.run(t, in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}

func TestScrubFindsPatterns(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil)
	for _, in := range []string{
		"ada@acme.io", "ada@localhost", `"ada l"@acme.io`, "ada@[192.0.2.1]", "jörg@müller.de", "https://acme.io/ada?x=1", "www.acme.io", "acme.io/ada",
		"7d444840-9dc0-11d1-b245-5ffdce74fad2", "aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF", "aabb.ccdd.eeff", "10.1.2.3", "fe80::1", "::ffff:10.1.2.3",
		"2001:db8:0:0:0:0:2:1", "2024-02-29", "29.2.2024", "2/29/2024", "29 February 2024", "Feb 29, 2024", "29th Feb 2024", "29. Februar 2024",
		"29 de febrero de 2024", "12 stycznia 1999", "29-Feb-2024",
		"4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32",
		"123-45-6789", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "AB123456C", "AB 12 34 56 C", "111.444.777-35", "756.9217.0769.85",
		"+49 30 1234567", "(212) 555-0199", "212-555-0199", "030 1234567", "06 12 34 56 78", "555-0199", "+1 (212) 555-0199", "0171/1234567",
		"sk_live_abcdefgh12345678", "ghp_abcdefghijklmnop", "d41d8cd98f00b204e9800998ecf8427e",
		"123456", "AC1234567", "123-456-789", "1234567890123456789012345678901234567890123456",
	} {
		for _, around := range [][2]string{{"", ""}, {"see ", " now"}, {"(", ")"}, {"x: ", ", y"}, {"„", "“"}, {"電", "番"}, {"\n", "."}} {
			text := around[0] + in + around[1]
			got := s.run(t, text)
			if strings.Contains(got, in) || !strings.HasPrefix(got, around[0]) || !strings.HasSuffix(got, around[1]) {
				t.Errorf("%q became %q", text, got)
			}
		}
		t.Logf("%-40s %s", in, s.run(t, in))
	}
}

func TestScrubLeavesTheRest(t *testing.T) {
	s := scrubberOf(t, transformtest.Text, nil)
	for _, in := range []string{
		"", "The order was late.", "10:15 on the 3rd floor, 5 of 12345", "2023/2024", "v1.2.3", "a@ b", "@home", "std::string", "10:15:30", "1.50 EUR", "e.g. and/or",
		"May I?", "Mark 5", "A4-B5", "C++", "5 + 3 = 8", "(see 7)", "100 %", "x²", "€ 12,345",
	} {
		if got := s.run(t, in); got != in {
			t.Errorf("%q became %q", in, got)
		}
	}
}
