// Package refresh is the streaming worker pool: it reads a snapshot extent by
// extent, treats every row on its way, and hands whole rows to a shadow. It finishes
// the shadow and never publishes it.
//
// It declares the small interfaces it reads from and writes to, and drives both. Memory is
// workers × buffers whatever the size of a table; one goroutine owns each buffer.
package refresh

import (
	"context"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Snapshot is a consistent read of a source, cut into extents. Any of its readers can read an extent, in any
// order, and again: the bytes are always the same. Package snapshottest holds an implementation to it.
type Snapshot interface {
	// Cut cuts the wanted tables into extents: each table into one at least, also one without rows.
	Cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) (catalog.Cut, error)
	// Open gives a reader to one worker. It refuses the Handle of another snapshot, and one for other Wants. ctx
	// is for opening alone.
	Open(ctx context.Context, want []catalog.Want, h catalog.Handle) (Reader, error)
}

// Reader reads extents for one worker. One goroutine uses it. It is an alias, so that a driver can
// return it without importing this package.
type Reader = interface {
	// Read begins to read one extent. Its Blocks end with ctx, with the next Read and with Close; they need not
	// be read to their end. An error of theirs is why not all rows came.
	Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error)
	// Close ends what is being read. Nothing of the reader is left on the server after it.
	Close() error
}

// Shadow is the new database being built beside the old one. Package shadowtest holds an implementation to it.
type Shadow interface {
	// Write loads one extent in one transaction that also records the extent: repeating it is a no-op that
	// returns the rows written before. An error leaves nothing of it behind. into names the table to load (a root
	// where rows must be routed anew). Each worker number belongs to one goroutine. rows is read by one goroutine
	// at a time, and no longer once Write has returned; an error of rows is returned as it is, or wrapped.
	Write(ctx context.Context, worker int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error)
	// Finish sets sequences, builds indexes, constraints, triggers and materialized views, and analyzes.
	Finish(ctx context.Context) error
}

// What follows is what a Snapshot or a Shadow may be besides. A plan that needs what is not there is refused before anything is read.

// Joins is a Snapshot that reads columns of referenced rows behind a row's own.
type Joins interface {
	// Joinable says why the joins of a Want cannot be read, or nil.
	Joinable(w catalog.Want) error
}

// Histograms is a Snapshot that counts the values of sampled columns.
type Histograms interface {
	// Histogram gives a count for each bucket, or values with a count each.
	Histogram(ctx context.Context, h catalog.Histogram) (labels []string, counts []int64, err error)
}

// LargeObjects is a Snapshot that has large objects.
type LargeObjects interface {
	// LargeObjects calls fn for every large object of the snapshot, one at a time.
	LargeObjects(ctx context.Context, fn func(ctx context.Context, oid uint32, r io.Reader) error) error
}

// LargeObjectStore is a Shadow that takes large objects.
type LargeObjectStore interface {
	// PutLargeObject makes the large object under the same OID.
	PutLargeObject(ctx context.Context, oid uint32, r io.Reader) error
}

// Explainer is a Snapshot that knows why it was given up.
type Explainer interface {
	// Explain gives that reason instead of an error that followed from it, and any other error as it is.
	Explain(err error) error
}
