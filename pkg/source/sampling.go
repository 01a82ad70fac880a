package source

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// rowsGuessed is the assumed number of rows in a page of a table that was never analysed.
const rowsGuessed = 20

// Spread reads samples of tables on one session of the snapshot.
type Spread struct {
	snapshot *Postgres
	copier   *copier
}

// Spread returns a Spread. The caller closes it.
func (p *Postgres) Spread() *Spread {
	return &Spread{p, &copier{snapshot: p, anyOrder: true}}
}

// Close ends the session.
func (s *Spread) Close() { s.copier.leave() }

// Sample reads about as many rows as the sampling wants, from pages that are spread over the table. It calls the
// function each for every row, with the texts of the columns as PostgreSQL prints them, and nil for NULL. The texts
// are valid until the function returns. If the server takes too long or fails, other tables can still be sampled.
func (s *Spread) Sample(ctx context.Context, want catalog.Sampling, each func(row [][]byte)) error {
	t := s.snapshot.database.Table(want.Table)
	if t == nil {
		return fmt.Errorf("the snapshot has no table %s", want.Table)
	}
	if err := s.copier.ready(ctx, &catalog.Want{Table: want.Table}); err != nil {
		return s.snapshot.Explain(err)
	}
	conn := s.copier.conn
	err := inSavepoint(ctx, conn, func() error {
		limit := fmt.Sprintf("SET LOCAL statement_timeout = %d", max(1, want.Patience.Milliseconds()))
		if _, err := conn.Exec(ctx, limit, pgx.QueryExecModeSimpleProtocol); err != nil {
			return pgsession.Safe(err)
		}
		result := conn.PgConn().ExecParams(ctx, samplingSQL(t, want, s.snapshot.from(t.Name)), nil, nil, nil, nil)
		return eachRow(result, func(values [][]byte) error {
			each(values)
			return nil
		})
	})
	if err != nil {
		return s.snapshot.Explain(fmt.Errorf("%s: %w", want.Table, err))
	}
	return nil
}

// samplingSQL returns a query for rows of some pages. The server chooses the pages. If half of the
// pages or more are needed, the query reads the table from its beginning. If the pages have more
// rows than expected, the limit ends the query early.
func samplingSQL(t *catalog.Table, want catalog.Sampling, from string) string {
	list := make([]string, len(want.Columns))
	for i, name := range want.Columns {
		list[i] = fmt.Sprintf("pg_catalog.left(%s::text, %d)", catalog.Quote(name), want.Bytes)
		if c := t.Column(name); c != nil && c.Type.Family == catalog.Bytes {
			list[i] = fmt.Sprintf(`'\x' || pg_catalog.encode(pg_catalog.substr(%s, 1, 16), 'hex')`, catalog.Quote(name))
		}
	}
	perPage := float64(rowsGuessed)
	if t.Size.Rows > 0 && t.Size.Pages > 0 {
		perPage = float64(t.Size.Rows) / float64(t.Size.Pages)
	}
	if pages := float64(want.Rows)/perPage + 1; pages < float64(t.Size.Pages)/2 {
		from += fmt.Sprintf(" TABLESAMPLE SYSTEM (%g)", 100*pages/float64(t.Size.Pages))
	}
	return fmt.Sprintf("SELECT %s FROM %s LIMIT %d", strings.Join(list, ", "), from, 2*want.Rows)
}
