package transform

import (
	"strings"
	"unicode/utf8"
)

func placeFakes() []*fakeKind {
	return []*fakeKind{
		{
			name: "fake.street", summary: "invents a street and a house number",
			doc:     "Written as the country does: 295 Hawthorn Court, Lindenstraße 12, Calle de la Fuente, 12; cut where the column is shorter. Such a street may exist.",
			samples: []fakeSample{{out: "295 Glen Boulevard"}, {subject: "1", out: "5774 Long Road"}, {params: Params{"locale": "de"}, out: "Ginsterallee 6"}},
			least:   fixedLength(8), full: streetFull, space: streetSpace,
			append: func(f *fake, dst []byte, s *Seed) []byte {
				start := len(dst)
				return cutAt(appendStreet(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.city", summary: "picks a city",
			doc:     "One of the locale's larger cities, all equally likely, unrelated to the original; cut where the column is shorter.",
			samples: []fakeSample{{out: "Grand Rapids"}, {subject: "1", out: "Louisville"}, {params: Params{"locale": "it"}, out: "La Spezia"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return longestOf(f.l.cityNames()) },
			space:   func(f *fake) float64 { return distinctCut(f.l.cityNames(), f.room) },
			append:  func(f *fake, dst []byte, s *Seed) []byte { return appendCut(dst, home(f.l, s).name, f.room) },
		},
		{
			name: "fake.postcode", summary: "invents a postcode",
			doc:     "Of the country's form. It begins as postcodes of the city do that fake.city gives the same person; the rest is invented and need not exist.",
			samples: []fakeSample{{out: "33129"}, {subject: "1", out: "40278"}, {params: Params{"locale": "en_GB"}, out: "NE3 6LH"}},
			least:   postcodeLen, full: postcodeLen, space: postcodeSpace,
			append: func(f *fake, dst []byte, s *Seed) []byte {
				return appendPattern(dst, home(f.l, s).postcode, lane(s, lanePostcode))
			},
		},
		{
			name: "fake.address", summary: "invents an address on one line",
			doc:     "The street, postcode and city that the kinds of these names give the same person: Lindenstraße 12, 10115 Berlin; cut where the column is shorter.",
			samples: []fakeSample{{out: "5868 Willow Road, Salt Lake City, UT 84180"}, {subject: "1", out: "5774 Long Road, Louisville, KY 40278"}, {params: Params{"locale": "nl"}, out: "Zonnebloemsingel 117, 3580 ZZ Utrecht"}},
			least:   fixedLength(12),
			full: func(f *fake) int {
				return streetFull(f) + 2 + longestOf(f.l.cityNames()) + 1 + postcodeLen(f) + len(f.l.town)
			},
			space: addressSpace,
			append: func(f *fake, dst []byte, s *Seed) []byte {
				start := len(dst)
				dst = append(appendStreet(dst, f.l, s), ", "...)
				return cutAt(appendTown(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.company", summary: "invents a company",
			doc:     "Two family names and a form of the country: Kessler-Boyd Ltd; cut where the column is shorter. A real company may by chance have the name.",
			samples: []fakeSample{{out: "Mullen-Page Corp."}, {subject: "1", out: "Austin-Hunter Inc."}, {params: Params{"locale": "de"}, out: "Reimann-Scherer AG"}},
			least:   fixedLength(8),
			full:    func(f *fake) int { return 2*longestOf(f.l.family) + 2 + longestOf(f.l.firms) },
			space:   companySpace, append: appendCompany,
		},
	}
}

func home(l *locale, s *Seed) *city { return &l.cities[pick(s, laneCity, len(l.cities))] }

func appendStreet(dst []byte, l *locale, s *Seed) []byte {
	house := int64(pick(s, laneHouse, l.houses) + 1)
	if l.houseFirst {
		dst = append(appendInt(dst, house), ' ')
	}
	dst = l.appendRoad(dst, choose(s, laneRoadName, l.streets), choose(s, laneRoad, l.kinds))
	if !l.houseFirst {
		dst = appendInt(append(dst, l.beforeHouse...), house)
	}
	return dst
}

func streetFull(f *fake) int {
	return longestOf(f.l.streets) + len(f.l.glue) + longestOf(f.l.kinds) + len(f.l.beforeHouse) + 4
}

// streetSpace is exact where nothing is cut; where something is, it counts houses or roads only.
func streetSpace(f *fake) float64 {
	if f.l.houseFirst && f.room < f.kind.full(f) {
		return float64(f.l.houses)
	}
	var roads []string
	for _, name := range f.l.streets {
		for _, kind := range f.l.kinds {
			roads = append(roads, string(f.l.appendRoad(nil, name, kind)))
		}
	}
	if f.room < f.kind.full(f) {
		return distinctCut(roads, f.room)
	}
	return float64(f.l.houses) * distinctCut(roads, unlimited)
}

func postcodeLen(f *fake) int {
	n := 0
	for i := range f.l.cities {
		n = max(n, len(f.l.cities[i].postcode))
	}
	return n
}

// postcodeSpace takes every city for the one with the fewest postcodes, and cities that share them for one.
func postcodeSpace(f *fake) float64 {
	seen, least := map[string]bool{}, 1e18
	for i := range f.l.cities {
		code := f.l.cities[i].postcode
		seen[code], least = true, min(least, patternSpace(code))
	}
	return float64(len(seen)) * least
}

// appendTown ends an address.
func appendTown(dst []byte, l *locale, s *Seed) []byte {
	lives := home(l, s)
	for rest := l.town; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		dst = append(dst, before...)
		if !found {
			break
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		switch name {
		case "city":
			dst = append(dst, lives.name...)
		case "region":
			dst = append(dst, l.regions[lives.region].code...)
		case "postcode":
			dst = appendPattern(dst, lives.postcode, lane(s, lanePostcode))
		}
	}
	return dst
}

// addressSpace counts streets alone where the rest may be cut off.
func addressSpace(f *fake) float64 {
	n := streetSpace(f)
	if f.room >= f.kind.full(f) {
		n *= postcodeSpace(f)
	}
	return n
}

func appendCompany(f *fake, dst []byte, s *Seed) []byte {
	start := len(dst)
	dst = append(dst, choose(s, laneFirm, f.l.family)...)
	dst = append(dst, '-')
	dst = append(dst, choose(s, lanePartner, f.l.family)...)
	dst = append(dst, ' ')
	return cutAt(append(dst, choose(s, laneFirmKind, f.l.firms)...), start, f.room)
}

// companySpace is exact where nothing is cut; where something is, it counts first names of firms only.
func companySpace(f *fake) float64 {
	family := distinctCut(f.l.family, f.room)
	if f.room >= f.kind.full(f) {
		return family * family * float64(len(f.l.firms))
	}
	return family
}

// longestRegion is in characters, of names or of codes.
func longestRegion(l *locale, long bool) int {
	n := 0
	for _, r := range l.regions {
		text := r.code
		if long {
			text = r.name
		}
		n = max(n, utf8.RuneCountInString(text))
	}
	return n
}
