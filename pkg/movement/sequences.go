package movement

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
)

// sequenceValues marks the sequences that must continue after the largest value of the columns that they feed. It sets
// Past if such a column is treated. It sets Lagging if such a column is in a key, unless the plan treats no column. In
// the source, the sequence may be behind such a key, and inserts into the target would then fail.
//
// It sets Fresh if the target gets no unchanged value of these columns. The target then does not use the source's position.
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

func inKey(db *catalog.Database, table catalog.Name, column string) bool {
	t := db.Table(table)
	return t != nil && slices.ContainsFunc(t.Keys, func(k catalog.Key) bool { return slices.Contains(k.Columns, column) })
}
