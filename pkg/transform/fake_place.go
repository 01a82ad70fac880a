package transform

const houses = 9999

func placeFakes() []fakeKind {
	return []fakeKind{
		{
			name: "fake.street", summary: "invents a house number and a street", least: 8,
			sample: [2]string{"295 Hicks Court", "5774 Nash Place"},
			doc:    "A number from 1 to 9999, a family name and a kind of street: 4021 Schmidt Terrace; cut where the column is shorter.",
			full:   streetFull, space: streetSpace, append: appendStreet,
		},
		{
			name: "fake.city", summary: "picks a city", least: 2,
			sample: [2]string{"Hialeah", "Los Angeles"},
			doc:    "One of gofakeit's large US cities, all equally likely, unrelated to the original; cut where the column is shorter.",
			full:   func(d *dictionary) int { return longestOf(d.city) },
			space:  func(d *dictionary, room int) float64 { return distinctCut(d.city, room) },
			append: func(d *dictionary, dst []byte, s *Seed, room int) []byte {
				return appendCut(dst, choose(s, laneCity, d.city), room)
			},
		},
		{
			name: "fake.postcode", summary: "invents a five-digit postcode", least: 5,
			sample: [2]string{"15529", "15078"},
			doc:    "Its first three digits always go with the city that fake.city gives the same person; they are invented, not that city's own.",
			full:   func(*dictionary) int { return 5 },
			space:  func(d *dictionary, _ int) float64 { return float64(len(d.city)) * 100 },
			append: appendPostcode,
		},
		{
			name: "fake.company", summary: "invents a company", least: 8,
			sample: [2]string{"Powers-Rodriguez Group", "Baker-Lowe LLC"},
			doc:    "Two family names and a kind of firm: Kessler-Boyd Partners; cut where the column is shorter. A real company may by chance have the name.",
			full:   companyFull, space: companySpace, append: appendCompany,
		},
	}
}

func appendStreet(d *dictionary, dst []byte, s *Seed, room int) []byte {
	start := len(dst)
	dst = appendInt(dst, int64(pick(s, laneHouse, houses)+1))
	dst = append(dst, ' ')
	dst = append(dst, choose(s, laneRoadName, d.family)...)
	dst = append(dst, ' ')
	dst = append(dst, choose(s, laneRoad, d.road)...)
	return cutAt(dst, start, room)
}

func streetFull(d *dictionary) int { return 4 + 1 + longestOf(d.family) + 1 + longestOf(d.road) }

// streetSpace is exact where nothing is cut; where something is, it counts house numbers only.
func streetSpace(d *dictionary, room int) float64 {
	if room >= streetFull(d) {
		return houses * float64(len(d.family)*len(d.road))
	}
	return houses
}

func appendPostcode(d *dictionary, dst []byte, s *Seed, _ int) []byte {
	city := pick(s, laneCity, len(d.city))
	dst = appendDigits(dst, 100+city, 3)
	return appendDigits(dst, pick(s, lanePostcode, 100), 2)
}

func appendCompany(d *dictionary, dst []byte, s *Seed, room int) []byte {
	start := len(dst)
	dst = append(dst, choose(s, laneFirm, d.family)...)
	dst = append(dst, '-')
	dst = append(dst, choose(s, lanePartner, d.family)...)
	dst = append(dst, ' ')
	dst = append(dst, choose(s, laneFirmKind, d.firm)...)
	return cutAt(dst, start, room)
}

func companyFull(d *dictionary) int { return 2*longestOf(d.family) + 2 + longestOf(d.firm) }

// companySpace is exact where nothing is cut; where something is, it counts first names of firms only.
func companySpace(d *dictionary, room int) float64 {
	if room >= companyFull(d) {
		return float64(len(d.family) * len(d.family) * len(d.firm))
	}
	return distinctCut(d.family, room)
}

// cutAt cuts what was appended since start to the room; ASCII, and no blank at the cut end.
func cutAt(dst []byte, start, room int) []byte {
	if len(dst)-start <= room {
		return dst
	}
	dst = dst[:start+room]
	for dst[len(dst)-1] == ' ' || dst[len(dst)-1] == '-' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
