package movement

import (
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
)

// otherLedger describes a target that was made by a run of another ledger. The configuration trusts that ledger.
type otherLedger struct {
	note     string // a note for the operator, or ""
	revision int    // revision of the rules with which the target was made. It is not in this ledger
}

// compareLedger compares the checkpoint in a target's provenance with this ledger. The argument l is nil if there is no
// ledger yet. Without this check, somebody could hide earlier movements by deleting the ledger, or by beginning a new
// ledger at another path.
func compareLedger(flow string, c provenance.Claim, l *ledger.Ledger, trusted []string) (otherLedger, error) {
	if len(c.Steps) == 0 {
		return otherLedger{}, nil
	}
	signer, ok := c.Verifier()
	if !ok {
		return otherLedger{note: "the target's provenance cannot be read as masker's; this refresh replaces it"}, nil
	}
	if l != nil {
		if m, ok := c.LastStep(l.VerifierKey()); ok {
			return otherLedger{}, checkExtends(flow, l, m.Checkpoint)
		}
	}
	for _, key := range trusted {
		if m, ok := c.LastStep(key); ok {
			return otherLedger{
				note:     "the target was made under another ledger, which the configuration trusts; this refresh replaces it",
				revision: m.Revision(flow),
			}, nil
		}
	}
	return otherLedger{}, &guard.Refused{
		Flow: flow, Why: "the target was made under another ledger than this one, and the configuration does not trust that ledger",
		Next: "restore that ledger; if it is lost, or if you moved the ledger on purpose, name its public key under ledger: {trusted: [" +
			report.Clean(signer) + "]}, by review",
	}
}

func checkExtends(flow string, l *ledger.Ledger, cp ledger.Checkpoint) error {
	if err := l.Extends(cp); err != nil {
		return &guard.Refused{
			Flow: flow, Why: fmt.Sprintf("the target keeps a checkpoint that this ledger does not continue: %v", err),
			Next: "restore the ledger; masker ledger verify shows what is missing",
		}
	}
	return nil
}
