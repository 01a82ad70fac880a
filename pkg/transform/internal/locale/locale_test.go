package locale

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestLocalesHaveEnoughOfEverything(t *testing.T) {
	for _, l := range All() {
		for what, list := range map[string][]string{"women": l.Female, "men": l.Male, "family names": l.Family, "streets": l.Streets, "cities": l.CityNames()} {
			least := map[string]int{"women": 150, "men": 150, "family names": 250, "streets": 60, "cities": 60}[what]
			if n := DistinctCut(list, 1<<20); int(n) != len(list) || len(list) < least {
				t.Errorf("%s: %d %s, %v of them different; want %d", l.Name, len(list), what, n, least)
			}
			for _, s := range list {
				if !norm.NFC.IsNormalString(s) || strings.TrimSpace(s) != s || s == "" {
					t.Errorf("%s: %q", l.Name, s)
				}
			}
		}
		if l.PhoneNumbers() < 5000 || len(l.Kinds) < 2 || len(l.Firms) < 5 || len(l.Regions) < 4 {
			t.Errorf("%s is thin", l.Name)
		}
	}
}

// Every letter of every name must have an ASCII spelling for e-mail addresses.
func TestNamesHaveASpellingInASCII(t *testing.T) {
	for _, l := range All() {
		for _, name := range slices.Concat(l.Female, l.Male, l.Family) {
			spelt := string(AppendLatin(nil, name))
			letters := 0
			for _, r := range name {
				if r != ' ' && r != '-' && r != '\'' {
					letters++
				}
				if r > 0x7f && latin(r) == "" {
					t.Errorf("%s: %c has no spelling", name, r)
				}
			}
			if len(spelt) < letters {
				t.Errorf("%s is spelt %s", name, spelt)
			}
		}
	}
}

func TestCitiesLieInTheirCountry(t *testing.T) {
	for _, l := range All() {
		used := map[int]bool{}
		for _, c := range l.Cities {
			used[c.Region] = true
			if c.Latitude < 2800 || c.Latitude > 5800 || c.Longitude < -12500 || c.Longitude > 2500 {
				if l.Name != "en" && l.Name != "es" || c.Latitude < 2500 || c.Latitude > 5000 {
					t.Errorf("%s lies at %d, %d", c.Name, c.Latitude, c.Longitude)
				}
			}
			if PatternSpace(c.Postcode) < 50 {
				t.Errorf("%s has the postcodes %s", c.Name, c.Postcode)
			}
		}
		if len(used) != len(l.Regions) {
			t.Errorf("%s: %d of %d regions have a city", l.Name, len(used), len(l.Regions))
		}
	}
}

// The field Numbers of a phone range must be the number of telephone numbers that fit the pattern.
func TestPhoneRangesCountTheirNumbers(t *testing.T) {
	for _, l := range All() {
		for _, r := range l.Phones {
			want := PatternSpace(r.Pattern)
			if strings.HasPrefix(r.Pattern, "A") {
				want *= areaCodes
			}
			if float64(r.Numbers) != want {
				t.Errorf("%s: %s has %v numbers, states %d", l.Name, r.Pattern, want, r.Numbers)
			}
		}
	}
}

func TestCutsCountCharacters(t *testing.T) {
	for _, c := range []struct {
		in   string
		room int
		want string
	}{
		{"Łódź", 4, "Łódź"},
		{"Łódź", 3, "Łód"},
		{"Łódź", 1, "Ł"},
		{"rue de la Paix", 8, "rue de l"},
		{"rue de la Paix", 7, "rue de"},
		{"Mullen-Page", 7, "Mullen"},
		{"M. X", 3, "M"},
	} {
		if got := string(AppendCut([]byte("é"), c.in, c.room)); got != "é"+c.want {
			t.Errorf("%q in %d became %q", c.in, c.room, got)
		}
	}
}

// The fingerprint must cover every field. Otherwise a changed field could change results without a change of the plan's
// digest.
func TestTheFingerprintCoversEveryField(t *testing.T) {
	for _, l := range All() {
		var b strings.Builder
		l.Fingerprint(&b)
		if all := fmt.Sprintf("%+v\n", *l); !strings.EqualFold(all, b.String()) {
			t.Errorf("%s: the fingerprint is not of all fields:\n%.300s\n%.300s", l.Name, all, b.String())
		}
	}
}
