package catalog

// Want is one table whose rows a refresh asks a snapshot for.
type Want struct {
	Table   Name     // the leaf, ordinary or inheritance table that holds the rows itself
	Columns []string // in this order, never generated ones; empty where the table has none
	Binary  bool     // COPY binary, else COPY text
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
