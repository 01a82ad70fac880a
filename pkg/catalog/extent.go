package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Want is one table whose rows a refresh asks a snapshot for. What all extents of a table have in common stands here.
type Want struct {
	Table   Name     `json:"table"`   // the leaf, ordinary or inheritance table that holds the rows itself
	Columns []string `json:"columns"` // in this order, never generated ones; empty where the table has none
	Binary  bool     `json:"binary"`  // COPY binary, else COPY text

	Joins  []Join  `json:"joins,omitempty"`  // the referenced rows that Extras are of, each after those its path leads through
	Extras []Extra `json:"extras,omitempty"` // columns of referenced rows, behind Columns in each row; read, not written
}

// DigestWants is a digest of what is asked for, in that order. Extents are counted in it by the index of their Want.
func DigestWants(want []Want) string {
	data, err := json.Marshal(want)
	if err != nil {
		panic("catalog: a Want is plain data and always marshals") // strings, numbers and booleans only
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Join leads from a row to the one it references: one at most, since Key alone is unique.
type Join struct {
	Path   string `json:"path"`   // the columns that lead there from the table's own row: "customer_id", "order_id.customer_id"; each as SQL would write it
	Parent Name   `json:"parent"` // an ordinary table, read with ONLY, or a partitioned one, read whole
	Key    string `json:"key"`    // the parent's column, unquoted
}

// Extra is a column of a referenced row that is read at the end of each row, NULL where nothing is referenced.
type Extra struct {
	Path   string `json:"path"`   // of a Join
	Column string `json:"column"` // unquoted
}

// Extent is a part of one table's rows that is read and written as a unit. It is plain data: with the
// Wants and the Handle it says to any reader that reaches the snapshot what to read.
type Extent struct {
	Want  int     `json:"want"`            // the index of its Want
	Table Name    `json:"table"`           // the Want's
	Index int     `json:"index"`           // within the table, from 0
	Of    int     `json:"of"`              // extents the table was cut into
	Pages []Pages `json:"pages,omitempty"` // in the order in which they are read; none for the whole table
	Bytes int64   `json:"bytes"`           // an estimate
}

// Pages is a range of a table's blocks. Several in one extent may lie anywhere in the table.
type Pages struct {
	From uint32 `json:"from"` // the first block
	To   uint32 `json:"to"`   // the block after the last; 0 = open end
}

// Sizes say how finely a snapshot is to be cut.
type Sizes struct {
	Workers int   // that will read at once
	Bytes   int64 // of an extent; 0: the snapshot chooses
}

// Cut is a snapshot cut into extents.
type Cut struct {
	Handle  Handle   `json:"handle"`
	Extents []Extent `json:"extents"`
	// Sequential says that one reader has to read all extents, in this order.
	Sequential bool `json:"sequential,omitempty"`
}

// Handle names a snapshot and what was asked of it.
type Handle struct {
	Snapshot string `json:"snapshot"`  // its id
	SystemID string `json:"system_id"` // of the server
	Database string `json:"database"`
	Wants    string `json:"wants"` // DigestWants
}
