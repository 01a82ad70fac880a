package transform

// Sealed holds the parts of a token of the treatment reversible.
type Sealed struct {
	KeyID string // Sealer.KeyID of the key that sealed the token
	Body  []byte // result of Sealer.Seal
	Bytes bool   // the value is bytes (bytea), not text
}
