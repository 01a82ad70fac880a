package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// overlap is the length of the part that two neighbouring pieces of a text share, in characters. A value that is not longer
// is whole in one of the pieces. Pieces of bytes share nothing.
const overlap = 4 << 10

// pieceLength returns the length of a piece, in characters or bytes. The server makes the whole value anew for each
// piece, so pieces are not short.
func (d *Database) pieceLength() int { return max(d.opt.MaxRow/8, 2*overlap) }

// longRow is a row with values that are longer than Options.MaxRow.
type longRow struct {
	Place string // ctid
	Long  []bool // for each of namesOf(w)
}

// namesOf returns the column of each cell of a Want's rows.
func namesOf(w probe.Want) []string { return slices.Concat(w.Columns, w.Texts) }

// readLong reads the rows of a Want that the sink does not have yet. Values longer than Options.MaxRow are read in
// pieces. The other values are shorter, so the session needs no limit for a row.
func (r *reader) readLong(ctx context.Context, w probe.Want, to *copied) (err error) {
	if r.conn, err = r.db.session(ctx, 0); err != nil {
		return err
	}
	defer r.Close() // the next part gets a session with a limit
	rest := fmt.Sprintf("(SELECT ctid AS place, *%s OFFSET %d) AS r", from(w), to.rows)
	lengths := make([]string, len(w.Columns)+len(w.Texts))
	for i, name := range namesOf(w) {
		lengths[i] = fmt.Sprintf("COALESCE(%s > %d, false)", lengthOf(w.Relation, name), r.db.opt.MaxRow)
	}
	any := "(" + strings.Join(lengths, " OR ") + ")"
	list, err := collect[longRow](ctx, r.conn, fmt.Sprintf("SELECT place::text, ARRAY[%s] FROM %s WHERE %s", strings.Join(lengths, ", "), rest, any))
	if err != nil {
		return pgsession.Safe(err)
	}
	if err := r.copy(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE NOT %s", strings.Join(selects(w), ", "), rest, any), to); err != nil {
		return err
	}
	for _, l := range list {
		if err := r.long(ctx, w, l, to); err != nil {
			return err
		}
	}
	return r.unchanged(ctx, w.Relation)
}

// lengthOf returns the length of a column's value in bytes, as SQL. Values of most types without a length of their own
// are short.
func lengthOf(rel *probe.Relation, name string) string {
	column := catalog.Quote(name)
	switch typeOf(rel, name).Family {
	case catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID, catalog.Date, catalog.Timestamp, catalog.TimestampTZ,
		catalog.Inet, catalog.Enum, catalog.Time, catalog.Interval, catalog.MAC, catalog.Money:
		return "0"
	case catalog.Bytes:
		return "octet_length(" + column + "::bytea)"
	}
	return "octet_length(" + column + "::text)"
}

func typeOf(rel *probe.Relation, name string) catalog.Type {
	for _, c := range rel.Columns {
		if c.Name == name {
			return c.Type
		}
	}
	return catalog.Type{Family: catalog.Other}
}

// long reads one row without its long values, and then these values in pieces. A column that is also wanted as text is
// NULL in both places, and read once.
func (r *reader) long(ctx context.Context, w probe.Want, l longRow, to *copied) error {
	columns, names := selects(w), namesOf(w)
	for i := range names {
		if l.Long[i] {
			columns[i] = "NULL"
		}
	}
	at := fmt.Sprintf(" FROM ONLY %s WHERE ctid = '%s'", w.Relation.Name, l.Place)
	to.long = true
	if err := r.copy(ctx, "SELECT "+strings.Join(columns, ", ")+at, to); err != nil {
		return err
	}
	for i, name := range names {
		if !l.Long[i] || slices.Contains(names[i+1:], name) {
			continue
		}
		bytes := typeOf(w.Relation, name).Family == catalog.Bytes
		value := catalog.Quote(name) + "::text"
		if bytes {
			value = catalog.Quote(name) + "::bytea"
		}
		err := r.pieces(ctx, "SELECT substr("+value+", $1, $2)"+at, bytes, func(p probe.Piece) error {
			to.err = to.sink.Piece(i, p)
			return to.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces runs a query with the parameters $1, the position of a piece from 1, and $2, its length, until a piece is
// shorter than asked for.
func (r *reader) pieces(ctx context.Context, query string, bytes bool, f func(probe.Piece) error) error {
	sql, full := "SELECT p, length(p) FROM ("+query+") x(p)", r.db.pieceLength()
	step := full
	if !bytes {
		step -= overlap
	}
	for at := 1; ; at += step {
		p, length := probe.Piece{Bytes: bytes}, 0
		if err := r.conn.QueryRow(ctx, sql, at, full).Scan(&p.Data, &length); err != nil {
			return pgsession.Safe(err)
		}
		p.Last = length < full
		if err := f(p); err != nil || p.Last {
			return err
		}
	}
}
