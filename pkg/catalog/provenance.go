package catalog

// The table every target carries: which movement made it, with the ledger's proof. It is masker's own
// by its comment, and no part of the database's shape: who reads a shape leaves it out.
const (
	ProvenanceSchema  = "masker"
	ProvenanceTable   = "provenance"
	ProvenanceComment = "masker: provenance" // what the comments of both begin with
)
