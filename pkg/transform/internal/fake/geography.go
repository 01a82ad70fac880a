package fake

import (
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

func geographyFakes() []*kind {
	return []*kind{
		{
			name: "fake.street", summary: "invents a street and a house number",
			doc:     "The result has the form that is usual in the country: 295 Hawthorn Court, Lindenstraße 12, Calle de la Fuente, 12. A result that is too long for the column is cut. A street of that name may exist.",
			samples: []sample{{out: "295 Glen Boulevard"}, {subject: "1", out: "5774 Long Road"}, {params: transform.Params{"locale": "de"}, out: "Ginsterallee 6"}},
			least:   fixedLength(8), full: streetFull, space: streetSpace,
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				start := len(dst)
				return locale.CutAt(appendStreet(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.city", summary: "picks a city",
			doc:     "The result is one of the larger cities of the locale. All of them are equally likely. A result that is too long for the column is cut.",
			samples: []sample{{out: "Grand Rapids"}, {subject: "1", out: "Louisville"}, {params: transform.Params{"locale": "it"}, out: "La Spezia"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return locale.LongestOf(f.l.CityNames()) },
			space:   func(f *fake) float64 { return locale.DistinctCut(f.l.CityNames(), f.room) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				return locale.AppendCut(dst, home(f.l, s).Name, f.room)
			},
		},
		{
			name: "fake.postcode", summary: "invents a postcode",
			doc:     "The result has the form of the country's postcodes. It begins like the postcodes of the city that fake.city gives the same person. The rest is invented. The postcode may not exist.",
			samples: []sample{{out: "33129"}, {subject: "1", out: "40278"}, {params: transform.Params{"locale": "en_GB"}, out: "NE3 6LH"}},
			least:   postcodeLen, full: postcodeLen, space: postcodeSpace,
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				return locale.AppendPattern(dst, home(f.l, s).Postcode, draw.Lane(s, lanePostcode))
			},
		},
		{
			name: "fake.address", summary: "invents an address on one line",
			doc:     "The result is the street, postcode and city that fake.street, fake.postcode and fake.city give the same person: Lindenstraße 12, 10115 Berlin. A result that is too long for the column is cut.",
			samples: []sample{{out: "5868 Willow Road, Salt Lake City, UT 84180"}, {subject: "1", out: "5774 Long Road, Louisville, KY 40278"}, {params: transform.Params{"locale": "nl"}, out: "Zonnebloemsingel 117, 3580 ZZ Utrecht"}},
			least:   fixedLength(12),
			full: func(f *fake) int {
				return streetFull(f) + 2 + locale.LongestOf(f.l.CityNames()) + 1 + postcodeLen(f) + len(f.l.Town)
			},
			space: addressSpace,
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				start := len(dst)
				dst = append(appendStreet(dst, f.l, s), ", "...)
				return locale.CutAt(appendTown(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.company", summary: "invents a company",
			doc:     "The result is two family names and a legal form of the country: Kessler-Boyd Ltd. A result that is too long for the column is cut. A real company may have the name by chance.",
			samples: []sample{{out: "Mullen-Page Corp."}, {subject: "1", out: "Austin-Hunter Inc."}, {params: transform.Params{"locale": "de"}, out: "Reimann-Scherer AG"}},
			least:   fixedLength(8),
			full:    func(f *fake) int { return 2*written(f.l).longestFamily + 2 + locale.LongestOf(f.l.Firms) },
			space:   companySpace, append: appendCompany,
		},
	}
}

func home(l *locale.Locale, s *transform.Seed) *locale.City {
	return &l.Cities[draw.Pick(s, laneCity, len(l.Cities))]
}

func appendStreet(dst []byte, l *locale.Locale, s *transform.Seed) []byte {
	house := int64(draw.Pick(s, laneHouse, l.Houses) + 1)
	if l.HouseFirst {
		dst = append(decimal.AppendInt(dst, house), ' ')
	}
	dst = l.AppendRoad(dst, draw.Choose(s, laneRoadName, l.Streets), draw.Choose(s, laneRoad, l.Kinds))
	if !l.HouseFirst {
		dst = decimal.AppendInt(append(dst, l.BeforeHouse...), house)
	}
	return dst
}

func streetFull(f *fake) int {
	return locale.LongestOf(f.l.Streets) + len(f.l.Glue) + locale.LongestOf(f.l.Kinds) + len(f.l.BeforeHouse) + 4
}

// streetSpace returns the exact number of results if nothing is cut. Otherwise it counts only the houses or the roads.
func streetSpace(f *fake) float64 {
	if f.l.HouseFirst && f.room < f.kind.full(f) {
		return float64(f.l.Houses)
	}
	var roads []string
	for _, name := range f.l.Streets {
		for _, kind := range f.l.Kinds {
			roads = append(roads, string(f.l.AppendRoad(nil, name, kind)))
		}
	}
	if f.room < f.kind.full(f) {
		return locale.DistinctCut(roads, f.room)
	}
	return float64(f.l.Houses) * locale.DistinctCut(roads, unlimited)
}

func postcodeLen(f *fake) int {
	n := 0
	for i := range f.l.Cities {
		n = max(n, len(f.l.Cities[i].Postcode))
	}
	return n
}

// postcodeSpace assumes that every city has the same number of postcodes: the smallest number that a city has. Cities
// with the same postcodes count once.
func postcodeSpace(f *fake) float64 {
	seen, least := map[string]bool{}, 1e18
	for i := range f.l.Cities {
		code := f.l.Cities[i].Postcode
		seen[code], least = true, min(least, locale.PatternSpace(code))
	}
	return float64(len(seen)) * least
}

// appendTown appends the part of an address after the street.
func appendTown(dst []byte, l *locale.Locale, s *transform.Seed) []byte {
	lives := home(l, s)
	for rest := l.Town; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		dst = append(dst, before...)
		if !found {
			break
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		switch name {
		case "city":
			dst = append(dst, lives.Name...)
		case "region":
			dst = append(dst, l.Regions[lives.Region].Code...)
		case "postcode":
			dst = locale.AppendPattern(dst, lives.Postcode, draw.Lane(s, lanePostcode))
		}
	}
	return dst
}

// addressSpace counts only the streets if the rest of an address may be cut off.
func addressSpace(f *fake) float64 {
	n := streetSpace(f)
	if f.room >= f.kind.full(f) {
		n *= postcodeSpace(f)
	}
	return n
}

func appendCompany(f *fake, dst []byte, s *transform.Seed) []byte {
	start := len(dst)
	dst = append(dst, draw.Choose(s, laneFirm, f.l.Family)...)
	dst = append(dst, '-')
	dst = append(dst, draw.Choose(s, lanePartner, f.l.Family)...)
	dst = append(dst, ' ')
	return locale.CutAt(append(dst, draw.Choose(s, laneFirmKind, f.l.Firms)...), start, f.room)
}

// companySpace returns the exact number of results if nothing is cut. Otherwise it counts only the first of the two
// family names.
func companySpace(f *fake) float64 {
	family := written(f.l).familySpace(f.room)
	if f.room >= f.kind.full(f) {
		return family * family * float64(len(f.l.Firms))
	}
	return family
}

// longestRegion returns the length in characters of the longest name of a region, or of the longest code if long is
// false.
func longestRegion(l *locale.Locale, long bool) int {
	n := 0
	for _, r := range l.Regions {
		text := r.Code
		if long {
			text = r.Name
		}
		n = max(n, utf8.RuneCountInString(text))
	}
	return n
}
