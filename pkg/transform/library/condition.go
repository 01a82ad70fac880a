package library

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// conditionDiscloses returns what the results of a use tell about the columns in its conditions. The conditions are
// When of the use, and When of all nested Else. A result shows which conditions are true for its row, so the conditions
// divide the values of a column into bands. If a band is too narrow to hide a value, or if a condition may be true for
// only one value, the disclosure is Unchanged.
func conditionDiscloses(u transform.Use) transform.Disclosure {
	discloses := transform.Suppressed
	var hidden []transform.Read
	var cuts []formula.Cut
	for v := &u; v != nil && v.When != ""; v = v.Else {
		reads := conditionReads(v)
		if len(reads) > 0 {
			discloses = transform.Generalised
		}
		open := func(column string) bool {
			return !slices.ContainsFunc(reads, func(r transform.Read) bool { return r.Name == column && !r.Kept })
		}
		more, ok := formula.Cuts(v.When, open)
		if !ok {
			return transform.Unchanged
		}
		cuts, hidden = append(cuts, more...), append(hidden, reads...)
	}
	for _, r := range hidden {
		if !r.Kept && !wideBands(&r, cuts) {
			return transform.Unchanged
		}
	}
	return discloses
}

// conditionReads returns the columns that the condition of a use reads.
func conditionReads(u *transform.Use) []transform.Read {
	own, _, err := reads(*u)
	if err != nil {
		return nil // prepare refuses the use
	}
	return u.Reads[min(len(own), len(u.Reads)):]
}

// wideBands reports whether every band between the cuts in the values of a column is wide enough to hide a value.
func wideBands(r *transform.Read, cuts []formula.Cut) bool {
	type edge struct {
		at   int64  // in steps of 10^-scale, or in days
		side string // distinguishes edges that are not at a whole step
	}
	scale := bandScale(r.Type)
	var edges []edge
	for _, c := range withLimits(r, cuts) {
		if c.Column != r.Name {
			continue
		}
		at, exact, ok := place(r.Type, c, scale)
		if !ok {
			return false
		}
		e := edge{at: at}
		if !exact {
			e.side = c.At + map[bool]string{true: " and above"}[c.Above]
		}
		if !slices.Contains(edges, e) {
			edges = append(edges, e)
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return sign(a.at, b.at) })
	for i := 1; i < len(edges); i++ {
		width := edges[i].at - edges[i-1].at
		if formula.KindOf(r.Type) == formula.Number && !treatment.HidesNumber(r.Type, decimal.Fixed{Steps: width, Scale: scale}) {
			return false
		}
		if formula.KindOf(r.Type) != formula.Number && width < treatment.LeastDays {
			return false
		}
	}
	return true
}

// withLimits returns the cuts together with the limits of the column's CHECK constraints.
func withLimits(r *transform.Read, cuts []formula.Cut) []formula.Cut {
	cuts = slices.Clone(cuts)
	if slices.ContainsFunc(cuts, func(c formula.Cut) bool { return c.Column == r.Name }) {
		if r.Type.Least != "" {
			cuts = append(cuts, formula.Cut{Column: r.Name, At: r.Type.Least})
		}
		if r.Type.Most != "" {
			cuts = append(cuts, formula.Cut{Column: r.Name, At: r.Type.Most, Above: true})
		}
	}
	return cuts
}

// bandScale returns the number of decimals in which the cuts of a column are compared.
func bandScale(t catalog.Type) int {
	switch {
	case t.Family == catalog.Integer:
		return 0
	case t.Precision > 0:
		return max(t.Scale, 0)
	}
	return 9
}

// place returns the place of a cut, in steps of 10^-scale or in days. The result exact is true if this place and the
// next place are neighbouring values of the type. The result ok is false if the place is not known.
func place(t catalog.Type, c formula.Cut, scale int) (at int64, exact, ok bool) {
	switch t.Family {
	case catalog.Integer, catalog.Numeric, catalog.Float:
		f, ok := decimal.Parse([]byte(c.At))
		if !ok {
			return 0, false, false
		}
		at, cut, _, ok := f.Units(scale)
		if f.Negative {
			at = -at
		}
		exact := !cut && (t.Family == catalog.Integer || t.Family == catalog.Numeric && t.Precision > 0)
		if exact && c.Above {
			at++
		}
		return at, exact, ok && at > -maxPlace && at < maxPlace
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		m, ok := moment.Parse([]byte(c.At))
		exact := t.Family == catalog.Date && len(m.Rest) == 0
		if exact && c.Above {
			m.Day++
		}
		return m.Day, exact, ok
	}
	return 0, false, false
}

// maxPlace limits the place of a cut. With this limit, the distance between two places fits into 64 bits.
const maxPlace = 1 << 62
