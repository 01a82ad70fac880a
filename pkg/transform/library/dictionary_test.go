package library_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// entriesOf returns the dictionary of a use, the longest entries first.
func entriesOf(typ catalog.Type, u transform.Use) []string {
	list := slices.Clone(library.Dictionary(transformtest.Column(typ), u))
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return list
}

// Every result of a treatment that chooses whole words is in the dictionary, even if the column is too short for some
// results.
func TestTheDictionaryHasEveryWholeResult(t *testing.T) {
	short := catalog.Type{Name: "character varying", Base: "varchar", Family: catalog.Text, MaxLen: 5}
	for _, locale := range []string{"en", "en_GB", "de", "fr", "es", "it", "nl", "pl", "pt"} {
		for _, name := range []string{"given_name", "middle_name", "family_name", "city", "title", "region", "country", "country_code", "job_title", "department", "color", "word", "gender", "user_agent"} {
			for _, typ := range []catalog.Type{transformtest.Text, short} {
				u := using("fake." + name)
				if spec, _ := library.Lookup(u.Treatment); slices.ContainsFunc(spec.Params, func(p transform.Param) bool { return p.Name == "locale" }) {
					u = using("fake."+name, "locale", locale)
				}
				if _, err := library.Check(transformtest.Column(typ), u); err != nil && typ.MaxLen > 0 {
					continue // the column is too short for any result
				}
				whole := map[string]bool{}
				for _, w := range entriesOf(typ, u) {
					whole[w] = true
				}
				to := transformtest.Compile(t, typ, u)
				for i := range 3000 {
					if out := transformtest.Run(t, to, fmt.Sprint(i), nil); !whole[out] {
						t.Fatalf("%s, %s, %d characters: %q is not among %d entries", name, locale, typ.MaxLen, out, len(whole))
					}
				}
			}
		}
	}
}

// The results of fakes consist of dictionary entries, digits and short codes only. The test fails for a new fake
// without a dictionary.
func TestTheDictionaryHasEveryWord(t *testing.T) {
	wordless := map[string]int{ // largest number of letters in a row that may be in no entry
		"fake.postcode": 2, "fake.address": 2, "fake.license_plate": 3, "fake.initials": 2, "fake.ipv6": 4, "fake.mac_address": 2, "fake.uuid": 12,
		"fake.email": 11, "fake.user_name": 11, "fake.domain_name": 11, "fake.url": 11,
	}
	for _, spec := range library.All() {
		if !strings.HasPrefix(spec.Name, "fake.") || !spec.Takes(catalog.Text) || spec.Name == "fake.choice" {
			continue
		}
		for _, locale := range []string{"en", "de", "fr", "pl", "nl"} {
			u := using(spec.Name)
			if slices.ContainsFunc(spec.Params, func(p transform.Param) bool { return p.Name == "locale" }) {
				u = using(spec.Name, "locale", locale)
			}
			entries, to := entriesOf(transformtest.Text, u), transformtest.Compile(t, transformtest.Text, u)
			for i := range 100 {
				out := transformtest.Run(t, to, fmt.Sprint(i), nil)
				if n := unknown(out, entries); n > wordless[spec.Name] {
					t.Fatalf("%s, %s: %d letters of %q are in no entry", spec.Name, locale, n, out)
				}
			}
		}
	}
}

// unknown removes the entries and the reserved domains from a text. It returns the largest number of letters in one
// word of the rest.
func unknown(text string, entries []string) int {
	text = strings.ToLower(text)
	for _, e := range append([]string{"https://example.com", "https://example.org", "https://example.net", "@example.com", "@example.org", "@example.net", ".example"}, entries...) {
		text = strings.ReplaceAll(text, strings.ToLower(e), " ")
	}
	longest := 0
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && (r < '0' || r > '9') }) {
		letters := 0
		for _, r := range run {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		longest = max(longest, letters)
	}
	return longest
}

func TestDictionariesOfOtherTreatments(t *testing.T) {
	id := transformtest.Int4
	mentioned := using("scrub", "mentions", []any{"name"}, "names", true)
	mentioned.Reads = []transform.Read{{Name: "name", Type: transformtest.Text, Use: &transform.Use{Treatment: "constant", Params: transform.Params{"value": "nobody"}}}}
	perRow := using("fake.city", "country", "land")
	perRow.Reads = []transform.Read{{Name: "land", Type: transformtest.Text, Use: &transform.Use{Treatment: "keep"}}}
	learned := using("sample")
	learned.Subject, learned.SubjectType, learned.As, learned.Model = "id", &id, "a", &transform.Model{Weights: []float64{1}, Labels: []string{"basic"}}
	for what, c := range map[string]struct {
		typ  catalog.Type
		use  transform.Use
		want []string // some entries; nil for no dictionary
	}{
		"constant":      {transformtest.Text, using("constant", "value", "n/a"), []string{"n/a"}},
		"redact":        {transformtest.Text, using("redact"), []string{"[redacted]"}},
		"map":           {transformtest.Text, using("map", "values", map[string]any{"a": "x", "b": "y"}, "default", "z"), []string{"x", "y", "z"}},
		"map, redacted": {transformtest.Text, using("map", "values", map[string]any{"a": "x"}, "otherwise", "redact"), []string{"x", "[redacted]"}},
		"choice":        {transformtest.Text, using("fake.choice", "values", []any{"a", "b"}), []string{"a", "b"}},
		"labels":        {transformtest.Enum, using("fake.choice"), []string{"sad", "ok", "happy"}},
		"scrub":         {transformtest.Text, mentioned, []string{"nobody", "[phone]", "[redacted]", "Kyle", "Perkins"}},
		"sample":        {transformtest.Text, learned, []string{"basic"}},
		"a country":     {transformtest.Text, perRow, []string{"Louisville", "La Spezia", "Berlin"}},
		"street":        {transformtest.Text, using("fake.street", "locale", "de"), []string{"Ginsterallee", "Ginster", "allee"}},
		"women":         {transformtest.Text, using("fake.family_name", "locale", "pl"), []string{"Kowalski", "Kowalska"}},
		"token":         {transformtest.Text, using("token"), nil},
		"mask":          {transformtest.Text, using("mask"), nil},
		"null":          {transformtest.Text, using("null"), nil},
		"phone":         {transformtest.Text, using("fake.phone"), nil},
		"birth date":    {transformtest.Date, using("fake.birth_date"), nil},
		"a document":    {transformtest.JSONB, parts("json", "$.a", "redact"), nil},
		"not allowed":   {transformtest.Int4, using("fake.city"), nil},
	} {
		got := library.Dictionary(transformtest.Column(c.typ), c.use)
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %q is not among %d entries", what, w, len(got))
			}
		}
		if c.want == nil && len(got) > 0 {
			t.Errorf("%s: %d entries", what, len(got))
		}
	}
}
