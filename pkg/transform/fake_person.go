package transform

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// nameFakes are the names of a person. The gender is drawn first: 1 of 2.
func nameFakes() []*fakeKind {
	return []*fakeKind{
		{
			name: "fake.given_name", summary: "invents a given name",
			doc:     "A common given name of the locale, of the gender that fake.gender gives the same person; cut where the column is shorter.",
			samples: []fakeSample{{out: "Ross"}, {subject: "1", out: "Kyle"}, {params: Params{"locale": "de"}, out: "Stefan"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return longestOf(f.l.givens()) },
			space:   func(f *fake) float64 { return givenSpace(f.l.female, f.l.male, f.room) },
			append: func(f *fake, dst []byte, s *Seed) []byte {
				return appendCut(dst, given(f.l, s, laneGiven), f.room)
			},
		},
		{
			name: "fake.middle_name", summary: "invents a second given name",
			doc:     "A given name of the same gender as fake.given_name's, chosen apart from it; cut where the column is shorter.",
			samples: []fakeSample{{out: "Luke"}, {subject: "1", out: "Adrian"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return longestOf(f.l.givens()) },
			space:   func(f *fake) float64 { return givenSpace(f.l.female, f.l.male, f.room) },
			append: func(f *fake, dst []byte, s *Seed) []byte {
				return appendCut(dst, given(f.l, s, laneMiddle), f.room)
			},
		},
		{
			name: "fake.family_name", summary: "invents a family name",
			doc:     "A common family name of the locale, in Polish in the form of the person's gender; cut where the column is shorter.",
			samples: []fakeSample{{out: "Pratt"}, {subject: "1", out: "Perkins"}, {params: Params{"locale": "pl"}, out: "Skrzypczak"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return longestOf(f.l.family) },
			space:   func(f *fake) float64 { return distinctCut(f.l.family, f.room) },
			append: func(f *fake, dst []byte, s *Seed) []byte {
				start := len(dst)
				return cutAt(appendFamily(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.full_name", summary: "invents a given and a family name",
			doc:     "The given and the family name that fake.given_name and fake.family_name give the same person; cut where the column is shorter.",
			samples: []fakeSample{{out: "Josephine Greene"}, {subject: "1", out: "Kyle Perkins"}, {params: Params{"locale": "fr"}, out: "Régine Germain"}},
			least:   fixedLength(3),
			full:    func(f *fake) int { return longestOf(f.l.givens()) + 1 + longestOf(f.l.family) },
			space:   fullNameSpace, append: appendFullName,
		},
		{
			name: "fake.initials", summary: "invents the initials of a person",
			doc:     "The first letters of the names that fake.given_name and fake.family_name give the same person.",
			samples: []fakeSample{{out: "GS"}, {subject: "1", out: "KP"}},
			least:   fixedLength(2), full: fixedLength(2),
			space: func(f *fake) float64 { return distinctCut(f.l.family, 1) * distinctCut(f.l.female, 1) },
			append: func(f *fake, dst []byte, s *Seed) []byte {
				dst = appendFirst(dst, given(f.l, s, laneGiven))
				return appendFirst(dst, choose(s, laneFamily, f.l.family))
			},
		},
	}
}

func appendFirst(dst []byte, name string) []byte {
	_, size := utf8.DecodeRuneInString(name)
	return append(dst, name[:size]...)
}

func female(s *Seed) bool { return lane(s, laneGender)>>63 == 1 }

func given(l *locale, s *Seed, lane uint64) string {
	if female(s) {
		return choose(s, lane, l.female)
	}
	return choose(s, lane, l.male)
}

func appendFamily(dst []byte, l *locale, s *Seed) []byte {
	dst = append(dst, choose(s, laneFamily, l.family)...)
	if l.feminine && female(s) && (strings.HasSuffix(string(dst[len(dst)-2:]), "ki") || strings.HasSuffix(string(dst[len(dst)-2:]), "ny")) {
		dst[len(dst)-1] = 'a'
	}
	return dst
}

// givenSpace is how many equally likely names there would be to meet as often: half the people share each list.
func givenSpace(female, male []string, room int) float64 {
	f, m := distinctCut(female, room), distinctCut(male, room)
	return min(4/(1/f+1/m), distinctCut(slices.Concat(female, male), room))
}

func appendFullName(f *fake, dst []byte, s *Seed) []byte {
	start := len(dst)
	dst = append(dst, given(f.l, s, laneGiven)...)
	dst = append(dst, ' ')
	return cutAt(appendFamily(dst, f.l, s), start, f.room)
}

// fullNameSpace counts the family names only where nothing is cut.
func fullNameSpace(f *fake) float64 {
	given := givenSpace(f.l.female, f.l.male, f.room)
	if f.room >= f.kind.full(f) {
		return given * distinctCut(f.l.family, unlimited)
	}
	return given
}
