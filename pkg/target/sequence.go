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

// setSequences puts every sequence where the source's stands; one that feeds a treated column, or a key
// in a database that is no plain copy, goes past the largest number in the columns it feeds (smallest, for
// one that counts down) where that is further.
func (s *Shadow) setSequences(ctx context.Context, conn *pgx.Conn) error {
	shapes := map[catalog.Name]catalog.Sequence{}
	for _, q := range s.spec.Source.Sequences {
		shapes[q.Name] = q
	}
	made := map[catalog.Name]bool{} // tables and sequences share their names' room
	for _, e := range s.ddl.pre {
		if e.Desc == "SEQUENCE" || e.Desc == "TABLE" {
			made[tableName(e)] = true
		}
	}
	var sql, lagging []string
	for _, v := range s.spec.Sequences {
		if !made[v.Name] {
			continue // an extension's own, or of an object a decision dropped
		}
		if v.Past || v.Lagging {
			q := shapes[v.Name]
			feeds := slices.DeleteFunc(q.Feeds(), func(f catalog.Fed) bool { return !made[f.Table] }) // a decision dropped it
			moved, err := s.pastResults(ctx, conn, q, feeds, v)
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

// pastResults is v, moved past the whole numbers in the columns that q feeds.
func (s *Shadow) pastResults(ctx context.Context, conn *pgx.Conn, q catalog.Sequence, feeds []catalog.Fed, v catalog.SequenceValue) (catalog.SequenceValue, error) {
	if q.Table == nil || q.Column == "" || q.Increment == 0 {
		return v, fmt.Errorf("the column it feeds is not known; its results cannot be looked up")
	}
	down, stands := q.Increment < 0, v
	for _, f := range feeds {
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
			return stands, nil // a value at the end stands for something else: behind it, the sequence could give out nothing
		}
		if left < roomToReport {
			s.note("sequence %s has %.0f values left after the largest result in %s.%s; give that treatment a smaller range",
				v.Name, left, f.Table, catalog.Quote(f.Column))
		}
	}
	return v, nil
}

// farthest is the number of a column that lies farthest along the sequence's way; nil where the column
// has none. Numbers outside the sequence's own range can never collide with it.
func (s *Shadow) farthest(ctx context.Context, conn *pgx.Conn, q catalog.Sequence, f catalog.Fed) (far *int64, err error) {
	table := s.spec.Source.Table(f.Table)
	if table == nil || table.Column(f.Column) == nil {
		return nil, fmt.Errorf("column %s.%s, which it feeds, is not known", f.Table, catalog.Quote(f.Column))
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

// wholeNumber is an SQL expression: a column's value where it is a whole number that an int8 holds, else
// NULL. It raises no error on any value: a cast stands within the CASE that proves it possible, because
// the order in which AND asks is not defined. Text counts where it is digits, zeros in front or not.
// "" is for types whose text may be digits without being a number.
func wholeNumber(c *catalog.Column) string {
	col := catalog.Quote(c.Name)
	switch c.Type.Family {
	case catalog.Integer:
		return col // bare, so that an index gives the largest
	case catalog.Numeric:
		return wholeNumeric(col)
	case catalog.Money:
		return wholeNumeric(col + "::numeric")
	case catalog.Float:
		// 2^63 is a float and no int8; the largest int8 is an int8 and no float.
		return fmt.Sprintf("CASE WHEN %[1]s >= -9223372036854775808::float8 AND %[1]s < 9223372036854775808::float8"+
			" THEN CASE WHEN %[1]s = trunc(%[1]s) THEN %[1]s::int8 END END", col+"::float8")
	case catalog.Bits, catalog.Bytes:
		return ""
	}
	text := col + "::text"
	if c.Type.Family == catalog.JSON {
		text = "btrim(" + text + `, '"')`
	}
	// Regular expressions take no collation that is not deterministic.
	return wholeNumeric(fmt.Sprintf(`CASE WHEN %[1]s COLLATE pg_catalog."C" ~ '^ *-?0*[0-9]{1,19} *$' THEN %[1]s::numeric END`, text))
}

func wholeNumeric(number string) string {
	return fmt.Sprintf("CASE WHEN %[1]s BETWEEN -9223372036854775808 AND 9223372036854775807"+
		" THEN CASE WHEN %[1]s = trunc(%[1]s) THEN %[1]s::int8 END END", "("+number+")")
}
