package probe

// Names for the tests in package probe_test.
var (
	NewLooking = newLooking
	DecoderFor = decoderFor
)

// Looking is the Lookup of the tests.
type Looking = looking

// Found returns how many rows have a word at a place: "public.t.c $.path: word".
func (l *looking) Found(at string) int { return l.found[at] }

// Places returns the places with a word.
func (l *looking) Places() []string { return l.places() }

// Key returns the key of a row with a word at a place.
func (l *looking) Key(at string) string { return l.keys[at] }

// Cells returns the values that were looked up at a place.
func (l *looking) Cells(at string) []string { return l.cells[at] }

// Skipped returns how many values of a place were not looked up: "public.t.c: type".
func (l *looking) Skipped(at string) int { return l.skipped[at] }

// Rows returns how many rows of a table were counted, and the kept cells of some.
func (l *looking) Rows(table string) (int64, []string) { return l.sums[table], l.kept[table] }

// The parts of the detectors that the tests measure.
var (
	Kinds    = kinds
	ChanceOf = chanceOf
)
