package plan

import (
	"math"

	"github.com/masker-project/masker/pkg/catalog"
)

// capacity checks that a range has room for all values of the column. A value outside the range stops the refresh. The
// number of values is an estimate from the planner's statistics. capacity therefore refuses a range only if the
// estimate exceeds the size of the range by more than 10 percent. It adds a finding if the estimate is more than half
// of the size. A range of permute that has every possible value needs no check.
func (b *builder) capacity(t *tableState, c *columnState) {
	lo, hi, ok := rangeOf(c.use.Params)
	if !ok || c.use.Treatment != "token" && c.use.Treatment != "permute" {
		return
	}
	if typ := c.cat.Type; typ.Family == catalog.Numeric && (typ.Precision == 0 || typ.Scale != 0) {
		return // the column can hold fractions, so it may have more values than the range has whole numbers
	}
	size, values := float64(hi)-float64(lo)+1, b.distinct(t, c)
	if c.cat.Stats.Distinct == 0 && !t.allDiffer(c) { // there are no statistics for the column
		return
	}
	at := c.pos
	if c.rule != nil {
		at, _ = paramPos(c.rule, "range", c.pos)
	}
	all := b.possible(t, c)
	whole := lo <= all.lo && hi >= all.hi // no value is outside the range
	switch {
	case whole && c.use.Treatment == "permute":
	case values > 1.1*size && values > 1.1*all.size():
		b.fail(at, "%s has about %s different values, its range holds %s and cannot hold more than the %s numbers that %s; use permute with range: [%d, %d], in which they change places",
			c.at, figure(values), figure(size), figure(all.size()), all.why, all.lo, all.hi)
	case values > 1.1*size:
		b.fail(at, "%s has about %s different values, its range holds %s; widen it before the first run, since another range changes every result",
			c.at, figure(values), figure(size))
	case whole && values > 0.5*size:
		b.addFinding("range-nearly-full", t, c.cat.Name, at, "%s has about %s different values, its range holds the %s numbers that %s; use permute, with which they change places",
			c.at, figure(values), figure(all.size()), all.why)
	case values > 0.5*size:
		b.addFinding("range-nearly-full", t, c.cat.Name, at, "%s has about %s different values, its range holds %s; a value outside it stops the refresh",
			c.at, figure(values), figure(size))
	}
}

// possible holds the whole numbers that a column can hold.
type possible struct {
	lo, hi int64
	why    string // "type smallint holds", "the CHECK constraints allow"
}

func (p possible) size() float64 { return float64(p.hi) - float64(p.lo) + 1 }

// possible returns the whole numbers that a column's type and its CHECK constraints allow.
func (b *builder) possible(t *tableState, c *columnState) possible {
	p := possible{math.MinInt64, math.MaxInt64, "type " + c.cat.Type.Name + " holds"}
	if typ := c.cat.Type; typ.Bits > 0 && typ.Bits < 64 {
		p.lo, p.hi = -1<<(typ.Bits-1), 1<<(typ.Bits-1)-1
	} else if digits := typ.Precision - typ.Scale; typ.Family == catalog.Numeric && typ.Precision > 0 && digits <= 18 {
		p.hi = int64(math.Pow10(max(digits, 0))) - 1
		p.lo = -p.hi
	}
	if l := b.limitsOf(b.checksAmong(t, b.presentChecks), c); l.lo > p.lo || l.hi < p.hi {
		p = possible{max(l.lo, p.lo), min(l.hi, p.hi), "the CHECK constraints allow"}
	}
	return p
}
