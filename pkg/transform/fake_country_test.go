package transform

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// countryUse is a fake that follows the country of another column, which is kept.
func countryUse(kind string) Use {
	return Use{
		Treatment: kind, Params: Params{"country": "country"},
		Reads: []Read{{Name: "country", Type: tText, Use: &Use{Treatment: "keep"}}},
	}
}

func TestFakesFollowTheCountryOfTheirRow(t *testing.T) {
	said := map[string]string{
		"DE": "de", "de": "de", "DEU": "de", "Germany": "de", "DEUTSCHLAND": "de", "de_DE": "de", "de-DE": "de", "de_DE.UTF-8": "de", " de ": "de",
		"en-US": "en", "USA": "en", "US": "en", "en_GB": "en_GB", "UK": "en_GB", "gbr": "en_GB", "España": "es", "ESPAÑA": "es", "fr_FR@euro": "fr",
		"PT": "pt", "pl": "pl", "The Netherlands": "nl", "it": "it",
		"AT": "en", "": "en", "pt_BR": "en", "Atlantis": "en", "\xff": "en", ".": "en", "@DE": "en",
	}
	phone, same := compile(t, tText, countryUse("fake.phone")), map[string]Transform{}
	for _, l := range locales() {
		same[l.name] = compile(t, tText, Use{Treatment: "fake.phone", Params: Params{"locale": l.name}})
	}
	for text, want := range said {
		for i := range 20 {
			in := strconv.Itoa(i)
			if got := run(t, phone, in, row(text)); got != run(t, same[want], in, nil) {
				t.Errorf("%q: %s is not of %s", text, got, want)
			}
		}
	}
	if got := run(t, phone, "7", siblings{nil}); got != run(t, same["en"], "7", nil) {
		t.Errorf("NULL: %s", got)
	}
}

// Equal values of two countries become two, so no foreign key may rely on them.
func TestFakesThatFollowACountryPromiseNoEquality(t *testing.T) {
	for _, kind := range []string{"fake.email", "fake.city"} {
		if traits, err := Check(column(tText), countryUse(kind)); err != nil || traits.Equality {
			t.Errorf("%s: %+v, %v", kind, traits, err)
		}
		if traits, err := Check(column(tText), Use{Treatment: kind}); err != nil || !traits.Equality {
			t.Errorf("%s: %+v, %v", kind, traits, err)
		}
	}
}

func TestTheLocaleStandsInForUnknownCountries(t *testing.T) {
	u := countryUse("fake.city")
	u.Params["locale"] = "pl"
	want := Use{Treatment: "fake.city", Params: Params{"locale": "pl"}}
	if a, b := run(t, compile(t, tText, u), "x", row("Atlantis")), run(t, compile(t, tText, want), "x", nil); a != b {
		t.Errorf("%s and %s", a, b)
	}
}

// What the country becomes counts, not what it is; and a subject stands behind what is read.
func TestFakesFollowWhatTheCountryBecomes(t *testing.T) {
	u := asPerson("fake.postcode")
	u.Params = Params{"country": "country"}
	u.Reads = []Read{{Name: "country", Type: tText, Use: &Use{Treatment: "constant", Params: Params{"value": "NL"}}}}
	c := column(tText)
	traits, err := Check(c, u)
	if err != nil || strings.Join(traits.Needs, " ") != "country id" {
		t.Fatalf("needs %v, %v", traits.Needs, err)
	}
	got := run(t, compile(t, tText, u), "x", row("DE", "1"))
	if want := run(t, compile(t, tText, living("fake.postcode", "nl")), "x", row("1")); got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// A column must hold what any country of its rows may bring.
func TestFakesThatFollowACountryFitInAnyOfThem(t *testing.T) {
	for room := 1; room < 40; room++ {
		for _, kind := range []string{"fake.postcode", "fake.phone", "fake.street", "fake.country", "fake.license_plate"} {
			c := column(textType(room))
			_, err := Check(c, countryUse(kind))
			for _, l := range locales() {
				if _, own := Check(c, Use{Treatment: kind, Params: Params{"locale": l.name}}); err == nil && own != nil {
					t.Errorf("%s in %d does not fit %s", kind, room, l.name)
				}
			}
			if err != nil {
				continue
			}
			tr := compile(t, c.Type, countryUse(kind))
			for _, l := range locales() {
				if out := run(t, tr, "x", row(l.alpha2)); len([]rune(out)) > room {
					t.Errorf("%s in %d: %q", kind, room, out)
				}
			}
		}
	}
}

func TestFakesOfARowsCountryDoNotAllocate(t *testing.T) {
	for _, kind := range []string{"fake.given_name", "fake.full_name", "fake.email", "fake.phone", "fake.street"} {
		var r Row = row("Deutschland")
		tr, dst, cell := compile(t, tText, countryUse(kind)), make([]byte, 0, 256), Cell{Text: []byte("x")}
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
		col        Column
		use        Use
		param, say string
	}{
		{column(tText), Use{Treatment: "fake.city", Params: Params{"locale": "xx"}}, "locale", "en_GB"},
		{column(tText), Use{Treatment: "fake.city", Params: Params{"locale": int64(1)}}, "locale", "quote"},
		{column(tText), Use{Treatment: "fake.city", Params: Params{"country": int64(1)}}, "country", "column"},
		{column(tText), Use{Treatment: "fake.uuid", Params: Params{"locale": "de"}}, "locale", "takes none"},
		{column(tEnum), Use{Treatment: "fake.gender"}, "values", "name the two"},
		{column(tEnum), Use{Treatment: "fake.gender", Params: Params{"values": []any{"happy", "no"}}}, "values", "label"},
		{column(tText), Use{Treatment: "fake.gender", Params: Params{"values": []any{"F", "F"}}}, "values", "different"},
		{column(tDate), Use{Treatment: "fake.birth_date", Params: Params{"range": []any{"2000-01-01", "1990-01-01"}}}, "range", "earlier first"},
		{column(tDate), Use{Treatment: "fake.date", Params: Params{"range": []any{"2000-01-01", "2000-02-30"}}}, "range", "two days"},
		{column(tInt2), Use{Treatment: "fake.integer", Params: Params{"range": []any{int64(0), int64(40000)}}}, "range", "32767"},
		{column(tInt4), Use{Treatment: "fake.integer"}, "range", "needs it"},
		{column(tMoney), Use{Treatment: "fake.number", Params: Params{"range": []any{int64(0), int64(100000000)}}}, "range", "leaves"},
		{column(tMoney), Use{Treatment: "fake.number", Params: Params{"range": []any{int64(0), int64(10)}, "decimals": int64(3)}}, "decimals", "has 2"},
		{column(tBool), Use{Treatment: "fake.boolean", Params: Params{"true_percent": int64(100)}}, "true_percent", "99"},
		{column(tText), Use{Treatment: "fake.choice"}, "values", "list"},
		{column(textType(3)), Use{Treatment: "fake.choice", Params: Params{"values": []any{"open"}}}, "values", "characters"},
		{column(textType(1)), Use{Treatment: "fake.country_code"}, "treat", "2 characters"},
		{column(textType(7)), Use{Treatment: "fake.postcode", Params: Params{"locale": "pt"}}, "treat", "8 characters"},
		{column(textType(40)), Use{Treatment: "fake.user_agent"}, "treat", "characters"},
		{column(tText), Use{Treatment: "fake.sentence", Params: Params{"length": int64(3)}}, "length", "16"},
	}
	for _, c := range cases {
		_, err := Check(c.col, c.use)
		var p *ParamError
		if !errors.As(err, &p) || p.Param != c.param || !strings.Contains(p.Text, c.say) {
			t.Errorf("%s %v: got %v; want %s with %q", c.use.Treatment, c.use.Params, err, c.param, c.say)
		}
	}
}

func FuzzFakesFollowAnyCountry(f *testing.F) {
	for _, s := range []string{"", "DE", "de_DE.UTF-8", "España", "\xff\xfe", "de-", "__.__", "İ", strings.Repeat("x", 300)} {
		f.Add(s, s)
	}
	compiled := map[string]Transform{}
	for _, kind := range []string{"fake.phone", "fake.email", "fake.address"} {
		compiled[kind] = compile(f, textType(24), countryUse(kind))
	}
	f.Fuzz(func(t *testing.T, country, in string) {
		for kind, tr := range compiled {
			out := run(t, tr, in, row(country))
			if n := utf8.RuneCountInString(out); n == 0 || n > 24 || !utf8.ValidString(out) {
				t.Errorf("%s: %q", kind, out)
			}
		}
	})
}
