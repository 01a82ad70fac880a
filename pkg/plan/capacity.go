package plan

// capacity refuses a range that is smaller than the values the planner's statistics count: the refresh would
// stop at the first one that lies outside. Estimates may be off by a little, so only a clear excess is refused.
func (b *builder) capacity(t *tableState, c *columnState) {
	lo, hi, ok := rangeOf(c.use.Params)
	if !ok || c.use.Treatment != "token" && c.use.Treatment != "permute" {
		return
	}
	size, values := float64(hi)-float64(lo)+1, b.distinct(t, c)
	if c.cat.Distinct == 0 && !c.unique { // nothing is known of its values, only how many rows there are
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
		b.note("range-nearly-full", t, c.cat.Name, at, "%s has about %s different values, its range holds %s; a value outside it stops the refresh",
			c.at, figure(values), figure(size))
	}
}
