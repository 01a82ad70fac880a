package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// sequencesAtOnce is how many sequences one statement reads.
const sequencesAtOnce = 200

// SequenceValues reads the value of every sequence of the catalog. Sequences do not follow snapshots. So the values are
// the current values. They are equal to the values in the snapshot, or further on. So the target's sequences give no
// value twice.
func (p *Postgres) SequenceValues(ctx context.Context) ([]catalog.SequenceValue, error) {
	conn, err := p.session(ctx)
	if err != nil {
		return nil, p.Explain(err)
	}
	defer p.leave(conn)
	r := reader{ctx: ctx, conn: conn}
	var values []catalog.SequenceValue
	for batch := range slices.Chunk(p.database.Sequences, sequencesAtOnce) {
		parts := make([]string, len(batch))
		for i, s := range batch {
			parts[i] = fmt.Sprintf("SELECT %d, last_value, is_called FROM %s", i, s.Name)
		}
		for _, row := range rows[struct {
			Index  int
			Last   int64
			Called bool
		}](&r, strings.Join(parts, " UNION ALL ")) {
			values = append(values, catalog.SequenceValue{Name: batch[row.Index].Name, Last: row.Last, Called: row.Called})
		}
	}
	if pgsession.Code(r.err) == "42501" {
		return nil, fmt.Errorf("the source role may not read every sequence; GRANT pg_read_all_data TO %s, or SELECT on each: %w", p.role(), r.err)
	}
	return values, p.Explain(r.err)
}
