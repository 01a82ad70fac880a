package movement

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// sequenceValues marks the sequences that must continue after the largest value of the columns that they feed. It sets
// Past if such a column is treated. It sets Lagging if such a column is in a key, unless the plan treats no column. In
// the source, the sequence may be behind such a key, and inserts into the target would then fail.
//
// A default can compute another number from the sequence's, as nextval('s') * 10 does. The column's largest value then
// says nothing about the sequence. If such a column is unchanged, the source's position is right for the target too, so
// the column is in Computed, and Past and Lagging do not depend on it. If the column is treated, nobody knows its
// numbers in advance, and the sequence goes past them. This is far enough if the default computes a number that is
// larger than the sequence's.
//
// It sets Fresh if the target gets no unchanged value of these columns. The target then does not use the source's
// position.
func sequenceValues(values []catalog.SequenceValue, db *catalog.Database, p *plan.Plan, treated map[catalog.ColumnName]string) []catalog.SequenceValue {
	shapes := make(map[catalog.Name]catalog.Sequence)
	for _, s := range db.Sequences {
		shapes[s.Name] = s
	}
	copies := len(treatments(p)) == 0
	out := make([]catalog.SequenceValue, 0, len(values))
	for _, v := range values {
		feeds := shapes[v.Name].Feeds()
		for _, f := range feeds {
			_, changed := treated[f]
			if !changed && computes(db, f) {
				v.Computed = append(v.Computed, f)
				continue
			}
			v.Past = v.Past || changed
			v.Lagging = v.Lagging || !copies && inKey(db, f.Table, f.Column)
		}
		v.Fresh = !copies && len(feeds) > 0 && !slices.ContainsFunc(feeds, func(f catalog.ColumnName) bool {
			_, changed := treated[f]
			return !changed
		})
		if v.Fresh {
			v.Last, v.Called = 0, false
		}
		out = append(out, v)
	}
	return out
}

// computes reports whether the default of a column computes another number from the number of a sequence. Casts,
// padding and a prefix leave the number as it is. A default that masker cannot read computes nothing.
func computes(db *catalog.Database, f catalog.ColumnName) bool {
	t := db.Table(f.Table)
	if t == nil || t.Column(f.Column) == nil {
		return false
	}
	e, err := sqlexpr.Parse(t.Column(f.Column).Default)
	if err != nil {
		return false
	}
	for callsNextval(e) {
		switch {
		case e.IsCall("nextval"):
			return false
		case e.Kind != sqlexpr.Cast && !e.IsOperator("||") && !e.IsCall("lpad", "to_char", "to_json", "to_jsonb", "concat", "format", "coalesce"):
			return true
		}
		e = e.Args[slices.IndexFunc(e.Args, callsNextval)]
	}
	return false
}

func callsNextval(e *sqlexpr.Expr) (found bool) {
	e.Walk(func(x *sqlexpr.Expr) { found = found || x.IsCall("nextval") })
	return found
}

func inKey(db *catalog.Database, table catalog.Name, column string) bool {
	t := db.Table(table)
	return t != nil && slices.ContainsFunc(t.Keys, func(k catalog.Key) bool { return slices.Contains(k.Columns, column) })
}
