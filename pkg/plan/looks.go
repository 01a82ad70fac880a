package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
)

// Unspecific lists kinds that say little about a person by themselves. A column of such a kind need not be treated.
func Unspecific() []string { return []string{"amount", "company"} }

// guessed returns what the columns of the database look like.
func (b *builder) guessed() *guess.Guesses {
	if b.guesses != nil {
		return b.guesses
	}
	d, err := guess.New()
	if err != nil {
		b.fail(b.set.RevisionPos, "%v; this is a bug, please report it", err)
		return &guess.Guesses{}
	}
	b.detectors, b.guesses = d, d.Database(b.db)
	return b.guesses
}

// maybePersonal reports whether a column looks like personal data, surely or not.
func (b *builder) maybePersonal(table catalog.Name, column string) bool {
	g := b.guessed().Of(table, column)
	return g != nil && !slices.Contains(Unspecific(), g.Kind)
}
