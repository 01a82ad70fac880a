package fake

import (
	"slices"
	"sync"

	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// names holds the names of a country in one spelling, and their counts. The counts are stored, because a database may
// have thousands of columns with names.
type names struct {
	female, male, family        []string
	longestGiven, longestFamily int     // lengths in characters
	givens, families            float64 // results of givenSpace and familySpace if no name is cut
}

func namesOf(l *locale.Locale, spell func([]string) []string) names {
	n := names{female: spell(l.Female), male: spell(l.Male), family: spell(l.Family)}
	n.longestGiven = max(locale.LongestOf(n.female), locale.LongestOf(n.male))
	n.longestFamily = locale.LongestOf(n.family)
	n.givens, n.families = n.cutGivens(unlimited), locale.DistinctCut(n.family, unlimited)
	return n
}

// givenSpace returns the effective number of given names in a column of room characters. With this number of equally
// likely names, a collision would be as likely as with the real lists.
func (n *names) givenSpace(room int) float64 {
	if room >= n.longestGiven {
		return n.givens
	}
	return n.cutGivens(room)
}

// cutGivens returns the effective number of given names, as givenSpace does, from the names that stay different in a
// column of room characters. There are two lists, one for each gender. Each list is used for half of the people.
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

// spellings holds the names of every country in two spellings: the usual one, and the ASCII spelling of e-mail
// addresses. The names are counted only once.
var spellings = sync.OnceValue(func() map[*locale.Locale]*struct{ written, latin names } {
	all := make(map[*locale.Locale]*struct{ written, latin names })
	for _, l := range locale.All() {
		all[l] = &struct{ written, latin names }{namesOf(l, slices.Clone[[]string]), namesOf(l, locale.InLatin)}
	}
	return all
})

func written(l *locale.Locale) *names { return &spellings()[l].written }
func latin(l *locale.Locale) *names   { return &spellings()[l].latin }
