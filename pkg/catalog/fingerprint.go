package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Fingerprint returns a digest of the shape. It changes when a table, a column, a type, a key or any other object that
// needs a decision changes. It does not depend on sizes, OIDs, statistics or the server.
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
