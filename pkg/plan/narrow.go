package plan

import (
	"math/big"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// narrow limits the length of each column of texts to what its CHECK constraints, and the generated columns that copy
// it, allow. Treatments fit their results to this length. narrow gives each column of numbers or dates the bounds that
// its CHECK constraints, the partitions of its table, and the types of generated columns allow.
func (b *builder) narrow() {
	for _, t := range b.tables {
		checks := b.checksAmong(t, b.presentChecks)
		for _, c := range t.columns {
			l := b.limitsOf(checks, c)
			l.limitOfCopies(t, c)
			if !b.joined(c) {
				l.limitOfGenerated(t, c)
			}
			typ := &c.cat.Type
			if l.numbers && isOfNumbers(*typ) {
				column := *c.cat
				column.Type.Least, column.Type.Most = l.bounds(*typ)
				c.cat = &column
			}
			if l.dates.any() && isDate(typ.Family) {
				column := *c.cat
				column.Type.Least, column.Type.Most = l.dates.bounds(*typ)
				c.cat = &column
			}
			b.limitOfKey(l, t, c)
			if typ.Family != catalog.Text || l.maxLen == 0 && l.minLen == 0 {
				continue
			}
			column := *c.cat
			column.Type.MaxLen, column.Type.MinLen = narrower(typ.MaxLen, l.maxLen), l.minLen
			if !typ.Padded { // the blanks of a padded type count as bytes, and no treatment decides them
				column.Type.MaxBytes = l.maxBytes
			}
			c.cat = &column
		}
	}
}

// limitsOf returns what the CHECK constraints of a table allow of a column.
func (b *builder) limitsOf(checks []catalog.Check, c *columnState) limits {
	l := unlimited()
	for _, check := range checks {
		if slices.Equal(check.Columns, []string{c.cat.Name}) {
			l.readCheck(check, c.cat.Name)
		}
	}
	return l
}

// obeyed reports whether a column's treatment obeys a CHECK, for every value.
func (b *builder) obeyed(check catalog.Check, c *columnState) bool {
	if !slices.Equal(check.Columns, []string{c.cat.Name}) {
		return false
	}
	if list, ok := listedValues(check.Expr, c.cat.Name); ok && choosesAmong(c.use, list) {
		return true
	}
	l := unlimited()
	if !l.readCheck(check, c.cat.Name) {
		return false
	}
	if l.dates.any() {
		return isDate(c.cat.Type.Family) && fittedDate(c.use)
	}
	if !l.numbers {
		return c.cat.Type.Family == catalog.Text
	}
	if fitted(c.use) {
		return true
	}
	lo, hi, ok := resultRange(c.use)
	return ok && c.use.When == "" && lo >= l.lo && hi <= l.hi
}

// fitted reports whether the treatment, in all rows, gives numbers within the bounds of the column's type.
func fitted(u transform.Use) bool {
	return slices.Contains([]string{"keep", "null", "noise", "generalize.number", "generalize.age", "generalize.geo"}, u.Treatment) && (u.Else == nil || fitted(*u.Else))
}

func isOfNumbers(t catalog.Type) bool { return isNumberFamily(t.Family) || t.Family == catalog.Float }

// bounds returns the smallest and the largest number of a type that the limits allow, as decimals. A result is "" if
// there is no limit.
func (l *limits) bounds(t catalog.Type) (least, most string) {
	decimals := 6
	switch {
	case t.Family == catalog.Integer:
		decimals = 0
	case t.Precision > 0:
		decimals = max(t.Scale, 0)
	}
	step := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	if l.least != nil {
		from := new(big.Rat).Set(l.least)
		if l.above {
			from.Add(from, step)
		}
		least = decimal(from, decimals)
	}
	if l.most != nil {
		to := new(big.Rat).Set(l.most)
		if l.below {
			to.Sub(to, step)
		}
		most = decimal(to, decimals)
	}
	return least, most
}

// decimal returns a number without zeros at the end. It is rounded to the decimals of its type, but never to fewer than
// 40.
func decimal(r *big.Rat, decimals int) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(max(decimals, 40)), "0"), ".")
}
