// Package refresh moves rows from a snapshot to a shadow with a pool of workers. Each worker reads a snapshot extent by
// extent, treats every row, and passes whole rows to the shadow. At the end, the package finishes the shadow. It never
// publishes the shadow.
//
// The package declares the interfaces of snapshots and shadows. The memory that it needs depends on the number of
// workers, and not on the size of tables. Each buffer belongs to one goroutine.
package refresh

import (
	"context"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Snapshot is a consistent read of a source, cut into extents. Any reader can read an extent, in any order and more
// than once, and always gets the same bytes. If Cut.Sequential is set, one reader must read all extents in their order.
// Package snapshottest tests implementations.
type Snapshot interface {
	// Cut cuts the wanted tables into extents. Each table has at least one extent, even if it has no rows.
	Cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) (catalog.Cut, error)
	// Open returns a reader for one worker. It refuses a Handle of another snapshot or for other Wants. The end of ctx
	// stops only Open, not the reader.
	Open(ctx context.Context, want []catalog.Want, h catalog.Handle) (Reader, error)
}

// Reader reads extents for one worker. Only one goroutine may use it. It is an alias for an interface without a name,
// so that a driver can return it without importing this package.
type Reader = interface {
	// Read begins to read one extent. The blocks end with ctx, with the next call of Read, and with Close. The blocks
	// need not be read to the end. An error other than io.EOF is the reason why rows are missing.
	Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error)
	// Close stops reading. After Close, nothing of the reader is left on the server.
	Close() error
}

// Shadow is the new database that is built beside the old one. Package shadowtest tests implementations.
type Shadow interface {
	// Write loads one extent and records it, in one transaction. It returns the number of rows. If the extent was
	// written before, Write loads nothing and returns the number of rows that were written then. After an error, no row
	// of the extent is in the table, unless the transaction was committed and only the answer was lost.
	//
	// The argument table is the table that is loaded. It is e.Table, or the root of e.Table if e.Table is a partition
	// and the rows may belong to other partitions. Only one goroutine may use a worker number. Write calls rows.Next
	// from one goroutine at a time, and never after Write has returned. If rows.Next returns an error, Write returns it
	// unchanged or wrapped.
	Write(ctx context.Context, worker int, e catalog.Extent, table catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error)
	// Finish sets sequences, builds indexes, constraints, triggers and materialized views, and gathers statistics.
	Finish(ctx context.Context) error
}

// A Snapshot or a Shadow may implement the interfaces below. If a plan needs Joins, Histograms, LargeObjects or
// LargeObjectStore and it is missing, Run refuses the plan before it reads anything. Select and Explain need Finds. The
// other interfaces are optional.

// Joins is a Snapshot that can read columns of referenced rows together with a row.
type Joins interface {
	// Joinable returns an error if the snapshot cannot read the joins of a Want.
	Joinable(w catalog.Want) error
}

// Histograms is a Snapshot that can count the values of sampled columns.
type Histograms interface {
	// Histogram returns a count for each bucket. If there are no buckets, it returns values and their counts.
	Histogram(ctx context.Context, h catalog.Histogram) (labels []string, counts []int64, err error)
}

// LargeObjects is a Snapshot that can read large objects.
type LargeObjects interface {
	// LargeObjects calls fn for every large object of the snapshot, one after the other.
	LargeObjects(ctx context.Context, fn func(ctx context.Context, oid uint32, r io.Reader) error) error
}

// LargeObjectStore is a Shadow that takes large objects.
type LargeObjectStore interface {
	// PutLargeObject makes a large object with the given OID.
	PutLargeObject(ctx context.Context, oid uint32, r io.Reader) error
}

// Finds is a Snapshot that can search for the rows of a subset.
type Finds interface {
	// Finder returns a finder for one goroutine.
	Finder(ctx context.Context) (Finder, error)
}

// Finder executes searches, one after the other. It is an alias for the same reason as Reader.
type Finder = interface {
	// Indexed reports whether an index finds rows of the table by these columns.
	Indexed(ctx context.Context, table catalog.Name, columns []string) (bool, error)
	// Find calls the function found for every row that the search finds, in no particular order. It may call the
	// function twice for one row. An error of the function ends the search.
	Find(ctx context.Context, s catalog.Search, found func(catalog.Found) error) error
	// Close ends the finder. After Close, nothing of it is left on the server.
	Close() error
}

// Explainer is a Snapshot that can say why it was given up.
type Explainer interface {
	// Explain returns the reason why the snapshot was given up, if that caused err. Otherwise it returns err.
	Explain(err error) error
}

// Repeatable is a Snapshot or a Shadow that can say after which errors an extent can be moved
// again. If the side that failed does not implement Repeatable, its first error ends the refresh.
type Repeatable interface {
	// Again reports whether another attempt to move an extent can succeed, after reading or writing the extent failed
	// with err. An example is a broken connection. A Snapshot returns true only if the same snapshot still exists.
	Again(err error) bool
}
