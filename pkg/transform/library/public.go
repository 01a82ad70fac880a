package library

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/command"
	"github.com/masker-project/masker/pkg/transform/internal/token"
)

// Commands lists the programs that a use asks, those of its paths, alternatives and reads included.
func Commands(u transform.Use) []transform.Command { return command.All(u) }

// ReversibleDomains lists the domains that a use's reversible treatments seal in, those of its paths
// and alternatives included: what to ask Keys.Sealer for to open their tokens.
func ReversibleDomains(u transform.Use) []string { return token.Domains(u) }

// ParseSealed reads a token of reversible as the target holds it. Its error never quotes the token.
func ParseSealed(text []byte) (transform.Sealed, error) { return token.ParseSealed(text) }
