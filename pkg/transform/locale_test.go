package transform

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestLocalesHaveEnoughOfEverything(t *testing.T) {
	for _, l := range locales() {
		for what, list := range map[string][]string{"women": l.female, "men": l.male, "family names": l.family, "streets": l.streets, "cities": l.cityNames()} {
			least := map[string]int{"women": 150, "men": 150, "family names": 250, "streets": 60, "cities": 60}[what]
			if n := distinctCut(list, 1<<20); int(n) != len(list) || len(list) < least {
				t.Errorf("%s: %d %s, %v of them different; want %d", l.name, len(list), what, n, least)
			}
			for _, s := range list {
				if !norm.NFC.IsNormalString(s) || strings.TrimSpace(s) != s || s == "" {
					t.Errorf("%s: %q", l.name, s)
				}
			}
		}
		if l.phoneNumbers() < 5000 || len(l.kinds) < 2 || len(l.firms) < 5 || len(l.regions) < 4 {
			t.Errorf("%s is thin", l.name)
		}
	}
}

// Every name must have a spelling for mail addresses, letter by letter.
func TestNamesHaveASpellingInASCII(t *testing.T) {
	for _, l := range locales() {
		for _, name := range append(l.givens(), l.family...) {
			spelt := string(appendLatin(nil, name))
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

func TestPlacesAreWhereTheirCountryIs(t *testing.T) {
	for _, l := range locales() {
		used := map[int]bool{}
		for _, c := range l.cities {
			used[c.region] = true
			if c.latitude < 2800 || c.latitude > 5800 || c.longitude < -12500 || c.longitude > 2500 {
				if l.name != "en" && l.name != "es" || c.latitude < 2500 || c.latitude > 5000 {
					t.Errorf("%s lies at %d, %d", c.name, c.latitude, c.longitude)
				}
			}
			if patternSpace(c.postcode) < 50 {
				t.Errorf("%s has the postcodes %s", c.name, c.postcode)
			}
		}
		if len(used) != len(l.regions) {
			t.Errorf("%s: %d of %d regions have a city", l.name, len(used), len(l.regions))
		}
	}
}

// Phone ranges say how many numbers their pattern has.
func TestPhoneRangesCountTheirNumbers(t *testing.T) {
	for _, l := range locales() {
		for _, r := range l.phones {
			want := patternSpace(r.pattern)
			if strings.HasPrefix(r.pattern, "A") {
				want *= areaCodes
			}
			if float64(r.numbers) != want {
				t.Errorf("%s: %s has %v numbers, states %d", l.name, r.pattern, want, r.numbers)
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
		if got := string(appendCut([]byte("é"), c.in, c.room)); got != "é"+c.want {
			t.Errorf("%q in %d became %q", c.in, c.room, got)
		}
	}
}

// A field that the version leaves out could change results without a plan's digest noticing.
func TestTheFingerprintCoversEveryField(t *testing.T) {
	for _, l := range locales() {
		var b strings.Builder
		l.fingerprint(&b)
		if all := fmt.Sprintf("%+v\n", *l); !strings.EqualFold(all, b.String()) {
			t.Errorf("%s: the fingerprint is not of all fields:\n%.300s\n%.300s", l.name, all, b.String())
		}
	}
}
