// Package reveal returns the original values of tokens of the treatment reversible. It checks the flow's policy, and
// opens all tokens or none. It returns values only after the ledger has recorded who asked, for which column, for how
// many tokens, and why.
package reveal

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// The limits of one reveal. Revealing is for single cases, not for all tokens of a database.
const (
	maxTokens = 10_000
	maxReason = 500 // largest length of a reason in bytes
)

// Request says which tokens somebody wants to open, and why.
type Request struct {
	Flow   guard.Flow
	Plan   *plan.Plan      // the plan of Flow
	Rings  []*keyring.Ring // the flow's key and its retired keys
	Column string          // schema.table.column, as SQL writes it
	Tokens []string
	Reason string
	Actor  ledger.Actor
	// Record writes the entry into the ledger. It returns nil only after the entry is durable.
	Record func(ledger.Reveal) error
}

// InvalidError is an error in the request. Its text holds no token and no value.
type InvalidError struct{ err error }

func (e *InvalidError) Error() string { return e.err.Error() }
func (e *InvalidError) Unwrap() error { return e.err }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Errorf(format, args...)} }

// Open opens the tokens of the request and returns their values in the same order. The text of an error holds no token
// and no value.
func Open(r Request) ([]string, error) {
	if err := r.Flow.AllowReveal(r.Column, r.Reason); err != nil {
		return nil, err
	}
	if len(r.Tokens) > maxTokens {
		return nil, invalid("%d tokens are too many; one reveal opens at most %d", len(r.Tokens), maxTokens)
	}
	domains, err := r.domains()
	if err != nil {
		return nil, err
	}
	values := make([]string, 0, len(r.Tokens))
	for i, token := range r.Tokens {
		value, err := r.open(token, domains)
		if err != nil {
			return nil, fmt.Errorf("token %d: %w", i+1, err)
		}
		values = append(values, value)
	}
	if err := r.checkReason(values); err != nil {
		return nil, err
	}
	entry := ledger.Reveal{
		Flow: r.Flow.Name, Environment: r.Flow.To.Name, Column: r.Column, Count: len(values), Reason: r.Reason, Actor: r.Actor, KeyIDs: []string{},
	}
	for _, ring := range r.Rings {
		entry.KeyIDs = append(entry.KeyIDs, ring.Fingerprint())
	}
	if err := r.Record(entry); err != nil {
		return nil, err
	}
	return values, nil
}

// domains returns the domains of all reversible treatments in the column's rule.
func (r Request) domains() ([]string, error) {
	for _, t := range r.Plan.Tables {
		for _, c := range t.Columns {
			if t.Name.String()+"."+catalog.Quote(c.Name) != r.Column {
				continue
			}
			if domains := library.ReversibleDomains(c.Use); len(domains) > 0 {
				return domains, nil
			}
			return nil, invalid("%s has the treatment %s, whose results cannot be revealed; only tokens of the treatment reversible can", r.Column, c.Use.Treatment)
		}
	}
	return nil, invalid("the source has no column %s", r.Column)
}

func (r Request) open(token string, domains []string) (string, error) {
	sealed, err := library.ParseSealed([]byte(token))
	if err != nil {
		return "", invalid("%w", err)
	}
	known := false
	for _, ring := range r.Rings {
		for _, domain := range domains {
			sealer := ring.For(r.Flow.To.Name).Sealer(domain)
			if sealer.KeyID() != sealed.KeyID {
				continue
			}
			known = true
			if value, ok := sealer.Open(sealed.Body); ok {
				return valueText(sealed, value), nil
			}
		}
	}
	if !known {
		return "", fmt.Errorf("the token was made with key %s…, which the configuration does not name; add that key under retired", visible.Text(sealed.KeyID))
	}
	return "", fmt.Errorf("its key does not open the token; the token was changed, or belongs to another column or environment")
}

// valueText returns a value as PostgreSQL prints it.
func valueText(s transform.Sealed, value []byte) string {
	if s.Bytes {
		return `\x` + hex.EncodeToString(value)
	}
	return string(value)
}

// checkReason refuses a reason that is too long or is not one line of valid UTF-8. It also refuses a reason that holds
// a token or a value, because the ledger must hold neither.
func (r Request) checkReason(values []string) error {
	const shortest = 4 // smallest length in bytes of a value that is looked for; a shorter value can be in any sentence by chance
	if len(r.Reason) > maxReason || !utf8.ValidString(r.Reason) || strings.ContainsAny(r.Reason, "\n\r") {
		return invalid("the reason must be one line of at most %d bytes", maxReason)
	}
	for _, list := range [][]string{r.Tokens, values} {
		for _, s := range list {
			if len(s) >= shortest && strings.Contains(strings.ToLower(r.Reason), strings.ToLower(s)) {
				return invalid("the reason holds a token or its value, and the ledger must hold neither; name a ticket instead")
			}
		}
	}
	return nil
}
