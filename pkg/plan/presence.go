package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// onlyPresence reports whether the CHECK constraints that read a column only ask whether it is NULL, as in
// (status = 'approved') = (approved_at IS NOT NULL). A treatment that leaves NULL as it is then changes none of their
// results, but NULL in every row would break them. A CHECK that results are fitted to does not count.
func (b *builder) onlyPresence(c *columnState) bool {
	asked := false
	for _, k := range b.checksOf(b.byName[c.at.table]) {
		if !slices.Contains(k.Columns, c.cat.Name) || b.obeyed(k, c) {
			continue
		}
		if !asksPresence(k, c.cat.Name) {
			return false
		}
		asked = true
	}
	return asked
}

// asksPresence reports whether a CHECK reads a column only to find out whether it is NULL.
func asksPresence(check catalog.Check, column string) bool {
	x, err := sqlexpr.Parse(check.Expr)
	if err != nil {
		return false
	}
	reads, asks := 0, 0
	x.Walk(func(n *sqlexpr.Expr) {
		if n.Kind == sqlexpr.Column && n.Name == column {
			reads++
		}
		if n.IsOperator("is null", "is not null") || n.IsCall("num_nulls") || n.IsCall("num_nonnulls") {
			for _, a := range n.Args {
				if a.Kind == sqlexpr.Column && a.Name == column {
					asks++
				}
			}
		}
	})
	return reads > 0 && reads == asks
}
