package library

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/command"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
	"github.com/masker-project/masker/pkg/transform/internal/token"
)

// Commands lists the programs that a use runs. It includes the programs of the use's Paths, Reads and Else.
func Commands(u transform.Use) []transform.Command { return command.All(u) }

// ReversibleDomains lists the domains of a use's reversible treatments. It includes the domains of the use's Paths and
// Else. The Sealer that package keyring returns for such a domain opens the tokens.
func ReversibleDomains(u transform.Use) []string { return token.Domains(u) }

// ParseSealed reads a token of the treatment reversible, as the target holds it. Its error never holds the token.
func ParseSealed(text []byte) (transform.Sealed, error) { return token.ParseSealed(text) }

// Dictionary returns the words that a treatment puts into the results of a column, as they are written. They are the
// entries of its lists: names, cities, streets, the values of the rule, the labels of a learned model. A result may
// join several of them, and add digits and random letters. Dictionary returns nil for a treatment without such lists,
// and for a use that does not fit the column. It also returns nil for a use with parts or branches, because these have
// treatments of their own.
func Dictionary(c transform.Column, u transform.Use) []string {
	b, err := prepare(c, u)
	if err != nil || b.Words == nil {
		return nil
	}
	return b.Words()
}

// Locales returns the names of all countries for which treatments invent people, as the parameter locale has them.
func Locales() (names []string) {
	for _, l := range locale.All() {
		names = append(names, l.Name)
	}
	return names
}

// AppendCanonical appends the canonical form of a value. Two values have the same canonical form if they are equal
// under their types, with the exceptions that package canon names. The argument text is as PostgreSQL prints it.
func AppendCanonical(dst []byte, t *catalog.Type, text []byte) []byte {
	return canon.Append(dst, t, text)
}
