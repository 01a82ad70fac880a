package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// The types of an attestation, as in-toto and DSSE name them.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://github.com/masker-project/masker/movement/v1"
	PayloadType   = "application/vnd.in-toto+json"
)

// Statement is an in-toto statement about one movement.
type Statement struct {
	Type          string    `json:"_type"`
	Subject       []Subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     Predicate `json:"predicate"`
}

// Subject is the target. A database changes, so it has no digest of its own. Digest is the digest of the start
// record's line in the log. This line names the target and the run.
type Subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// Predicate describes a movement, with proofs that the ledger holds the records of its start and its end.
type Predicate struct {
	Run      string    `json:"run"`
	Event    Event     `json:"event"` // event of the end record
	Movement *Movement `json:"movement"`
	Outcome  *Outcome  `json:"outcome"`
	Start    Inclusion `json:"start"`
	End      Inclusion `json:"end"`
}

// Attest makes a DSSE envelope about one movement and signs it with the ledger's key. The arguments start and end are
// the numbers of the movement's first and last record.
func (l *Ledger) Attest(ctx context.Context, start, end int64) ([]byte, error) {
	var p Predicate
	var err error
	if p.Start, err = l.Include(start); err != nil {
		return nil, err
	}
	if p.End, err = l.Include(end); err != nil {
		return nil, err
	}
	first, err := line{seq: start, text: []byte(p.Start.Line)}.record()
	if err != nil {
		return nil, err
	}
	last, err := line{seq: end, text: []byte(p.End.Line)}.record()
	if err != nil {
		return nil, err
	}
	if first.Movement == nil || last.Outcome == nil || first.Run != last.Run {
		return nil, fmt.Errorf("ledger: records %d and %d are not the start and the end of one movement", start, end)
	}
	p.Run, p.Event, p.Movement, p.Outcome = first.Run, last.Event, first.Movement, last.Outcome
	digest := sha256.Sum256([]byte(p.Start.Line))
	payload, err := json.Marshal(Statement{
		Type: StatementType, PredicateType: PredicateType, Predicate: p,
		Subject: []Subject{{Name: first.Movement.Target.Identity(), Digest: map[string]string{"sha256": hex.EncodeToString(digest[:])}}},
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	signs, err := dsse.NewEnvelopeSigner(envelopeKey{l.key})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	envelope, err := signs.SignPayload(ctx, PayloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot sign: %w", err)
	}
	return json.Marshal(envelope)
}

// envelopeKey is the ledger's key for DSSE. The bytes that it signs begin with DSSE's prefix, so an envelope cannot be
// used as a checkpoint.
type envelopeKey struct{ *signer }

// Sign implements dsse.Signer.
func (k envelopeKey) Sign(_ context.Context, data []byte) ([]byte, error) { return k.Signer.Sign(data) }

// KeyID implements dsse.Signer.
func (k envelopeKey) KeyID() (string, error) {
	return fmt.Sprintf("%s+%08x", k.Name(), k.KeyHash()), nil
}
