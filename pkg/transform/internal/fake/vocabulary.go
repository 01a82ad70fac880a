package fake

import (
	"slices"

	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// vocabulary returns the words that the results of f consist of, in all countries where the person may live. It returns
// nil for a kind without words, such as dates. A result that is longer than the column is cut, so its last word may be
// incomplete. The vocabulary has such an incomplete word only if the result was one word.
func (f fake) vocabulary(perRow bool) []string {
	locales := []*locale.Locale{f.l}
	if perRow {
		locales = locale.All()
	}
	var all []string
	for _, f.l = range locales {
		all = append(all, f.words()...)
	}
	for _, w := range all {
		if cut := string(locale.AppendCut(nil, w, f.room)); cut != w {
			all = append(all, cut)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// words returns the words of one country.
func (f *fake) words() []string {
	l := f.l
	switch f.kind.name {
	case "fake.given_name", "fake.middle_name":
		return givenNames(l)
	case "fake.family_name":
		return familyNames(l)
	case "fake.full_name":
		return append(givenNames(l), familyNames(l)...)
	case "fake.email":
		return locale.InLatin(append(givenNames(l), familyNames(l)...))
	case "fake.user_name":
		return locale.InLatin(givenNames(l))
	case "fake.title":
		return []string{l.Madam, l.Sir}
	case "fake.company":
		return slices.Concat(l.Family, l.Firms)
	case "fake.user_agent":
		return agents(f.list)
	}
	if words := f.placeWords(); words != nil {
		return words
	}
	return slices.Concat(append([][]string{f.list}, f.more...)...)
}

func (f *fake) placeWords() []string {
	l := f.l
	switch f.kind.name {
	case "fake.street":
		return roads(l)
	case "fake.city":
		return l.CityNames()
	case "fake.address":
		words := append(roads(l), l.CityNames()...)
		for _, r := range l.Regions {
			words = append(words, r.Code)
		}
		return words
	case "fake.region":
		var names []string
		for i := range l.Regions {
			names = append(names, f.region(&l.Regions[i]))
		}
		return names
	case "fake.country":
		return []string{l.Country}
	case "fake.country_code":
		return []string{l.Alpha2, l.Alpha3}
	}
	return nil
}

func givenNames(l *locale.Locale) []string { return slices.Concat(l.Female, l.Male) }

// familyNames returns the family names of a country, each in its forms for men and women.
func familyNames(l *locale.Locale) []string {
	names := slices.Clone(l.Family)
	for _, n := range l.Family {
		if feminine := string(inflected([]byte(n), l)); feminine != n {
			names = append(names, feminine)
		}
	}
	return names
}

// roads returns the roads of a country, and what their names are made of.
func roads(l *locale.Locale) []string {
	all := slices.Concat(l.Streets, l.Kinds)
	for _, name := range l.Streets {
		for _, kind := range l.Kinds {
			all = append(all, string(l.AppendRoad(nil, name, kind)))
		}
	}
	return all
}

func agents(systems []string) []string {
	all := make([]string, agentsPerSystem*len(systems))
	for n := range all {
		all[n] = string(appendAgent(nil, systems, n))
	}
	return all
}
