package fake

import (
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// nameFakes returns the fakes of a person's names. The gender is chosen first. Both genders are equally likely.
func nameFakes() []*kind {
	return []*kind{
		{
			name: "fake.given_name", summary: "invents a given name",
			doc:     "The result is a common given name of the locale. It fits the gender that fake.gender gives the same person. A result that is too long for the column is cut.",
			samples: []sample{{out: "Ross"}, {subject: "1", out: "Kyle"}, {params: transform.Params{"locale": "de"}, out: "Stefan"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return written(f.l).longestGiven },
			space:   func(f *fake) float64 { return written(f.l).givenSpace(f.room) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				return locale.AppendCut(dst, given(f.l, s, laneGiven), f.room)
			},
		},
		{
			name: "fake.middle_name", summary: "invents a second given name",
			doc:     "The result is a given name of the same gender as the person's first given name. It is chosen independently of the first. A result that is too long for the column is cut.",
			samples: []sample{{out: "Luke"}, {subject: "1", out: "Adrian"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return written(f.l).longestGiven },
			space:   func(f *fake) float64 { return written(f.l).givenSpace(f.room) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				return locale.AppendCut(dst, given(f.l, s, laneMiddle), f.room)
			},
		},
		{
			name: "fake.family_name", summary: "invents a family name",
			doc:     "The result is a common family name of the locale. Polish names that have two forms get the form of the person's gender. A result that is too long for the column is cut.",
			samples: []sample{{out: "Pratt"}, {subject: "1", out: "Perkins"}, {params: transform.Params{"locale": "pl"}, out: "Skrzypczak"}},
			least:   fixedLength(2),
			full:    func(f *fake) int { return written(f.l).longestFamily },
			space:   func(f *fake) float64 { return written(f.l).familySpace(f.room) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				start := len(dst)
				return locale.CutAt(appendFamily(dst, f.l, s), start, f.room)
			},
		},
		{
			name: "fake.full_name", summary: "invents a given and a family name",
			doc:     "The result is the given name and the family name that fake.given_name and fake.family_name give the same person. A result that is too long for the column is cut.",
			samples: []sample{{out: "Josephine Greene"}, {subject: "1", out: "Kyle Perkins"}, {params: transform.Params{"locale": "fr"}, out: "Régine Germain"}},
			least:   fixedLength(3),
			full:    func(f *fake) int { return written(f.l).longestGiven + 1 + written(f.l).longestFamily },
			space:   fullNameSpace, append: appendFullName,
		},
		{
			name: "fake.initials", summary: "invents the initials of a person",
			doc:     "The result is the first letters of the names that fake.given_name and fake.family_name give the same person.",
			samples: []sample{{out: "GS"}, {subject: "1", out: "KP"}},
			least:   fixedLength(2), full: fixedLength(2),
			space: func(f *fake) float64 { return locale.DistinctCut(f.l.Family, 1) * locale.DistinctCut(f.l.Female, 1) },
			append: func(f *fake, dst []byte, s *transform.Seed) []byte {
				dst = appendFirst(dst, given(f.l, s, laneGiven))
				return appendFirst(dst, draw.Choose(s, laneFamily, f.l.Family))
			},
		},
	}
}

func appendFirst(dst []byte, name string) []byte {
	_, size := utf8.DecodeRuneInString(name)
	return append(dst, name[:size]...)
}

func female(s *transform.Seed) bool { return draw.Lane(s, laneGender)>>63 == 1 }

func given(l *locale.Locale, s *transform.Seed, lane uint64) string {
	if female(s) {
		return draw.Choose(s, lane, l.Female)
	}
	return draw.Choose(s, lane, l.Male)
}

func appendFamily(dst []byte, l *locale.Locale, s *transform.Seed) []byte {
	dst = append(dst, draw.Choose(s, laneFamily, l.Family)...)
	if female(s) {
		return inflected(dst, l)
	}
	return dst
}

// inflected gives the family name at the end of dst its form for women, if it has one.
func inflected(dst []byte, l *locale.Locale) []byte {
	if end := string(dst[len(dst)-2:]); l.Feminine && (end == "ki" || end == "ny") {
		dst[len(dst)-1] = 'a'
	}
	return dst
}

func appendFullName(f *fake, dst []byte, s *transform.Seed) []byte {
	start := len(dst)
	dst = append(dst, given(f.l, s, laneGiven)...)
	dst = append(dst, ' ')
	return locale.CutAt(appendFamily(dst, f.l, s), start, f.room)
}

// fullNameSpace counts given names and family names if nothing is cut. Otherwise it counts only the given names.
func fullNameSpace(f *fake) float64 {
	given := written(f.l).givenSpace(f.room)
	if f.room >= f.kind.full(f) {
		return given * written(f.l).families
	}
	return given
}
