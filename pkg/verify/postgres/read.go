package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// reader implements probe.Reader.
type reader struct {
	db   *Database
	conn *pgx.Conn // nil if the last session is gone
}

// Reader implements probe.Database.
func (d *Database) Reader(ctx context.Context) (probe.Reader, error) {
	conn, err := d.session(ctx, d.opt.MaxRow)
	if err != nil {
		return nil, fmt.Errorf("reading the loaded database: %w", err)
	}
	return &reader{d, conn}, nil
}

// Close ends the session.
func (r *reader) Close() {
	closeSoon(r.conn)
	r.conn = nil
}

// reconnections is how often the reading of a part is continued after an error.
const reconnections = 3

// Read implements probe.Reader. If the connection is lost, Read continues after the last row on a new session: a scan
// of one snapshot always gives the rows in the same order. If a row is longer than Options.MaxRow, the rest of the part
// is read by readLong. If the server cannot compute a column, Read goes on without this column.
func (r *reader) Read(ctx context.Context, w probe.Want, s probe.Sink) error {
	to := &copied{sink: s, binary: w.Binary}
	err := r.part(ctx, w, to)
	for try := 0; try < reconnections && err != nil && to.err == nil && ctx.Err() == nil; try++ {
		switch {
		case pgsession.Code(err) == tooLong:
			r.Close()
			err = r.readLong(ctx, w, to)
			try = reconnections
		case strings.HasPrefix(pgsession.Code(err), "08") || strings.HasPrefix(pgsession.Code(err), "57P"):
			r.Close()
			err = r.part(ctx, w, to)
		case strings.HasPrefix(pgsession.Code(err), "22") && w.Missing == nil:
			if w.Missing = r.uncomputable(ctx, w); w.Missing != nil {
				tell(w, s)
				err = r.part(ctx, w, to)
			}
		default:
			try = reconnections
		}
	}
	switch {
	case to.err != nil:
		return to.err
	case ctx.Err() != nil:
		return ctx.Err()
	case pgsession.Code(err) == "42501":
		return fmt.Errorf("reading %s of the loaded database: %w; if the table forces row security on its owner, ALTER ROLE … BYPASSRLS lets the role see all rows",
			w.Relation.Name, err)
	case err != nil:
		return fmt.Errorf("reading %s of the loaded database: %w", w.Relation.Name, err)
	}
	return nil
}

// tooLong is the code of two errors: a message is longer than the session takes, or a row is too long for the server to
// send.
const tooLong = "54000"

// part copies the rows of a Want that the sink does not have yet.
func (r *reader) part(ctx context.Context, w probe.Want, to *copied) error {
	if r.conn == nil {
		conn, err := r.db.session(ctx, r.db.opt.MaxRow)
		if err != nil {
			return err
		}
		r.conn = conn
	}
	sql := "SELECT " + strings.Join(selects(w), ", ") + from(w)
	if to.rows > 0 {
		sql += fmt.Sprintf(" OFFSET %d", to.rows)
	}
	return r.inSavepoint(ctx, func() error {
		if err := r.usePath(ctx, w.Relation); err != nil {
			return err
		}
		if err := r.copy(ctx, sql, to); err != nil {
			return err
		}
		return r.unchanged(ctx, w.Relation)
	})
}

// copy runs a query and sends its rows to the sink.
func (r *reader) copy(ctx context.Context, query string, to *copied) error {
	format := "text"
	if to.binary {
		format = "binary"
	}
	to.started = false
	_, err := r.conn.PgConn().CopyTo(ctx, to, fmt.Sprintf("COPY (%s) TO STDOUT (FORMAT %s)", query, format))
	if errors.Is(err, errHeader) {
		return errHeader
	}
	return pgsession.Safe(err)
}

// inSavepoint runs a function in a savepoint and then rolls back to it. The rollback frees locks after each part. It
// also keeps the session usable if a part fails.
func (r *reader) inSavepoint(ctx context.Context, f func() error) error {
	if _, err := r.conn.Exec(ctx, "SAVEPOINT part", pgx.QueryExecModeSimpleProtocol); err != nil {
		return pgsession.Safe(err)
	}
	failed := f()
	if r.conn.IsClosed() {
		r.Close()
		return failed
	}
	if _, err := r.conn.Exec(ctx, "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part", pgx.QueryExecModeSimpleProtocol); err != nil {
		r.Close()
		return errors.Join(failed, pgsession.Safe(err))
	}
	return failed
}

// unchanged returns an error if the relation does not have the rows of the snapshot any more. TRUNCATE, and commands
// that write a table anew, do not follow snapshots. After such a command, a reader sees no rows and gets no error. The
// reader has already locked the relation, so the relation stays as it is now.
func (r *reader) unchanged(ctx context.Context, rel *probe.Relation) error {
	var same bool
	err := r.conn.QueryRow(ctx, `SELECT COALESCE((SELECT pg_relation_filenode(c.oid) = c.relfilenode AND to_regclass($1) = c.oid
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2 AND c.relname = $3), false)`,
		rel.Name.String(), rel.Name.Schema, rel.Name.Name).Scan(&same) // pg_class shows the state of the snapshot. The functions show the present state
	if err != nil {
		return pgsession.Safe(err)
	}
	if !same {
		return errors.New("the relation was truncated, written anew or replaced while it was read; run again when nobody changes the database")
	}
	return nil
}

// COPY binary begins with a signature, flags and the length of an extension. The server sets no flags and sends no
// extension. COPY binary ends with the number -1 in the place of the number of columns.
const (
	header  = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	trailer = "\xff\xff"
)

var errHeader = errors.New("COPY binary begins with a header that masker does not know")

// copied passes the messages of COPY on as rows.
type copied struct {
	sink    probe.Sink
	binary  bool
	started bool  // the header of COPY binary has been read
	long    bool  // long values are missing in the rows
	rows    int64 // rows that the sink has got
	err     error // the sink's error
}

// Write takes one message of the server, which is one row. In the binary format, the header precedes the first row, and
// the trailer is the last message.
func (c *copied) Write(row []byte) (int, error) {
	n := len(row)
	if c.binary {
		if !c.started {
			c.started = true
			if len(row) < len(header) || string(row[:len(header)]) != header {
				return 0, errHeader
			}
			row = row[len(header):]
		}
		if len(row) == 0 || string(row) == trailer {
			return n, nil
		}
	}
	if c.err = c.sink.Row(row, c.long); c.err != nil {
		return 0, c.err
	}
	c.rows++
	return n, nil
}
