// Package refresh is the streaming worker pool: it drives a snapshot, treats every
// row on its way, and hands whole rows to a shadow. It builds and finishes the
// shadow and never publishes it.
//
// It declares the small interfaces it reads from and writes to. Memory is workers ×
// buffers whatever the size of a table; one goroutine owns each buffer.
package refresh

import (
	"context"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Want is one table the snapshot shall stream.
type Want struct {
	Table   catalog.Name // the leaf, partition or ordinary table that holds the rows
	Columns []string     // in this order; never generated ones. Empty: the table has none
	Format  wire.Format
}

// Extent is a part of one table's rows that is read and written as a unit. Only its source reads From and To.
type Extent struct {
	Table catalog.Name `json:"table"`
	Index int          `json:"index"` // within the table, from 0
	From  uint32       `json:"from"`  // first heap block
	To    uint32       `json:"to"`    // block after the last; 0 = open end
	Bytes int64        `json:"bytes"` // heap size, an estimate
}

// Blocks pulls whole rows of one extent.
type Blocks interface {
	// Next returns the next block of whole rows in the extent's wire format, without COPY binary's
	// header and trailer, valid until the following call; io.EOF after the last.
	Next() ([]byte, error)
}

// Snapshot is a consistent read of a source.
type Snapshot interface {
	// Stream cuts the wanted tables into extents, largest first, and calls fn for each from up to
	// workers goroutines. The first error cancels ctx for all, and is returned once all have ended.
	Stream(ctx context.Context, want []Want, workers int, fn func(ctx context.Context, worker int, e Extent, rows Blocks) error) error
}

// Shadow is the new database being built beside the old one.
type Shadow interface {
	// Write loads one extent through COPY in one transaction. into is the table to name (a root where
	// rows must be routed again). It returns the rows written. rows carries no header or trailer.
	Write(ctx context.Context, worker int, e Extent, into catalog.Name, columns []string, f wire.Format, rows Blocks) (int64, error)
	// Finish sets sequences, builds indexes, constraints, triggers and materialized views, and analyzes.
	Finish(ctx context.Context) error
}
