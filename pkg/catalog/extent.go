package catalog

// Want is one table whose rows a refresh asks a snapshot for.
type Want struct {
	Table   Name     // the leaf, ordinary or inheritance table that holds the rows itself
	Columns []string // in this order, never generated ones; empty where the table has none
	Binary  bool     // COPY binary, else COPY text

	Joins  []Join  // the referenced rows that Extras are of, each after those its path leads through
	Extras []Extra // columns of referenced rows, behind Columns in each row; read, not written
}

// Extent is a part of one table's rows that is read and written as a unit.
// Only the source that cut it reads its range.
type Extent struct {
	Table Name   `json:"table"`
	Index int    `json:"index"` // within the table, from 0
	Of    int    `json:"of"`    // extents the table was cut into
	From  uint32 `json:"from"`  // first heap block
	To    uint32 `json:"to"`    // the block after the last; 0 = open end
	Bytes int64  `json:"bytes"` // an estimate
}

// Join leads from a row to the one it references: one at most, since Key alone is unique.
type Join struct {
	Path   string `json:"path"`   // the columns that lead there from the table's own row: "customer_id", "order_id.customer_id"; each as SQL would write it
	Parent Name   `json:"parent"` // an ordinary table, read with ONLY, or a partitioned one, read whole
	Key    string `json:"key"`    // the parent's column, unquoted
}

// Extra is a column of a referenced row that is read at the end of each row, NULL where nothing is referenced.
type Extra struct {
	Path   string // of a Join
	Column string // unquoted
}
