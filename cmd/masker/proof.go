package main

import (
	"context"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
)

// ownership is the proof of a flow's target for who only looks, and what closes its ledger. Nothing is made by it.
func (c *config) ownership(flow, targetURL string) (sides.Proof, func() error, error) {
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

// unprovable is the proof of a target whose ledger cannot be asked.
type unprovable struct{ err error }

// Made implements sides.Proof.
func (u unprovable) Made(context.Context, sides.Database) (string, error) { return "", u.err }

// Replaced implements sides.Proof.
func (u unprovable) Replaced(context.Context, sides.Database) (string, error) { return "", u.err }

// Abandoned implements sides.Proof.
func (u unprovable) Abandoned(context.Context, sides.Database) (string, error) { return "", u.err }
