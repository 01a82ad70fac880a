package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
)

// Unspecific lists kinds that say little about a person by themselves. A column of such a kind need not be treated.
func Unspecific() []string { return []string{"amount", "company"} }

// looks is what the columns of a database look like.
type looks struct {
	detectors *guess.Detectors
	guesses   *guess.Guesses
	err       error
}

// look guesses what the columns of a database hold. It changes nothing, so it can run while other code reads the
// catalog.
func look(db *catalog.Database) (l looks) {
	if l.detectors, l.err = guess.New(); l.err == nil {
		l.guesses = l.detectors.Database(db)
	}
	return l
}

// guessed returns what the columns of the database look like. If the guesses are not there yet, it waits for them.
func (b *builder) guessed() *guess.Guesses {
	l := b.looks()
	if l.err != nil {
		b.fail(b.set.RevisionPos, "%v; this is a bug, please report it", l.err)
		return &guess.Guesses{}
	}
	return l.guesses
}

// maybePersonal reports whether a column looks like personal data, surely or not.
func (b *builder) maybePersonal(table catalog.Name, column string) bool {
	g := b.guessed().Of(table, column)
	return g != nil && !slices.Contains(Unspecific(), g.Kind)
}
