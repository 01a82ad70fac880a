// Package reveal gives back what stands behind tokens of the treatment reversible. It asks the flow's policy, opens every
// token or none, and returns a value only after the ledger holds who asked, for what column, how many and why.
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

// Bounds on one reveal: a tool for a case at hand, not a way to undo a database.
const (
	maxTokens = 10_000
	maxReason = 500 // bytes
)

// Request is what is to be revealed, and why.
type Request struct {
	Flow   guard.Flow
	Plan   *plan.Plan // of the flow
	Rings  []*keyring.Ring
	Column string // schema.table.column, as SQL writes it
	Tokens []string
	Reason string
	Actor  ledger.Actor
	// Record makes the entry durable.
	Record func(ledger.Reveal) error
}

// InvalidError says that the request is wrong. It quotes neither a token nor a value.
type InvalidError struct{ err error }

func (e *InvalidError) Error() string { return e.err.Error() }
func (e *InvalidError) Unwrap() error { return e.err }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Errorf(format, args...)} }

// Open is the values behind the tokens, in their order.
func Open(r Request) ([]string, error) {
	if err := r.Flow.AllowReveal(r.Column, r.Reason); err != nil {
		return nil, err
	}
	if len(r.Tokens) > maxTokens {
		return nil, invalid("%d tokens are more than one reveal opens (%d)", len(r.Tokens), maxTokens)
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
	if err := r.saysNothing(values); err != nil {
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

// domains are those that the column's rule seals in.
func (r Request) domains() ([]string, error) {
	for _, t := range r.Plan.Tables {
		for _, c := range t.Columns {
			if t.Name.String()+"."+catalog.Quote(c.Name) != r.Column {
				continue
			}
			if domains := library.ReversibleDomains(c.Use); len(domains) > 0 {
				return domains, nil
			}
			return nil, invalid("%s becomes %s, which cannot be revealed; only reversible can", r.Column, c.Use.Treatment)
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
				return shown(sealed, value), nil
			}
		}
	}
	if !known {
		return "", fmt.Errorf("made with key %s…, which the configuration does not name; add it under retired", visible.Text(sealed.KeyID))
	}
	return "", fmt.Errorf("the key is there and does not open it: it was changed, or is of another column or environment")
}

// shown is a value as PostgreSQL prints it.
func shown(s transform.Sealed, value []byte) string {
	if s.Bytes {
		return `\x` + hex.EncodeToString(value)
	}
	return string(value)
}

// saysNothing refuses a reason that holds a token or a value: the ledger holds neither.
func (r Request) saysNothing(values []string) error {
	const telling = 4 // bytes; a shorter one may stand in any sentence
	if len(r.Reason) > maxReason || !utf8.ValidString(r.Reason) || strings.ContainsAny(r.Reason, "\n\r") {
		return invalid("the reason must be one line of at most %d bytes", maxReason)
	}
	for _, list := range [][]string{r.Tokens, values} {
		for _, s := range list {
			if len(s) >= telling && strings.Contains(strings.ToLower(r.Reason), strings.ToLower(s)) {
				return invalid("the reason holds a token or what stands behind one; the ledger holds neither: name a ticket instead")
			}
		}
	}
	return nil
}
