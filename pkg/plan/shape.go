package plan

import (
	"math"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

// shape checks treated columns against CHECK constraints, partition keys and the sequences that feed them. It checks
// that ranges have room for all values. It also adds findings for shifts and samples without a subject, and for
// scrubbed text.
func (b *builder) shape() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, check := range b.checksAmong(t, b.presentChecks) {
			if !check.NotValid {
				b.check(t, check)
			}
		}
		for _, c := range t.columns {
			if !c.treated() {
				continue
			}
			if b.inPartitionKey(c) {
				b.partitionKey(t, c)
			}
			if c.use.Treatment == "shift" && c.use.Subject == "" {
				b.addFinding("shift-without-subject", t, c.cat.Name, c.pos,
					"%s moves by its own value: order and intervals between dates are not kept; give the table a subject to keep them", c.at)
			}
			if c.use.Treatment == "sample" && (t.rules == nil || t.rules.Subject == nil) {
				b.addFinding("sample-without-subject", t, c.cat.Name, c.pos,
					"%s learns from every row: a person with many rows can decide a result; give the table a subject, so that each counts once", c.at)
			}
			if scrubs(c.use) {
				b.addFinding("scrub-leaves-text", t, c.cat.Name, c.pos,
					"%s: scrub leaves words it does not recognise; a name that is not in the row, a misspelt one or a description arrives as it is", c.at)
			}
			b.headroom(c)
			b.capacity(t, c)
		}
		b.partitionExpressions(t)
	}
}

// scrubs reports whether the use, or a use inside it, is scrub.
func scrubs(u transform.Use) bool {
	return u.Treatment == "scrub" || u.Else != nil && scrubs(*u.Else) ||
		slices.ContainsFunc(u.Paths, func(p transform.Path) bool { return scrubs(p.Use) })
}

// checksOf returns the CHECK constraints of a table and of its partitions, one constraint for each name.
func (b *builder) checksOf(t *tableState) []catalog.Check {
	return b.checksAmong(t, func(t *catalog.Table) []catalog.Check { return t.Checks })
}

func (b *builder) checksAmong(t *tableState, of func(*catalog.Table) []catalog.Check) []catalog.Check {
	return eachOnce(b, t, of, func(x, y catalog.Check) bool { return x.Name == y.Name })
}

// check refuses a CHECK constraint that cannot be computed from the results, or that results surely break. It adds a
// finding for each treated column that the constraint reads. There is no finding if the constraint has the same result
// as in the source, or if the treatment obeys it.
func (b *builder) check(t *tableState, check catalog.Check) {
	if x, err := sqlexpr.Parse(check.Expr); err == nil {
		all := true
		for _, part := range conditions(x) { // each condition holds in the source
			all = b.checkDecided(t, check, evaluator{b: b, t: t, value: t.onlyColumnOf(check)}.of(part)) && all
		}
		if all {
			return
		}
	}
	for _, name := range check.Columns {
		c := t.column(name)
		if c != nil && c.cat.Generated {
			if from := (evaluator{b: b, t: t}).column(name).treated; from != nil {
				b.addFinding("check-may-break", t, name, from.pos, "CHECK constraint %s reads %s, which is generated from %s, which becomes %s; "+notValid,
					catalog.Quote(check.Name), c.at, from.at, describe(from.use))
			}
			continue
		}
		if c == nil || !c.treated() || b.obeyed(check, c) {
			continue
		}
		if why := breaks(check, c); why != "" {
			b.fail(c.pos, "CHECK constraint %s reads %s, which becomes %s; %s%s", catalog.Quote(check.Name), c.at, describe(c.use), why,
				leaveOut(ownName{t.cat.Name, check.Name}.String()))
			continue
		}
		b.addFinding("check-may-break", t, name, c.pos, "CHECK constraint %s reads %s, which becomes %s; "+notValid,
			catalog.Quote(check.Name), c.at, describe(c.use))
	}
}

// notValid is part of a message. It says what happens to a CHECK constraint that a result breaks.
const notValid = "if a result breaks it, it is NOT VALID in the target"

// conditions returns the conditions that AND joins.
func conditions(x *sqlexpr.Expr) []*sqlexpr.Expr {
	if !x.IsOperator("and") {
		return []*sqlexpr.Expr{x}
	}
	var list []*sqlexpr.Expr
	for _, a := range x.Args {
		list = append(list, conditions(a)...)
	}
	return list
}

// checkDecided reports whether the outcome of a condition of a CHECK constraint is known. Then the condition holds as
// it does in the source, or checkDecided refuses the constraint.
func (b *builder) checkDecided(t *tableState, check catalog.Check, o outcome) bool {
	if o.treated == nil || o.null || o.truth != nil && *o.truth {
		return true
	}
	what, otherwise := "CHECK constraint "+catalog.Quote(check.Name), leaveOut(ownName{t.cat.Name, check.Name}.String())
	switch {
	case o.truth != nil:
		b.fail(o.treated.pos, "%s reads %s, which becomes %s; it is then false for every row%s", what, o.treated.at, describe(o.treated.use), otherwise)
	case o.fails != "":
		b.computes(t, what, otherwise, o)
	case o.lost:
		b.fail(o.treated.pos, "%s reads %s, which becomes %s; it is then false for every row in which %s has a value; use a treatment that keeps a value%s",
			what, o.treated.at, describe(o.treated.use), o.treated.at, otherwise)
	default:
		return false
	}
	return true
}

// headroom checks that the sequence of a treated key has numbers left after the refresh. After the refresh, the
// sequence continues after the largest result. The largest result can be the end of the range.
func (b *builder) headroom(c *columnState) {
	if c.cat.Type.Family != catalog.Integer || c.use.Treatment != "token" && c.use.Treatment != "permute" {
		return
	}
	lo, hi, ok := rangeOf(c.use.Params)
	if !ok {
		return
	}
	seq := b.sequence(c)
	if seq == nil {
		return
	}
	last, room := ceiling(c.cat.Type.Bits, seq), float64(0)
	step := max(math.Abs(float64(seq.Increment)), 1)
	if seq.Increment < 0 {
		last = floor(c.cat.Type.Bits, seq)
		room = float64(lo) - last
	} else {
		room = last - float64(hi)
	}
	need := max(1000*step, min(1_000_000, math.Abs(last)/100))
	need = max(step, min(need, math.Floor((float64(seq.Max)-float64(seq.Min))/10))) // a sequence may have only a few numbers
	if room >= need {
		return
	}
	at := c.pos
	if c.rule != nil {
		at, _ = paramPos(c.rule, "range", c.pos)
	}
	b.fail(at, "%s is fed by sequence %s: its range must leave at least %s numbers up to %s for rows inserted after the refresh, it leaves %s",
		c.at, seq.Name, figure(need), figure(last), figure(max(room, 0)))
}

// sequence returns the sequence that the column's default reads. If the default reads none, it returns the sequence
// that the column owns, or nil.
func (b *builder) sequence(c *columnState) *catalog.Sequence {
	if c.cat.Sequence != nil && b.sequences[*c.cat.Sequence] != nil {
		return b.sequences[*c.cat.Sequence]
	}
	return b.owned[c.at]
}

func ceiling(bits int, s *catalog.Sequence) float64 {
	last := float64(s.Max)
	if bits > 0 && bits < 64 {
		last = min(last, float64(int64(1)<<(bits-1)-1))
	}
	return last
}

func floor(bits int, s *catalog.Sequence) float64 {
	last := float64(s.Min)
	if bits > 0 && bits < 64 {
		last = max(last, -float64(int64(1)<<(bits-1)))
	}
	return last
}

// resultRange returns the range of a treatment whose results are whole numbers from its parameter range.
func resultRange(u transform.Use) (lo, hi int64, ok bool) {
	if !slices.Contains([]string{"token", "permute", "fake.integer"}, u.Treatment) {
		return 0, 0, false
	}
	return rangeOf(u.Params)
}

// rangeOf returns the parameter range, if its bounds are whole numbers. library.Check has already checked the form of
// the range.
func rangeOf(p transform.Params) (lo, hi int64, ok bool) {
	list, _ := p["range"].([]any)
	if len(list) != 2 {
		return 0, 0, false
	}
	lo, ok1 := list[0].(int64)
	hi, ok2 := list[1].(int64)
	return lo, hi, ok1 && ok2
}
