// Package refresh is the streaming worker pool: it drives a snapshot, treats every
// row on its way, and hands whole rows to a shadow. It builds and finishes the
// shadow and never publishes it.
//
// It declares the small interfaces it reads from and writes to. Memory is workers ×
// buffers whatever the size of a table; one goroutine owns each buffer.
package refresh

import (
	"context"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Snapshot is a consistent read of a source.
type Snapshot interface {
	// Stream cuts the wanted tables into extents, largest first, and calls fn for each, from workers
	// goroutines numbered from 0. The first error cancels ctx for all and is returned once all have ended.
	Stream(ctx context.Context, want []catalog.Want, workers int,
		fn func(ctx context.Context, worker int, e catalog.Extent, rows wire.Blocks) error) error
	// LargeObjects calls fn for every large object of the snapshot, one at a time.
	LargeObjects(ctx context.Context, fn func(ctx context.Context, oid uint32, r io.Reader) error) error
}

// Shadow is the new database being built beside the old one.
type Shadow interface {
	// Write loads one extent through COPY in one transaction that also records the extent: repeating
	// it is a no-op. into names the table to load (a root where rows must be routed anew). It returns
	// the rows written.
	Write(ctx context.Context, worker int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error)
	// PutLargeObject makes the large object under the same OID.
	PutLargeObject(ctx context.Context, oid uint32, r io.Reader) error
	// Finish sets sequences, builds indexes, constraints, triggers and materialized views, and analyzes.
	Finish(ctx context.Context) error
}
