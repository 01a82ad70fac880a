package catalog

// Search asks a snapshot for the rows of one table. It is one step of the selection of a subset. Without From, it finds
// rows by a condition. With From, it finds the rows that have the same key as rows of another table: the parents of
// children, or the children of parents.
type Search struct {
	Table   Name     // an ordinary table, searched with ONLY, or a partitioned table, searched with its partitions
	Columns []string // columns of Table that are compared with From.Columns
	Overlap bool     // the last columns are compared by whether they overlap, and not by whether they are equal
	Is      Is       // only rows of Table with this value
	Where   string   // only rows of Table that meet this condition, as SQL; "" for all rows
	Sample  Sample   // only a share of the rows of Table

	Excluded string // rows that meet this condition, as SQL, are not found
	Tell     bool   // rows that meet Excluded are found too, and Found says so

	From *From // nil for none

	// Limit is the number of rows that are found at most. With From, the limit holds for each key. The first rows in the
	// order of the columns Order are found. Without From and Order, any rows are found. 0 means no limit.
	Limit int
	Order []string
}

// From is the rows from which a Search starts.
type From struct {
	Table   Name // stores the rows itself
	Columns []string
	Is      Is         // only rows with this value
	Rows    []Position // sorted
	All     bool       // all rows of Table, instead of Rows
	Pairs   bool       // Found says from which row it was found
}

// Is is a condition on one column. The column "" means no condition.
type Is struct{ Column, Value string }

// Sample is a share of a table's rows that a key chooses. The hash of the columns decides about a row.
type Sample struct {
	Columns []string
	Percent float64 // 0 for all rows
	Seed    int64   // derived from the key
}

// Found is one row that a Search found.
type Found struct {
	Table    Name // the table that stores the row itself
	At       Position
	Excluded bool     // the row meets the condition Search.Excluded
	From     Position // with From.Pairs
}
