package catalog

// Kind says which rows of a table are examples of something.
type Kind string

// The kinds.
const (
	AnyRow   Kind = "any"      // any row
	EachOf   Kind = "each"     // rows for each combination of values of Columns
	Nulls    Kind = "null"     // rows whose column is NULL
	Filled   Kind = "filled"   // rows whose column is not NULL
	Least    Kind = "least"    // the row with the smallest value
	Greatest Kind = "greatest" // the row with the largest value
	Shortest Kind = "shortest" // the row with the shortest text
	Longest  Kind = "longest"  // the row with the longest text
	Paths    Kind = "paths"    // rows for each path of the JSON documents in the column
	Children Kind = "children" // rows that no row, one row, and several rows of another table reference
)

// Look asks a snapshot for examples: for rows of one table that show something. The first rows in the order of Order
// are the examples. Text is compared byte by byte, so that the order does not depend on the locale of the database.
type Look struct {
	Table   Name // an ordinary table, read with ONLY, or a partitioned table, read with its partitions
	Kind    Kind
	Columns []string // what is looked at
	Order   []string // columns that identify each row. If there are none, the text of the whole row decides
	Most    int      // the largest number of examples of each thing
	Common  int      // only things that at least this number of rows show
	Rows    int      // only so many rows of the table are looked at, the first in the order of Order. 0 means all rows

	Child        Name // for Children: the table that references the rows
	ChildColumns []string
}

// Example is one row that a Look found.
type Example struct {
	Values []string // what the row shows: a text for each column, or one path
	Null   []bool   // of each value
	Table  Name     // the table that stores the row: an ordinary table or a partition
	At     Position
}

// Selected asks a snapshot for all cells of some rows of a table, in the order of Order.
type Selected struct {
	Columns []string
	Order   []string
	Rows    map[Name][]Position // of each table that stores rows
}
