package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Fingerprint is a digest of the shape: it changes when a table, column, type, key,
// or an object that wants a decision does, and not with sizes, OIDs, statistics
// or the server it was read from.
func (d *Database) Fingerprint() string {
	shape := *d
	shape.Name, shape.SystemID, shape.Version, shape.Owner = "", "", 0, ""
	data, err := json.Marshal(shape)
	if err != nil {
		panic("catalog: a Database is plain data and always marshals") // strings, numbers and booleans only
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
