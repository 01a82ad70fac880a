package catalog

// Search asks a snapshot for rows of one table. It is one step of the selection of a subset. A Search without From
// finds rows by a condition. A Search with From finds the rows that have the same key as rows of another table: the
// parents of children, or the children of parents.
type Search struct {
	Table   Name     // an ordinary table, searched with ONLY, or a partitioned table, searched with its partitions
	Columns []string // columns of Table that are compared with From.Columns
	Overlap bool     // the last column must overlap the last column of From. All other columns must be equal
	Is      Is       // only rows of Table with this value
	Where   string   // only rows of Table that meet this condition, as SQL; "" for all rows
	Sample  Sample   // only a share of the rows of Table

	Excluded string // an SQL condition. Rows that meet it are not found, unless Tell is true
	Tell     bool   // rows that meet Excluded are found too, and Found.Excluded is true for them

	From *From // nil for none

	// Limit is the largest number of rows that are found. With From, it is the largest number for each key. The rows
	// that are first in the order of the columns Order are found. If both From and Order are empty, the server chooses
	// the rows. 0 means no limit.
	Limit int
	Order []string
}

// From says from which rows a Search starts.
type From struct {
	Table   Name       // the table that stores the rows: an ordinary table or a partition
	Columns []string   // columns of Table that are compared with Search.Columns
	Is      Is         // only rows with this value
	Rows    []Position // positions of the rows, sorted
	All     bool       // all rows of Table, instead of Rows
	Pairs   bool       // Found.From says from which row a row was found
}

// Is is a condition on one column. The column "" means no condition.
type Is struct{ Column, Value string }

// Sample is a share of a table's rows. A hash of the columns, made with Seed, decides whether a row is in the sample.
type Sample struct {
	Columns []string
	Percent float64 // 0 for all rows
	Seed    int64   // derived from the flow's secret key
}

// Found is one row that a Search found.
type Found struct {
	Table    Name // the table that stores the row: an ordinary table or a partition
	At       Position
	Excluded bool     // the row meets the condition Search.Excluded
	From     Position // the row from which this row was found. It is set only if From.Pairs is true
}
