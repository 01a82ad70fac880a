package transform

const houses = 9999

func placeFakes() []fakeKind {
	return []fakeKind{
		{
			name: "fake.street", summary: "invents a house number and a street", least: 8,
			doc:   "A number from 1 to 9999, a family name and a kind of street: 4021 Schmidt Terrace; cut where the column is shorter.",
			space: streetSpace, append: appendStreet,
		},
		{
			name: "fake.city", summary: "picks a city", least: 2,
			doc:   "One of gofakeit's large US cities, all equally likely, unrelated to the original; cut where the column is shorter.",
			space: func(d *dictionary, room int) float64 { return distinctCut(d.city, room) },
			append: func(d *dictionary, dst []byte, s *Seed, room int) []byte {
				return appendCut(dst, choose(s, laneCity, d.city), room)
			},
		},
		{
			name: "fake.postcode", summary: "invents a five-digit postcode", least: 5,
			doc:    "Its first three digits always go with the city that fake.city gives the same person; they are invented, not that city's own.",
			space:  func(d *dictionary, _ int) float64 { return float64(len(d.city)) * 100 },
			append: appendPostcode,
		},
		{
			name: "fake.company", summary: "invents a company", least: 8,
			doc:   "Two family names and a kind of firm: Kessler-Boyd Partners; cut where the column is shorter. A real company may by chance have the name.",
			space: companySpace, append: appendCompany,
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

func streetSpace(d *dictionary, room int) float64 {
	if room >= 4+1+longestOf(d.family)+1+longestOf(d.road) {
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

func companySpace(d *dictionary, room int) float64 {
	if room >= 2*longestOf(d.family)+2+longestOf(d.firm) {
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

// longest is the length of a kind's longest result.
func longest(k fakeKind, d *dictionary) int {
	switch k.name {
	case "fake.given_name":
		return longestOf(d.given)
	case "fake.family_name":
		return longestOf(d.family)
	case "fake.full_name":
		return longestOf(d.given) + 1 + longestOf(d.family)
	case "fake.email":
		return longestOf(d.givenMail) + 1 + longestOf(d.familyMail) + 1 + suffixLen + hostLen
	case "fake.user_name":
		return longestOf(d.givenMail) + 1 + suffixLen
	case "fake.phone":
		return len("+1-212-555-0142")
	case "fake.street":
		return 4 + 1 + longestOf(d.family) + 1 + longestOf(d.road)
	case "fake.city":
		return longestOf(d.city)
	case "fake.company":
		return 2*longestOf(d.family) + 2 + longestOf(d.firm)
	}
	return 5
}
