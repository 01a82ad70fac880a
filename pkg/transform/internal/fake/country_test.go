package fake_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

// countryUse returns a use of a fake that reads the country from another column, which has the treatment keep.
func countryUse(kind string) transform.Use {
	return transform.Use{
		Treatment: kind, Params: transform.Params{"country": "country"},
		Reads: []transform.Read{{Name: "country", Type: transformtest.Text, Use: &transform.Use{Treatment: "keep"}}},
	}
}

func TestFakesFollowTheCountryOfTheirRow(t *testing.T) {
	said := map[string]string{
		"DE": "de", "de": "de", "DEU": "de", "Germany": "de", "DEUTSCHLAND": "de", "de_DE": "de", "de-DE": "de", "de_DE.UTF-8": "de", " de ": "de",
		"en-US": "en", "USA": "en", "US": "en", "en_GB": "en_GB", "UK": "en_GB", "gbr": "en_GB", "España": "es", "ESPAÑA": "es", "fr_FR@euro": "fr",
		"PT": "pt", "pl": "pl", "The Netherlands": "nl", "it": "it",
		"AT": "en", "": "en", "pt_BR": "en", "Atlantis": "en", "\xff": "en", ".": "en", "@DE": "en",
	}
	phone, same := transformtest.Compile(t, transformtest.Text, countryUse("fake.phone")), map[string]transform.Transform{}
	for _, l := range locale.All() {
		same[l.Name] = transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "fake.phone", Params: transform.Params{"locale": l.Name}})
	}
	for text, want := range said {
		for i := range 20 {
			in := strconv.Itoa(i)
			if got := transformtest.Run(t, phone, in, transformtest.Row(text)); got != transformtest.Run(t, same[want], in, nil) {
				t.Errorf("%q: %s does not belong to %s", text, got, want)
			}
		}
	}
	if got := transformtest.Run(t, phone, "7", transformtest.Siblings{nil}); got != transformtest.Run(t, same["en"], "7", nil) {
		t.Errorf("NULL: %s", got)
	}
}

// Equal values in two countries can get different results. Therefore the treatment must not promise equality.
func TestFakesThatFollowACountryPromiseNoEquality(t *testing.T) {
	for _, kind := range []string{"fake.email", "fake.city"} {
		if traits, err := library.Check(transformtest.Column(transformtest.Text), countryUse(kind)); err != nil || traits.Equality {
			t.Errorf("%s: %+v, %v", kind, traits, err)
		}
		if traits, err := library.Check(transformtest.Column(transformtest.Text), transform.Use{Treatment: kind}); err != nil || !traits.Equality {
			t.Errorf("%s: %+v, %v", kind, traits, err)
		}
	}
}

func TestUnknownCountriesUseTheLocale(t *testing.T) {
	u := countryUse("fake.city")
	u.Params["locale"] = "pl"
	want := transform.Use{Treatment: "fake.city", Params: transform.Params{"locale": "pl"}}
	if a, b := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "x", transformtest.Row("Atlantis")), transformtest.Run(t, transformtest.Compile(t, transformtest.Text, want), "x", nil); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

// A fake reads the result of the country's column, not the source value. In Needs, the subject follows the columns that
// are read.
func TestFakesFollowTheResultOfTheCountry(t *testing.T) {
	u := asPerson("fake.postcode")
	u.Params = transform.Params{"country": "country"}
	u.Reads = []transform.Read{{Name: "country", Type: transformtest.Text, Use: &transform.Use{Treatment: "constant", Params: transform.Params{"value": "NL"}}}}
	c := transformtest.Column(transformtest.Text)
	traits, err := library.Check(c, u)
	if err != nil || strings.Join(traits.Needs, " ") != "country id" {
		t.Fatalf("needs %v, %v", traits.Needs, err)
	}
	got := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), "x", transformtest.Row("DE", "1"))
	if want := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, living("fake.postcode", "nl")), "x", transformtest.Row("1")); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// If a fake follows a country, its column must be long enough for the results of every country.
func TestFakesThatFollowACountryFitInEveryCountry(t *testing.T) {
	for room := 1; room < 40; room++ {
		for _, kind := range []string{"fake.postcode", "fake.phone", "fake.street", "fake.country", "fake.license_plate"} {
			c := transformtest.Column(treatment.TextType(room))
			_, err := library.Check(c, countryUse(kind))
			for _, l := range locale.All() {
				if _, own := library.Check(c, transform.Use{Treatment: kind, Params: transform.Params{"locale": l.Name}}); err == nil && own != nil {
					t.Errorf("%s in %d does not fit %s", kind, room, l.Name)
				}
			}
			if err != nil {
				continue
			}
			tr := transformtest.Compile(t, c.Type, countryUse(kind))
			for _, l := range locale.All() {
				if out := transformtest.Run(t, tr, "x", transformtest.Row(l.Alpha2)); len([]rune(out)) > room {
					t.Errorf("%s in %d: %q", kind, room, out)
				}
			}
		}
	}
}

func TestFakesOfARowsCountryDoNotAllocate(t *testing.T) {
	for _, kind := range []string{"fake.given_name", "fake.full_name", "fake.email", "fake.phone", "fake.street"} {
		var r transform.Row = transformtest.Row("Deutschland")
		tr, dst, cell := transformtest.Compile(t, transformtest.Text, countryUse(kind)), make([]byte, 0, 256), transform.Cell{Text: []byte("x")}
		n := testing.AllocsPerRun(50, func() {
			if _, _, err := tr.Append(dst, cell, r); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", kind, n)
		}
	}
}

func TestFakeRulesAreCheckedAtPlanTime(t *testing.T) {
	cases := []struct {
		col        transform.Column
		use        transform.Use
		param, say string
	}{
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.city", Params: transform.Params{"locale": "xx"}}, "locale", "en_GB"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.city", Params: transform.Params{"locale": int64(1)}}, "locale", "quote"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.city", Params: transform.Params{"country": int64(1)}}, "country", "column"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.uuid", Params: transform.Params{"locale": "de"}}, "locale", "takes max_length"},
		{transformtest.Column(transformtest.Enum), transform.Use{Treatment: "fake.gender"}, "values", "list the two labels"},
		{transformtest.Column(transformtest.Enum), transform.Use{Treatment: "fake.gender", Params: transform.Params{"values": []any{"happy", "no"}}}, "values", "label"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.gender", Params: transform.Params{"values": []any{"F", "F"}}}, "values", "different"},
		{transformtest.Column(transformtest.Date), transform.Use{Treatment: "fake.birth_date", Params: transform.Params{"range": []any{"2000-01-01", "1990-01-01"}}}, "range", "earlier first"},
		{transformtest.Column(transformtest.Date), transform.Use{Treatment: "fake.date", Params: transform.Params{"range": []any{"2000-01-01", "2000-02-30"}}}, "range", "two days"},
		{transformtest.Column(transformtest.Int2), transform.Use{Treatment: "fake.integer", Params: transform.Params{"range": []any{int64(0), int64(40000)}}}, "range", "32767"},
		{transformtest.Column(transformtest.Int4), transform.Use{Treatment: "fake.integer"}, "range", "needs it"},
		{transformtest.Column(transformtest.Money), transform.Use{Treatment: "fake.number", Params: transform.Params{"range": []any{int64(0), int64(100000000)}}}, "range", "is larger"},
		{transformtest.Column(transformtest.Money), transform.Use{Treatment: "fake.number", Params: transform.Params{"range": []any{int64(0), int64(10)}, "decimals": int64(3)}}, "decimals", "more than the 2 decimals"},
		{transformtest.Column(transformtest.Bool), transform.Use{Treatment: "fake.boolean", Params: transform.Params{"true_percent": int64(100)}}, "true_percent", "99"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.choice"}, "values", "list"},
		{transformtest.Column(treatment.TextType(3)), transform.Use{Treatment: "fake.choice", Params: transform.Params{"values": []any{"open"}}}, "values", "characters"},
		{transformtest.Column(treatment.TextType(1)), transform.Use{Treatment: "fake.country_code"}, "treat", "2 characters"},
		{transformtest.Column(treatment.TextType(7)), transform.Use{Treatment: "fake.postcode", Params: transform.Params{"locale": "pt"}}, "treat", "8 characters"},
		{transformtest.Column(treatment.TextType(40)), transform.Use{Treatment: "fake.user_agent"}, "treat", "characters"},
		{transformtest.Column(transformtest.Text), transform.Use{Treatment: "fake.sentence", Params: transform.Params{"length": int64(3)}}, "length", "16"},
	}
	for _, c := range cases {
		_, err := library.Check(c.col, c.use)
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != c.param || !strings.Contains(p.Text, c.say) {
			t.Errorf("%s %v: got %v; want %s with %q", c.use.Treatment, c.use.Params, err, c.param, c.say)
		}
	}
}

func FuzzFakesFollowAnyCountry(f *testing.F) {
	for _, s := range []string{"", "DE", "de_DE.UTF-8", "España", "\xff\xfe", "de-", "__.__", "İ", strings.Repeat("x", 300)} {
		f.Add(s, s)
	}
	compiled := map[string]transform.Transform{}
	for _, kind := range []string{"fake.phone", "fake.email", "fake.address"} {
		compiled[kind] = transformtest.Compile(f, treatment.TextType(24), countryUse(kind))
	}
	f.Fuzz(func(t *testing.T, country, in string) {
		for kind, tr := range compiled {
			out := transformtest.Run(t, tr, in, transformtest.Row(country))
			if n := utf8.RuneCountInString(out); n == 0 || n > 24 || !utf8.ValidString(out) {
				t.Errorf("%s: %q", kind, out)
			}
		}
	})
}
