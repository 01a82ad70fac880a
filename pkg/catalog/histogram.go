package catalog

// Histogram says which values a snapshot has to count: the values of one column, without NULLs. A refresh asks for
// histograms before it reads rows.
type Histogram struct {
	Table     Name // includes all partitions, if there are any
	Column    string
	Subject   string // column that names the person of a row. One row of each person is counted. All rows with NULL are one person. "" counts every row
	Family    Family
	Low, High float64 // limits of the buckets: numbers, or days or seconds since 1970; a value outside the limits is counted in the nearest bucket
	Buckets   int     // number of buckets of equal width; 0 counts single values, most frequent first
}

// Limits for the values that a Histogram returns: their number, and the length of one in bytes.
const (
	MaxLabels     = 10_000
	MaxLabelBytes = 1_000
)
