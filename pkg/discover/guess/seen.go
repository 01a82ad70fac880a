package guess

import "github.com/masker-project/masker/pkg/catalog"

// Seen is what a look at the values of a column has shown.
type Seen struct {
	Kind string // what the values are, or "" if the evidence is weak or only about parts of values
	Why  string // the evidence for the kind, in words. It quotes no value
	Note string // all evidence of values, and the paths of documents
}

// Believe replaces the guesses for columns by the kinds that their values have shown. A guess of a special category
// stays. A guess stays, too, if the values have shown the same kind or no kind.
func (g *Guesses) Believe(seen map[catalog.ColumnName]Seen) {
	for at, s := range seen {
		if have := g.byColumn[at]; s.Kind == "" || have != nil && (have.Special || have.Kind == s.Kind) {
			continue
		}
		g.byColumn[at] = &Guess{Kind: s.Kind, Points: forPhrase, Sure: true, Why: s.Why}
		delete(g.harmless, at)
	}
}
