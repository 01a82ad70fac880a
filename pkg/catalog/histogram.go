package catalog

// Histogram is what a refresh asks of one column before it reads rows: how its values are spread, NULLs left out.
type Histogram struct {
	Table     Name // with all its partitions, where it has some
	Column    string
	Family    Family
	Low, High float64 // the ends of Buckets: numbers, days or seconds since 1970; values outside count as the nearest
	Buckets   int     // of equal width; 0: the values themselves are counted, the most frequent ones first
}

// The most a Histogram gives of values: how many, and how long one may be in bytes.
const (
	MostLabels   = 10_000
	LongestLabel = 1_000
)
