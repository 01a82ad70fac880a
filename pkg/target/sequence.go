package target

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// setSequences puts every sequence where the source's stands; one that feeds a treated column, or a key
// in a database that is no plain copy, goes past the column's largest value (smallest, for one that counts
// down) where that is further.
func (s *Shadow) setSequences(ctx context.Context, conn *pgx.Conn) error {
	shapes := map[catalog.Name]catalog.Sequence{}
	for _, q := range s.spec.Source.Sequences {
		shapes[q.Name] = q
	}
	made := map[catalog.Name]bool{}
	for _, e := range s.ddl.pre {
		if e.Desc == "SEQUENCE" {
			made[tableName(e)] = true
		}
	}
	var sql, lagging []string
	for _, v := range s.spec.Sequences {
		if !made[v.Name] {
			continue // an extension's own, or of an object a decision dropped
		}
		if v.Past || v.Lagging {
			moved, err := s.pastResults(ctx, conn, shapes[v.Name], v)
			if err != nil {
				return fmt.Errorf("sequence %s: %w", v.Name, err)
			}
			if !v.Past && moved != v {
				lagging = append(lagging, v.Name.String())
			}
			v = moved
		}
		sql = append(sql, fmt.Sprintf("SELECT setval(%s, %d, %t)", literal(v.Name.String()), v.Last, v.Called))
	}
	if len(sql) == 0 {
		return nil
	}
	if len(lagging) > 0 {
		s.note("sequences that stand behind their keys in the source, moved past them here: %s", few(lagging))
	}
	s.target.opts.Progress("sequences", fmt.Sprintf("%d sequences", len(sql)))
	if _, err := conn.Exec(ctx, strings.Join(sql, ";\n")); err != nil {
		return fmt.Errorf("setting sequences: %w", pgsession.Safe(err))
	}
	return nil
}

// few names the first of many.
func few(names []string) string {
	const shown = 3
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

// roomToReport is how many values a moved sequence should still have; fewer are worth a note.
const roomToReport = 10_000

func (s *Shadow) pastResults(ctx context.Context, conn *pgx.Conn, q catalog.Sequence, v SequenceValue) (SequenceValue, error) {
	if q.Table == nil || q.Column == "" || q.Increment == 0 {
		return v, fmt.Errorf("the column it feeds is not known; its results cannot be looked up")
	}
	extreme, down := "max", q.Increment < 0
	if down {
		extreme = "min"
	}
	var far *int64
	col := catalog.Quote(q.Column)
	// Results outside the sequence's own range can never collide with it.
	err := conn.QueryRow(ctx, fmt.Sprintf("SELECT %s(%s)::int8 FROM %s WHERE %s BETWEEN %d AND %d",
		extreme, col, q.Table, col, q.Min, q.Max)).Scan(&far)
	if err != nil {
		return v, pgsession.Safe(err)
	}
	if far == nil {
		return v, nil
	}
	if *far == v.Last || (*far > v.Last) != down {
		v.Last, v.Called = *far, true
	}
	room := float64(q.Max) - float64(v.Last)
	if down {
		room = float64(v.Last) - float64(q.Min)
	}
	if left := room / math.Abs(float64(q.Increment)); left < roomToReport {
		s.note("sequence %s has %.0f values left after the largest result in %s.%s; give that treatment a smaller range", v.Name, left, q.Table, col)
	}
	return v, nil
}
