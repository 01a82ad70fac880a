package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Want is one table whose rows a refresh reads from a snapshot. It has everything that is the same for all extents of
// the table.
type Want struct {
	Table   Name     `json:"table"`   // the table that stores the rows itself: an ordinary table, a partition, or a table with children
	Columns []string `json:"columns"` // in this order, without generated columns; empty if the table has no columns
	Binary  bool     `json:"binary"`  // COPY binary, otherwise COPY text

	// Stripes asks the snapshot to return the pages of each extent as stripes, so that the caller can put them in
	// another order. A snapshot that cannot read a table in stripes returns extents without pages.
	Stripes bool `json:"stripes,omitempty"`

	// Rows is the rows of the table that belong to a subset. Nil means that the whole table is read.
	Rows *Rows `json:"rows,omitempty"`

	Joins  []Join  `json:"joins,omitempty"`  // the joins that Extras need; if the path of a join leads through other joins, these come first
	Extras []Extra `json:"extras,omitempty"` // columns of referenced rows; they follow Columns in each row, and are read but not written
}

// DigestWants returns a digest of the wants. It depends on their order, because an extent names its Want by the index.
func DigestWants(want []Want) string {
	data, err := json.Marshal(want)
	if err != nil {
		panic("catalog: a Want is plain data and always marshals") // strings, numbers and booleans only
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Join leads from a row to the row that it references. It leads to at most one row, because the column Key alone is
// unique.
type Join struct {
	Path   string `json:"path"`   // the columns from the table's own row to the parent, each quoted as in SQL: "customer_id", "order_id.customer_id"
	Parent Name   `json:"parent"` // an ordinary table, read with ONLY, or a partitioned table, read with its partitions
	Key    string `json:"key"`    // column of Parent, unquoted
}

// Extra is a column of a referenced row, read at the end of each row. It is NULL if the row references nothing.
type Extra struct {
	Path   string `json:"path"`   // Path of a Join
	Column string `json:"column"` // name of the column, unquoted
}

// Extent is a part of a table that one worker reads and writes in one transaction. It is plain data. Any reader that
// has access to the snapshot can read the extent, if it has the Wants and the Handle, unless the Cut is Sequential.
type Extent struct {
	Want  int     `json:"want"`            // index of its Want
	Table Name    `json:"table"`           // table of its Want
	Index int     `json:"index"`           // number of the extent within the table, from 0
	Of    int     `json:"of"`              // number of extents of the table
	Pages []Pages `json:"pages,omitempty"` // in reading order; empty means the whole table
	Bytes int64   `json:"bytes"`           // an estimate
	Long  bool    `json:"long,omitempty"`  // most of the table is values that are stored out of line, so rows may be long
	Seed  int64   `json:"seed,omitempty"`  // the server sends the rows of each range in an order that depends on this seed; 0 means in physical order
}

// Pages is a range of a table's disk blocks. The ranges of one extent may lie anywhere in the table. The ranges of all
// extents of a table are the table's stripes. Each row of the table is in exactly one range.
type Pages struct {
	From uint32 `json:"from"` // first disk block
	To   uint32 `json:"to"`   // disk block after the last; 0 means until the end of the table
}

// Sizes says how to cut a snapshot into extents.
type Sizes struct {
	Workers int   // number of workers that read at the same time
	Bytes   int64 // size of an extent; 0 lets the snapshot choose
}

// Cut is a snapshot cut into extents.
type Cut struct {
	Handle  Handle   `json:"handle"`
	Extents []Extent `json:"extents"`
	// Sequential means that one reader must read all extents, in the order of Extents.
	Sequential bool `json:"sequential,omitempty"`
}

// Handle names a snapshot and the wants that a refresh asked it for.
type Handle struct {
	Snapshot string `json:"snapshot"`  // identifier of the snapshot
	SystemID string `json:"system_id"` // system identifier of the server
	Database string `json:"database"`
	Wants    string `json:"wants"` // result of DigestWants
}
