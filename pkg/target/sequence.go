package target

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// setSequences sets every sequence to the value that it has in the source. A sequence marked Past feeds treated
// columns. A sequence marked Lagging feeds keys, and may be behind its keys in the source. Sequences with one of these
// two marks are also set past the largest number in their columns, or past the smallest number if they count down. The
// columns in Computed do not count for that. A sequence marked Fresh begins at its start value instead of the source's
// value.
func (s *Shadow) setSequences(ctx context.Context, conn *pgx.Conn) error {
	shapes := map[catalog.Name]catalog.Sequence{}
	for _, q := range s.spec.Source.Sequences {
		shapes[q.Name] = q
	}
	made := map[catalog.Name]bool{} // tables and sequences, which share one namespace
	for _, e := range s.ddl.pre {
		if e.Desc == "SEQUENCE" || e.Desc == "TABLE" {
			made[tableName(e)] = true
		}
	}
	var sql, lagging []string
	for _, v := range s.spec.Sequences {
		if !made[v.Name] {
			continue // belongs to an extension, or to an object that a decision dropped
		}
		if v.Fresh {
			if err := unused(ctx, conn, &v); err != nil {
				return err
			}
		}
		if v.Past || v.Lagging {
			q := shapes[v.Name]
			feeds := slices.DeleteFunc(q.Feeds(), func(f catalog.ColumnName) bool {
				return !made[f.Table] || slices.Contains(v.Computed, f) // made lacks the tables that a decision dropped
			})
			moved, err := s.pastResults(ctx, conn, q, feeds, v)
			if err != nil {
				return fmt.Errorf("sequence %s: %w", v.Name, err)
			}
			if !v.Past && !v.Fresh && (moved.Last != v.Last || moved.Called != v.Called) {
				lagging = append(lagging, v.Name.String())
			}
			v = moved
		}
		sql = append(sql, fmt.Sprintf("SELECT setval(%s, %d, %t)", catalog.Literal(v.Name.String()), v.Last, v.Called))
	}
	if len(sql) == 0 {
		return nil
	}
	if len(lagging) > 0 {
		s.note("these sequences are behind their keys in the source, and were set past them here: %s", few(lagging))
	}
	s.target.opts.Progress("sequences", fmt.Sprintf("%d sequences", len(sql)))
	if _, err := conn.Exec(ctx, strings.Join(sql, ";\n")); err != nil {
		return fmt.Errorf("setting sequences: %w", pgsession.Safe(err))
	}
	return nil
}

// unused sets Last and Called of v to the values of a new sequence in the shadow. A new sequence is at its start value.
func unused(ctx context.Context, conn *pgx.Conn, v *catalog.SequenceValue) error {
	if err := conn.QueryRow(ctx, "SELECT last_value, is_called FROM "+v.Name.String()).Scan(&v.Last, &v.Called); err != nil {
		return fmt.Errorf("reading sequence %s: %w", v.Name, pgsession.Safe(err))
	}
	return nil
}

// few joins the first few names of a list. If there are more, it says how many.
func few(names []string) string {
	const shown = 3
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

// roomToReport is the number of values that a sequence should have left. If fewer are left, there is a note.
const roomToReport = 10_000

// pastResults returns v, moved past the whole numbers in the columns that q feeds. If a sequence that is not marked
// Past would then have no values left, pastResults returns v unchanged.
func (s *Shadow) pastResults(ctx context.Context, conn *pgx.Conn, q catalog.Sequence, feeds []catalog.ColumnName, v catalog.SequenceValue) (catalog.SequenceValue, error) {
	if q.Table == nil || q.Column == "" || q.Increment == 0 {
		return v, fmt.Errorf("the column that the sequence feeds is not known, so masker cannot find its largest number")
	}
	down, source := q.Increment < 0, v
	for _, f := range feeds {
		q := s.within(q, f)
		far, err := s.farthest(ctx, conn, q, f)
		if err != nil {
			return v, err
		}
		if far == nil {
			continue
		}
		if *far == v.Last || (*far > v.Last) != down {
			v.Last, v.Called = *far, true
		}
		room := float64(q.Max) - float64(v.Last)
		if down {
			room = float64(v.Last) - float64(q.Min)
		}
		left := room / math.Abs(float64(q.Increment))
		if ends := !down && v.Last > q.Max-q.Increment || down && v.Last < q.Min-q.Increment; ends && !v.Past {
			return source, nil // such a value is probably a special one, and after it the sequence would have no values left
		}
		if left < roomToReport {
			advice := "" // a kept number has no treatment that could be changed
			if v.Past {
				advice = "; if a treatment made that number, one with smaller results leaves more, such as token with a range"
			}
			s.note("sequence %s has %.0f values left after the largest number in %s.%s%s", v.Name, left, f.Table, catalog.Quote(f.Column), advice)
		}
	}
	return v, nil
}

// within returns the sequence with the range of a column that it feeds, if the column's type has a smaller range.
func (s *Shadow) within(q catalog.Sequence, f catalog.ColumnName) catalog.Sequence {
	table := s.spec.Source.Table(f.Table)
	if table == nil || table.Column(f.Column) == nil {
		return q
	}
	t := table.Column(f.Column).Type
	end := int64(math.MaxInt64)
	switch {
	case t.Family == catalog.Integer && t.Bits > 0 && t.Bits < 64:
		end = 1<<(t.Bits-1) - 1
	case t.Family == catalog.Numeric && t.Precision > 0 && t.Precision-max(t.Scale, 0) < 19:
		end = int64(math.Pow10(t.Precision-max(t.Scale, 0))) - 1
	}
	q.Max, q.Min = min(q.Max, end), max(q.Min, -end-1)
	return q
}

// farthest returns the largest whole number of a column, or the smallest if the sequence counts down. It returns nil if
// the column has none. It ignores numbers outside the sequence's range, because the sequence never gives them.
func (s *Shadow) farthest(ctx context.Context, conn *pgx.Conn, q catalog.Sequence, f catalog.ColumnName) (far *int64, err error) {
	table := s.spec.Source.Table(f.Table)
	if table == nil || table.Column(f.Column) == nil {
		return nil, fmt.Errorf("column %s.%s, which the sequence feeds, is not known", f.Table, catalog.Quote(f.Column))
	}
	number := wholeNumber(table.Column(f.Column))
	if number == "" {
		return nil, nil
	}
	extreme := "max"
	if q.Increment < 0 {
		extreme = "min"
	}
	err = conn.QueryRow(ctx, fmt.Sprintf("SELECT %s(n)::int8 FROM (SELECT %s AS n FROM %s) v WHERE n BETWEEN %d AND %d",
		extreme, number, f.Table, q.Min, q.Max)).Scan(&far)
	if err != nil {
		return nil, fmt.Errorf("looking up the %s of %s.%s: %w", extreme, f.Table, catalog.Quote(f.Column), pgsession.Safe(err))
	}
	return far, nil
}

// wholeNumber returns an SQL expression. Its result is the column's value if the value is a whole number in the range
// of int8. Otherwise its result is NULL. Text is a whole number if it consists of digits, even with leading zeros, a
// minus sign, or spaces around the number. The expression raises no error for any value. Each cast is within a CASE
// that checks that the cast is possible, because the order in which AND evaluates its operands is not defined.
// wholeNumber returns "" for types whose values can look like digits but are not numbers.
func wholeNumber(c *catalog.Column) string {
	col := catalog.Quote(c.Name)
	switch c.Type.Family {
	case catalog.Integer:
		return col // without a cast, so that PostgreSQL can find the largest in an index
	case catalog.Numeric:
		return wholeNumeric(col)
	case catalog.Money:
		return wholeNumeric(col + "::numeric")
	case catalog.Float:
		// The largest int8 is 2^63 - 1, which float8 cannot represent. It can represent 2^63.
		return fmt.Sprintf("CASE WHEN %[1]s >= -9223372036854775808::float8 AND %[1]s < 9223372036854775808::float8"+
			" THEN CASE WHEN %[1]s = trunc(%[1]s) THEN %[1]s::int8 END END", col+"::float8")
	case catalog.Bits, catalog.Bytes:
		return ""
	}
	text := col + "::text"
	if c.Type.Family == catalog.JSON {
		text = "btrim(" + text + `, '"')`
	}
	// Regular expressions do not support collations that are not deterministic.
	return wholeNumeric(fmt.Sprintf(`CASE WHEN %[1]s COLLATE pg_catalog."C" ~ '^ *-?0*[0-9]{1,19} *$' THEN %[1]s::numeric END`, text))
}

func wholeNumeric(number string) string {
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN -9223372036854775808 AND 9223372036854775807"+
		" THEN CASE WHEN %[1]s = trunc(%[1]s) THEN %[1]s::int8 END END", "("+number+")")
}
