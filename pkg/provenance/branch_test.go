package provenance_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// proof returns an inclusion as the text of a step.
func proof(t *testing.T, in ledger.Inclusion, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// branchClaim returns the claim of a true branch pr of target staging, and the key that proves it. The function change
// may change the record of the branch before it is signed.
func branchClaim(t *testing.T, change func(*ledger.Branch)) (c provenance.Claim, key string) {
	t.Helper()
	l, err := ledger.Open(t.TempDir(), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	target := ledger.Party{SystemID: "8", Database: "staging"}
	run, err := l.Start(ledger.Movement{Flow: "nightly", Target: target}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Shadow(ledger.Database{Name: "x", OID: 16400}); err != nil {
		t.Fatal(err)
	}
	in, err := run.Include()
	first := provenance.Step{Step: 1, Run: run.ID(), Inclusion: proof(t, in, err)}
	b := ledger.Branch{Target: target, Run: run.ID(), Database: ledger.Database{Name: "pr", OID: 16500}}
	if change != nil {
		change(&b)
	}
	in, err = l.Branch("1branch", b)
	return provenance.Claim{
		SystemID: "8", Database: "pr", OID: 16500,
		Mark:  &provenance.Mark{State: provenance.Branch, Target: "staging", Run: "1branch"},
		Steps: []provenance.Step{first, {Step: 2, Run: "1branch", Inclusion: proof(t, in, err)}},
	}, l.VerifierKey()
}

// A branch is proven if its record, the step before it, its name, its OID and its mark agree. The test changes each of
// them.
func TestA6WhatProvesABranch(t *testing.T) {
	for _, c := range []struct {
		name   string
		record func(*ledger.Branch)
		claim  func(*provenance.Claim)
		why    string // "" if the branch is proven
	}{
		{"true", nil, nil, ""},
		{"of another run", func(b *ledger.Branch) { b.Run = "other" }, nil, "step 2 did not read what step 1 made"},
		{"of another target", func(b *ledger.Branch) { b.Target.Database = "other" }, nil, "step 2 did not read what step 1 made"},
		{"of another server", func(b *ledger.Branch) { b.Target.SystemID = "9" }, nil, "step 2 did not read what step 1 made"},
		{"without an OID", func(b *ledger.Branch) { b.Database.OID = 0 }, nil, "does not prove which database"},
		{"a copy", nil, func(c *provenance.Claim) { c.OID++ }, "it is a copy, or was restored"},
		{"renamed", nil, func(c *provenance.Claim) { c.Database = "pr2" }, "or it was renamed"},
		{"on another server", nil, func(c *provenance.Claim) { c.SystemID = "9" }, "a copy of it"},
		{"without a mark", nil, func(c *provenance.Claim) { c.Mark = nil }, "comment does not name the run"},
		{"half-made", nil, func(c *provenance.Claim) { c.Mark.State = provenance.Branching }, "comment does not name the run"},
		{"marked as a target", nil, func(c *provenance.Claim) { c.Mark.State, c.Mark.Target = provenance.Published, "pr" }, "comment does not name the run"},
		{"marked by another branch", nil, func(c *provenance.Claim) { c.Mark.Run = "other" }, "comment does not name the run"},
		{"without its target", nil, func(c *provenance.Claim) { c.Steps = c.Steps[1:]; c.Steps[0].Step = 1 }, "begins in the middle"},
		{"without its own step", nil, func(c *provenance.Claim) { c.Steps = c.Steps[:1] }, "masker made database 8/staging"},
	} {
		claim, key := branchClaim(t, c.record)
		if c.claim != nil {
			c.claim(&claim)
		}
		o := provenance.Judge(claim, []string{key})
		if o.Verified != (c.why == "") || !strings.Contains(o.Why, c.why) {
			t.Errorf("%s: %v, %s", c.name, o.Verified, o.Why)
		}
	}
}
