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

// overlap is the length in bytes of the part that two neighbouring pieces of a text share. A value that is not longer
// than this part is whole in one of the pieces. Pieces of bytes share nothing.
const overlap = 8 << 10

// pieceLength returns the length of a piece in bytes.
func (d *Database) pieceLength() int { return max(d.opt.MaxRow/16, 2*overlap) }

// longRow is a row with values that are longer than Options.MaxRow.
type longRow struct {
	Place string // the ctid of the row
	Long  []bool // for each column of namesOf(w), whether its value is long
}

// namesOf returns the column of each cell of a Want's rows.
func namesOf(w probe.Want) []string { return slices.Concat(w.Columns, w.Texts) }

// readLong reads the rows of a Want that the sink does not have yet. Values longer than Options.MaxRow are read in
// pieces. The other values are shorter, so the session needs no limit for a row.
func (r *reader) readLong(ctx context.Context, w probe.Want, to *copied) (err error) {
	if r.conn, err = r.db.session(ctx, 0); err != nil {
		return err
	}
	defer r.Close()       // the next part gets a session with a limit
	if w.Missing == nil { // a later error could not say which of the rows the sink has
		if w.Missing = r.uncomputable(ctx, w); w.Missing != nil {
			tell(w, to.sink)
		}
	}
	if err := r.usePath(ctx, w.Relation); err != nil {
		return err
	}
	rest := fmt.Sprintf("(SELECT ctid AS place, *%s OFFSET %d) AS r", from(w), to.rows)
	lengths := make([]string, len(w.Columns)+len(w.Texts))
	for i, name := range namesOf(w) {
		lengths[i] = fmt.Sprintf("COALESCE(%s > %d, false)", lengthOf(w, name), r.db.opt.MaxRow)
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

// lengthOf returns an SQL expression for the length of a column's value in bytes. For types whose values are always
// short, and for columns that the server cannot compute, the expression is 0.
func lengthOf(w probe.Want, name string) string {
	column := catalog.Quote(name)
	if slices.Contains(w.Missing, name) {
		return "0"
	}
	switch typeOf(w.Relation, name).Family {
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
		err := r.pieces(ctx, w.Relation, name, at, func(p probe.Piece) error {
			to.err = to.sink.Piece(i, p)
			return to.err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pieces sends the value of a column piece by piece. The argument at finds the row. The server makes the bytes of the
// value once, and cuts them.
func (r *reader) pieces(ctx context.Context, rel *probe.Relation, column, at string, f func(probe.Piece) error) error {
	value, shared := "textsend("+catalog.Quote(column)+"::text)", overlap
	bytes := typeOf(rel, column).Family == catalog.Bytes
	if bytes {
		value, shared = catalog.Quote(column)+"::bytea || ''::bytea", 0
	}
	length := r.db.pieceLength()
	step := length - shared
	rows, err := r.conn.Query(ctx, fmt.Sprintf(`SELECT substr(v, n * %[1]d + 1, %[2]d), n = last
		FROM (SELECT v, greatest(octet_length(v) - %[3]d, 0) / %[1]d FROM (SELECT %[4]s%[5]s OFFSET 0) x(v) OFFSET 0) y(v, last)
		CROSS JOIN LATERAL generate_series(0, last) n`, step, length, shared+1, value, at))
	if err != nil {
		return pgsession.Safe(err)
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues()
		if err := f(probe.Piece{Data: raw[0], Bytes: bytes, Last: raw[1][0] != 0}); err != nil {
			return err
		}
	}
	return pgsession.Safe(rows.Err())
}
