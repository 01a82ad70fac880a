package movement

import (
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
)

// memory is what a target that masker made remembers of the ledger it was made under.
type memory struct {
	note     string // to be told, "" where there is nothing to tell
	revision int    // of the rules it was made with under another ledger, which a ledger begun anew forgot
}

// remembered holds the checkpoint that a target keeps of its last refresh against the ledger, nil where there is none yet. A ledger
// that was deleted, or begun anew where a variable points, would hide every movement before it otherwise.
func remembered(flow string, c provenance.Claim, l *ledger.Ledger, trusted []string) (memory, error) {
	if len(c.Steps) == 0 {
		return memory{}, nil
	}
	signer, ok := c.Verifier()
	if !ok {
		return memory{note: "the target's provenance is not masker's; this refresh replaces it"}, nil
	}
	if l != nil {
		if m, ok := c.LastStep(l.VerifierKey()); ok {
			return memory{}, continues(flow, l, m.Checkpoint)
		}
	}
	for _, key := range trusted {
		if m, ok := c.LastStep(key); ok {
			return memory{
				note:     "the target was made under another ledger, which the configuration trusts; this refresh replaces it",
				revision: m.Revision(flow),
			}, nil
		}
	}
	return memory{}, &guard.Refused{
		Flow: flow, Why: "the target was made under another ledger than this one, which the configuration does not know",
		Next: "restore that ledger; if it is gone for good, or its place changed on purpose, name its public key under ledger: {trusted: [" +
			report.Clean(signer) + "]}, by review",
	}
}

func continues(flow string, l *ledger.Ledger, cp ledger.Checkpoint) error {
	if err := l.Extends(cp); err != nil {
		return &guard.Refused{
			Flow: flow, Why: fmt.Sprintf("the target keeps a checkpoint that this ledger does not continue: %v", err),
			Next: "restore the ledger; masker ledger verify shows what is missing",
		}
	}
	return nil
}
