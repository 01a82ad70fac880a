// Package probe reads a loaded database and has each value looked up among the fingerprints of the source. The type of
// a value decides how the package looks at it. The package takes documents, arrays and rows apart.
//
// The package has its own decoders. It shares no code with the packages that wrote the values, so that a fault in them
// cannot hide itself.
package probe

import (
	"context"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// Database is one state of a database. Package verify/postgres implements it. Its errors contain no values.
type Database interface {
	// Relations lists everything that stores rows: ordinary tables, partitions that store rows, and materialized views.
	Relations(ctx context.Context) ([]Relation, error)
	// Reader opens a session that reads rows. The caller closes it. Several readers may read at the same time.
	Reader(ctx context.Context) (Reader, error)
	// Texts calls f for every text of the database's catalogs: names, definitions, comments, labels and options.
	Texts(ctx context.Context, f func(Text) error) error
	// Describe returns the place of a text. The table of the place is the relation, function or type that the object
	// belongs to, if there is one. The path of the place says in words what the text is: "comment on column email of
	// table public.customers".
	Describe(ctx context.Context, t Text) (verify.Place, error)
	// LargeObjects calls f for every piece of every large object, in order. Last is true in the last piece of each
	// object.
	LargeObjects(ctx context.Context, f func(oid uint32, p Piece) error) error
}

// Reader reads rows on one session. It belongs to one goroutine.
type Reader interface {
	// Read sends the rows of a part to the sink. An error of the sink ends the reading and is returned. After an error,
	// the reader may be used again.
	Read(ctx context.Context, w Want, s Sink) error
	Close()
}

// Relation is a relation that stores rows.
type Relation struct {
	Name    catalog.Name
	Root    catalog.Name     // the topmost partitioned table of a partition; otherwise Name
	View    bool             // a materialized view
	Columns []catalog.Column // in the order of the table, with generated columns
	Primary []string         // columns of the primary key
	Binary  bool             // the server can send all columns in COPY binary

	Pages    uint32 // size of the heap in disk blocks
	Bytes    int64  // size of the heap and of the values stored out of line
	Cuttable bool   // a range of disk blocks can be read without the others
}

// Want is a part of a relation, and the form in which its rows are read.
type Want struct {
	Relation *Relation
	Columns  []string // columns of the row, in this order
	Texts    []string // columns that follow Columns in the row, cast to text by the server
	Binary   bool     // COPY binary, otherwise COPY text
	Missing  []string // columns that the server cannot compute. The row has NULL in their places
	From, To uint32   // the disk blocks from From to the block before To. If To is 0, to the end of the relation
}

// Sink gets the rows of a Want.
type Sink interface {
	// Row gets one row in COPY's format, without the header and trailer of COPY binary. If the argument long is true,
	// the row is too long. Its long values are then NULL in the row, and Piece gets them afterwards. The row is valid
	// during the call only.
	Row(row []byte, long bool) error
	// Piece gets a part of a long value of the last row, in order. The column is an index in the row. If the row has
	// the column twice, the index is that of the last cell.
	Piece(column int, p Piece) error
	// Missing says that the server cannot compute a column, which is NULL in the rows that follow. The column is an
	// index in the row.
	Missing(column int)
}

// Piece is a part of a value that is too long to be read whole. Neighbouring pieces of a text share 8 KiB, so that a
// short value in it is whole in one of them. A piece can begin and end within a character. The bytes are valid during
// the call only.
type Piece struct {
	Data  []byte // bytes of a bytea or a large object, otherwise a part of the value's text
	Bytes bool   // Data is not a text
	Last  bool
}

// Text is a text of a catalog. It belongs to an object, or to a column whose values it quotes.
type Text struct {
	Kind          string // what the text is: "pg_description.description", "pg_rewrite.ev_action"
	Class, Object uint32 // catalog and OID of the object, as in pg_depend; 0 if the text belongs to Table and Column
	Sub           int32  // number of the object's column; 0 for the object itself
	Table         catalog.Name
	Column        string
	Expression    bool   // the text is SQL that the server prints for a parsed expression. Each name in it is a text of another catalog, too
	Text          []byte // valid during the call only
}
