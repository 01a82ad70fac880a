package main

import (
	"context"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
)

// targetProof returns the proof of a flow's target, and a function that closes the ledger. It is for verbs that only
// look at the target, so it does not make a ledger.
func (c *config) targetProof(flow, targetURL string) (sides.Proof, func() error, error) {
	claims := func(ctx context.Context, database string) (provenance.Claim, error) {
		return source.ReadProvenanceOf(ctx, targetURL, database)
	}
	nothing := func() error { return nil }
	own, err := c.ledgerKey()
	if err != nil {
		return nil, nothing, err
	}
	trusted, err := c.trustedKeys()
	if err != nil || len(own) == 0 {
		return movement.NewProof(flow, claims, "", nil, trusted), nothing, err
	}
	dir, _, err := c.ledgerAt()
	if err != nil {
		return nil, nothing, err
	}
	l, err := c.openLedger()
	if err != nil {
		return nil, nothing, err
	}
	return movement.NewProof(flow, claims, dir, l, trusted), l.Close, nil
}
