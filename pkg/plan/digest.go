package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Digest returns the SHA-256 of the plan's decisions, in hex. It changes with every column, decision and hook, and does
// not cover sizes, positions and partitions. It also changes when a treated column becomes unique or stops being
// unique, because treatments may then give other results. The findings from the planner's statistics are part of it: a
// run takes them from the approved decisions, see Settle.
func (p *Plan) Digest() string { return p.Decisions().Digest() }

// Digest returns the SHA-256 of the decisions, in hex. Approvals, permits and the ledger name the decisions by it.
func (d Decisions) Digest() string {
	sum := sha256.Sum256(d.canonical())
	return hex.EncodeToString(sum[:])
}

// canonical returns the bytes that the digest is computed from.
func (d Decisions) canonical() []byte {
	data, err := json.Marshal(d) // maps marshal with sorted keys
	if err != nil {
		panic("plan: Decisions are plain data and always marshal") // parameters come from YAML and hold no NaN or infinity
	}
	return data
}
