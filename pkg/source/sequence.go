package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// SequenceValue is where a sequence stands.
type SequenceValue struct {
	Name   catalog.Name
	Last   int64
	Called bool // Last has been handed out; the next value is one step on
}

// sequencesAtOnce is how many sequences one statement reads.
const sequencesAtOnce = 200

// SequenceValues reads where every sequence of the catalog stands. Sequences know no snapshots: the values are those of now,
// at or past those of the snapshot, which is the safe side.
func (p *Postgres) SequenceValues(ctx context.Context) ([]SequenceValue, error) {
	conn, err := p.session(ctx)
	if err != nil {
		return nil, p.sessions.why(err)
	}
	defer p.leave(conn)
	r := reader{ctx: ctx, conn: conn}
	var values []SequenceValue
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
			values = append(values, SequenceValue{batch[row.Index].Name, row.Last, row.Called})
		}
	}
	if pgsession.Code(r.err) == "42501" {
		return nil, fmt.Errorf("the source role may not read every sequence; GRANT pg_read_all_data TO it, or SELECT on each: %w", r.err)
	}
	return values, p.sessions.why(r.err)
}
