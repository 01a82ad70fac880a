package fake

import (
	"slices"
	"sync"

	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// names are the names of a country in one spelling, with their counts. A database may have thousands of columns with names.
type names struct {
	female, male, family        []string
	longestGiven, longestFamily int     // characters
	givens, families            float64 // different names, if none is cut
}

func namesOf(l *locale.Locale, spell func([]string) []string) names {
	n := names{female: spell(l.Female), male: spell(l.Male), family: spell(l.Family)}
	n.longestGiven = max(locale.LongestOf(n.female), locale.LongestOf(n.male))
	n.longestFamily = locale.LongestOf(n.family)
	n.givens, n.families = n.cutGivens(unlimited), locale.DistinctCut(n.family, unlimited)
	return n
}

// givenSpace returns the number of equally likely given names with the same chance of a collision, in a column of room characters.
func (n *names) givenSpace(room int) float64 {
	if room >= n.longestGiven {
		return n.givens
	}
	return n.cutGivens(room)
}

// cutGivens counts the given names that stay different in a column of room characters. Half the people use each list.
func (n *names) cutGivens(room int) float64 {
	f, m := locale.DistinctCut(n.female, room), locale.DistinctCut(n.male, room)
	return min(4/(1/f+1/m), locale.DistinctCut(slices.Concat(n.female, n.male), room))
}

// familySpace returns the number of different family names in a column of room characters.
func (n *names) familySpace(room int) float64 {
	if room >= n.longestFamily {
		return n.families
	}
	return locale.DistinctCut(n.family, room)
}

// spellings are the names of every country, as they are written and as addresses write them. They are counted once.
var spellings = sync.OnceValue(func() map[*locale.Locale]*struct{ written, latin names } {
	all := make(map[*locale.Locale]*struct{ written, latin names })
	for _, l := range locale.All() {
		all[l] = &struct{ written, latin names }{namesOf(l, slices.Clone[[]string]), namesOf(l, locale.InLatin)}
	}
	return all
})

func written(l *locale.Locale) *names { return &spellings()[l].written }
func latin(l *locale.Locale) *names   { return &spellings()[l].latin }
