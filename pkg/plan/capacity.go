package plan

// capacity checks that a range has room for all values of the column. A value outside the range stops the refresh.
// The number of values is an estimate from the planner's statistics. capacity therefore refuses a range only if the
// estimate exceeds the size of the range by more than 10 percent.
func (b *builder) capacity(t *tableState, c *columnState) {
	lo, hi, ok := rangeOf(c.use.Params)
	if !ok || c.use.Treatment != "token" && c.use.Treatment != "permute" {
		return
	}
	size, values := float64(hi)-float64(lo)+1, b.distinct(t, c)
	if c.cat.Distinct == 0 && !c.unique { // there are no statistics for the column
		return
	}
	at := c.pos
	if c.rule != nil {
		at, _ = paramPos(c.rule, "range", c.pos)
	}
	switch {
	case values > 1.1*size:
		b.fail(at, "%s has about %s different values, its range holds %s; widen it before the first run, since another range changes every result",
			c.at, figure(values), figure(size))
	case values > 0.5*size:
		b.addFinding("range-nearly-full", t, c.cat.Name, at, "%s has about %s different values, its range holds %s; a value outside it stops the refresh",
			c.at, figure(values), figure(size))
	}
}
