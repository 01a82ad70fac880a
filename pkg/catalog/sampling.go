package catalog

import "time"

// Sampling says which rows of a table are looked at.
type Sampling struct {
	Table    Name // includes all partitions, if there are any
	Columns  []string
	Rows     int           // about how many rows
	Bytes    int           // how many characters of a value are read
	Patience time.Duration // how long the server may take
}
