package main

import (
	"encoding/json"
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/source"
)

// keeping is what a target that masker made remembers of the ledger it was made under.
type keeping struct {
	note     string // to be told, "" where there is nothing to tell
	revision int    // of the rules it was made with under another ledger, which a ledger begun anew forgot
}

// remembered holds the checkpoint that a target keeps of its last refresh against the ledger, nil where there is none yet. A ledger
// that was deleted, or begun anew where a variable points, would hide every movement before it otherwise.
func remembered(flow string, p source.Provenance, l *ledger.Ledger, trusted []string) (keeping, error) {
	if len(p.Steps) == 0 {
		return keeping{}, nil
	}
	var in ledger.Inclusion
	if err := json.Unmarshal([]byte(p.Steps[len(p.Steps)-1].Inclusion), &in); err != nil {
		return keeping{note: "the target's provenance is not masker's; this refresh replaces it"}, nil
	}
	if l != nil {
		if cp, err := ledger.ParseCheckpoint(in.Checkpoint, l.VerifierKey()); err == nil {
			return keeping{}, continues(flow, l, cp)
		}
	}
	for _, key := range trusted {
		if _, err := ledger.ParseCheckpoint(in.Checkpoint, key); err == nil {
			return keeping{
				note:     "the target was made under another ledger, which the configuration trusts; this refresh replaces it",
				revision: revisionOf(flow, in),
			}, nil
		}
	}
	return keeping{}, &guard.Refused{
		Flow: flow, Why: "the target was made under another ledger than this one, which the configuration does not know",
		Next: "restore that ledger; if it is gone for good, or its place changed on purpose, name its public key under ledger: {trusted: [" +
			report.Clean(in.Verifier) + "]}, by review",
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

// revisionOf is the revision of the rules that a movement of the flow had, 0 where it was another flow's. It can only make the
// guard stricter, so nothing of it has to be proven.
func revisionOf(flow string, in ledger.Inclusion) int {
	var was ledger.Record
	if err := json.Unmarshal([]byte(in.Line), &was); err != nil || was.Movement == nil || was.Movement.Flow != flow {
		return 0
	}
	return was.Movement.Revision
}
