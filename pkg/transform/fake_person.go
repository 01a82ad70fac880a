package transform

const (
	suffixLen   = 8 // base 32: 40 bits
	suffixSpace = 1 << 40
	hostLen     = len("@example.com")
)

func personFakes() []fakeKind {
	return []fakeKind{
		{
			name: "fake.given_name", summary: "invents a given name", least: 2,
			sample: [2]string{"Nellie", "Johnny"},
			doc:    "One of gofakeit's US English given names, all equally likely; cut where the column is shorter.",
			full:   func(d *dictionary) int { return longestOf(d.given) },
			space:  func(d *dictionary, room int) float64 { return distinctCut(d.given, room) },
			append: func(d *dictionary, dst []byte, s *Seed, room int) []byte {
				return appendCut(dst, choose(s, laneGiven, d.given), room)
			},
		},
		{
			name: "fake.family_name", summary: "invents a family name", least: 2,
			sample: [2]string{"Schmitt", "Rutherford"},
			doc:    "One of gofakeit's US English family names, all equally likely; cut where the column is shorter.",
			full:   func(d *dictionary) int { return longestOf(d.family) },
			space:  func(d *dictionary, room int) float64 { return distinctCut(d.family, room) },
			append: func(d *dictionary, dst []byte, s *Seed, room int) []byte {
				return appendCut(dst, choose(s, laneFamily, d.family), room)
			},
		},
		{
			name: "fake.full_name", summary: "invents a given and a family name", least: 3,
			sample: [2]string{"Moses Holt", "Johnny Rutherford"},
			doc:    "The given and the family name that fake.given_name and fake.family_name give the same person; cut where the column is shorter.",
			full:   fullNameFull, space: fullNameSpace, append: appendFullName,
		},
		{
			name: "fake.email", summary: "invents an e-mail address that can reach nobody", least: suffixLen + hostLen,
			sample: [2]string{"muriel.graham.otihqqk4@example.com", "johnny.rutherford.ths3z6ga@example.net"},
			doc: "given.family.xxxxxxxx@example.com, .org or .net: reserved names (RFC 2606), and 40 bits that keep addresses apart. " +
				"In a short column the names are cut, never the 40 bits.",
			full: emailFull, space: emailSpace, append: appendEmail,
		},
		{
			name: "fake.user_name", summary: "invents a login name", least: suffixLen,
			sample: [2]string{"layne_djhlzn4d", "johnny_ths3z6ga"},
			doc:    "given_xxxxxxxx: the person's given name and the 40 bits of the person's e-mail address. In a short column the name is cut, never the 40 bits.",
			full:   userNameFull, space: userNameSpace, append: appendUserName,
		},
		{
			name: "fake.phone", summary: "invents a telephone number that belongs to nobody", least: len("2125550142"),
			sample: [2]string{"+1-486-555-0178", "+1-222-555-0194"},
			doc: "+1-NXX-555-01XX, the numbers North America reserves for fiction, in 792 area codes: 79,200 numbers in all, so not for unique " +
				"columns. Without +1 in columns under 15 characters, digits only under 12.",
			full:  func(*dictionary) int { return len("+1-212-555-0142") },
			space: func(*dictionary, int) float64 { return areaCodes * 100 }, append: appendPhone,
		},
	}
}

func appendFullName(d *dictionary, dst []byte, s *Seed, room int) []byte {
	given, family := choose(s, laneGiven, d.given), choose(s, laneFamily, d.family)
	dst = appendCut(dst, given, room)
	if left := room - len(given) - 1; left > 0 {
		dst = append(dst, ' ')
		dst = appendCut(dst, family, left)
	}
	return dst
}

func fullNameFull(d *dictionary) int { return longestOf(d.given) + 1 + longestOf(d.family) }

// fullNameSpace is exact where nothing is cut; where something is, it counts given names only.
func fullNameSpace(d *dictionary, room int) float64 {
	if room >= fullNameFull(d) {
		return float64(len(d.given) * len(d.family))
	}
	return distinctCut(d.given, room)
}

func appendEmail(d *dictionary, dst []byte, s *Seed, room int) []byte {
	start := len(dst)
	if names := room - suffixLen - hostLen - 1; names > 0 {
		dst = append(dst, choose(s, laneGiven, d.givenMail)...)
		dst = append(dst, '.')
		dst = append(dst, choose(s, laneFamily, d.familyMail)...)
		if len(dst)-start > names {
			dst = dst[:start+names]
		}
		if dst[len(dst)-1] != '.' { // a cut may end on the dot, and two in a row are no address
			dst = append(dst, '.')
		}
	}
	dst = appendSuffix(dst, s)
	dst = append(dst, "@example."...)
	return append(dst, "comorgnet"[3*pick(s, laneHost, 3):][:3]...)
}

func emailFull(d *dictionary) int {
	return longestOf(d.givenMail) + 1 + longestOf(d.familyMail) + 1 + suffixLen + hostLen
}

// emailSpace counts the names only where they are never cut.
func emailSpace(d *dictionary, room int) float64 {
	if room >= emailFull(d) {
		return suffixSpace * 3 * distinctCut(d.givenMail, unlimited) * distinctCut(d.familyMail, unlimited)
	}
	return suffixSpace * 3
}

func appendUserName(d *dictionary, dst []byte, s *Seed, room int) []byte {
	if name := room - suffixLen - 1; name > 0 {
		given := choose(s, laneGiven, d.givenMail)
		dst = append(dst, given[:min(len(given), name)]...)
		dst = append(dst, '_')
	}
	return appendSuffix(dst, s)
}

func userNameFull(d *dictionary) int { return longestOf(d.givenMail) + 1 + suffixLen }

func userNameSpace(d *dictionary, room int) float64 {
	return suffixSpace * distinctCut(d.givenMail, min(max(room-suffixLen-1, 0), unlimited))
}

// appendSuffix writes the 40 bits that keep two people of one name apart.
func appendSuffix(dst []byte, s *Seed) []byte {
	x := lane(s, laneSuffix)
	for range suffixLen {
		dst = append(dst, base32[x>>59])
		x <<= 5
	}
	return dst
}

// areaCodes counts 200 to 999 without N11, which are services.
const areaCodes = 800 - 8

func appendPhone(_ *dictionary, dst []byte, s *Seed, room int) []byte {
	n := pick(s, lanePhone, areaCodes*100)
	area, line := n/100, n%100
	area = area/99*100 + skipEleven(area%99) + 200
	separator := room >= len("212-555-0142")
	if room >= len("+1-212-555-0142") {
		dst = append(dst, "+1-"...)
	}
	dst = appendInt(dst, int64(area))
	if separator {
		dst = append(dst, '-')
	}
	dst = append(dst, "555"...)
	if separator {
		dst = append(dst, '-')
	}
	dst = append(dst, "01"...)
	return appendDigits(dst, line, 2)
}

// skipEleven maps 0…98 to the last two digits of an area code that are not 11.
func skipEleven(n int) int {
	if n >= 11 {
		return n + 1
	}
	return n
}
