package library

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/command"
	"github.com/masker-project/masker/pkg/transform/internal/token"
)

// Commands lists the programs that a use runs, with those of its paths, alternatives and reads.
func Commands(u transform.Use) []transform.Command { return command.All(u) }

// ReversibleDomains lists the domains of a use's reversible treatments, with those of its paths
// and alternatives. Keys.Sealer of these domains opens the tokens.
func ReversibleDomains(u transform.Use) []string { return token.Domains(u) }

// ParseSealed reads a token of the treatment reversible, as the target holds it. Its error never holds the token.
func ParseSealed(text []byte) (transform.Sealed, error) { return token.ParseSealed(text) }
