package verify

import "github.com/masker-project/masker/pkg/catalog"

// Collection gathers the fingerprints of a run. Its key is random and only in memory. Its methods may be called by many
// goroutines.
type Collection struct{ o Options }

// New starts a collection.
func New(o Options) *Collection { return &Collection{o: o} }

// Collector returns a collector for the rows of one table. A collector belongs to one goroutine. Making one is cheap.
func (c *Collection) Collector(table catalog.Name) *Collector { return &Collector{} }

// Seal ends the collection: it decides which values are rare. No collector may be used any more.
func (c *Collection) Seal() (*Set, error) { return &Set{}, nil }

// Collector collects the values of the rows of one table. It belongs to one goroutine.
type Collector struct{}

// Leaf returns what sees the values of a source. Leaves are made before the first row.
func (w *Collector) Leaf(s Source) *Leaf { return &Leaf{} }

// Control returns what sees some values of a kept column. It returns nil if values of the type are not looked at.
func (w *Collector) Control(p Place, t catalog.Type) *Control { return &Control{} }

// Begin starts an extent. Rows without a subject are told apart by the extent and their number in it, so an extent that
// is repeated gives the same rows.
func (w *Collector) Begin(extent int) {}

// Done ends an extent that arrived. Undo ends one that did not, and that will be repeated.
func (w *Collector) Done() {}

// Undo forgets the counts of an extent.
func (w *Collector) Undo() {}

// Kept sees neighbouring kept cells of the current row, as COPY has them.
func (w *Collector) Kept(run []byte) {}

// Row ends a row. subject is the canonical text of the row's subject, nil if the row has none.
func (w *Collector) Row(subject []byte) {}

// Leaf sees the values of one source before and after their treatment.
type Leaf struct{}

// See sees one treated leaf of the current row. nil means NULL. The slices may be reused after the call.
func (l *Leaf) See(before, after []byte) {}

// Control sees values that are expected to arrive as they are.
type Control struct{}

// Wanted reports whether the current row's value is wanted. It is cheap, so that cells need to be decoded only then.
func (c *Control) Wanted() bool { return false }

// See sees the value of the current row, as PostgreSQL prints it. It is called if Wanted, and not for NULL.
func (c *Control) See(value []byte) {}
