package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Digest is the SHA-256, in hex, of the plan's decisions in a normal form. It stays the same when a
// partition, an index or rows are added, and changes with any column, decision or hook, and where a
// treated column becomes unique or ceases to be: treatments may give other results then.
func (p *Plan) Digest() string { return p.Decisions().Digest() }

// Digest is what approvals, permits and the ledger name these decisions by.
func (d Decisions) Digest() string {
	sum := sha256.Sum256(d.canonical())
	return hex.EncodeToString(sum[:])
}

// canonical are the bytes the digest is over.
func (d Decisions) canonical() []byte {
	data, err := json.Marshal(d) // maps marshal with sorted keys
	if err != nil {
		panic("plan: Decisions are plain data and always marshal") // parameters come from YAML, without NaN or infinity
	}
	return data
}
