package transform

// Sealed is a token of reversible, taken apart.
type Sealed struct {
	KeyID string // what Sealer.KeyID says of the key that made it
	Body  []byte // what Sealer.Seal gave
	Bytes bool   // of a bytea: the value is bytes, not text
}
