package plan

import (
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// correlated is the correlation with the order of the rows beyond which two columns of a table grow together.
const correlated = 0.9

// shifts adds a finding for each shifted date beside a kept date or key that grows with it. Both are then nearly in the order of
// the rows, so the kept one tells where the shifted one was.
func (b *builder) shifts() {
	for _, t := range b.tables {
		if t.skip != "" || b.rows(t) < fewestRows && !b.neverAnalysed(t) {
			continue
		}
		for _, c := range t.columns {
			if c.treated() && shifted(&c.use) != nil {
				b.besideKept(t, c)
			}
		}
	}
}

// shifted returns the first use of a rule that is shift, or nil.
func shifted(u *transform.Use) *transform.Use {
	for ; u != nil; u = u.Else {
		if u.Treatment == "shift" {
			return u
		}
	}
	return nil
}

// besideKept measures how a shifted date and the kept columns of its table grow together.
func (b *builder) besideKept(t *tableState, c *columnState) {
	var worst *columnState
	for _, k := range t.columns {
		if !k.usable || !k.use.Is("keep") || k.cat.Generated || !isDate(k.cat.Type.Family) && !b.isKey(t, k) {
			continue
		}
		if b.needStatistics(t, c) && b.needStatistics(t, k) && (worst == nil || order(k) > order(worst)) {
			worst = k
		}
	}
	if worst == nil {
		return
	}
	rho := math.Min(order(c), order(worst))
	b.measured("shift-recoverable", t, c, rho, rho/correlated,
		"%s moves by shift, and %s stays and grows with it (the correlations with the order of the rows are %.2f and %.2f): it tells the date before the shift nearly to the day; treat %s as well, or use null",
		c.at, worst.at, order(c), order(worst), worst.at)
}

// order returns how far a column is in the order of the rows, from 0 to 1.
func order(c *columnState) float64 { return math.Abs(c.cat.Stats.Correlation) }

func isDate(f catalog.Family) bool {
	return f == catalog.Date || f == catalog.Timestamp || f == catalog.TimestampTZ
}

// isKey reports whether a column is in a key of its table or references one.
func (b *builder) isKey(t *tableState, c *columnState) bool {
	return slices.ContainsFunc(b.keysOf(t), func(k catalog.Key) bool { return slices.Contains(k.Columns, c.cat.Name) }) ||
		slices.ContainsFunc(b.fks, func(fk catalog.ForeignKey) bool {
			return fk.Child == t.cat.Name && slices.Contains(fk.ChildColumns, c.cat.Name)
		})
}
