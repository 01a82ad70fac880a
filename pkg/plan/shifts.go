package plan

import (
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// correlated is a limit for the correlation of a column with the order of the rows. If two columns of a table exceed
// it, their values grow together.
const correlated = 0.9

// shifts adds the findings about shifted dates. The finding shift-recoverable is about a kept date, number or key
// that grows with the shifted date. Both columns are then nearly sorted in the order of the rows, so the kept value shows
// the date before the shift. If the rules keep the order of the rows, the order shows it.
func (b *builder) shifts() {
	first := map[string]*columnState{} // by anchor, the first shifted date
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, c := range t.columns {
			if c.treated() && shifted(&c.use) != nil {
				b.movesApart(first, t, c)
				b.sharesBirth(t, c)
				b.besideKept(t, c)
				b.commonDate(t, c)
			}
		}
	}
}

// movesApart adds a finding for a date that moves by another time than another date of its subject, because the
// parameters of the two differ.
func (b *builder) movesApart(first map[string]*columnState, t *tableState, c *columnState) {
	u := shifted(&c.use)
	if u.Subject == "" {
		return
	}
	o := first[u.As]
	if o == nil {
		first[u.As] = c
		return
	}
	v := shifted(&o.use)
	if u.Params["days"] != v.Params["days"] || u.Params["time"] != v.Params["time"] && isTimestamp(c) && isTimestamp(o) {
		b.addFinding("shifts-differ", t, c.cat.Name, c.pos, "%s and %s are dates of one subject and move by different times, because their parameters differ: their order and the interval between them do not stay; give both the same days and time",
			c.at, o.at)
	}
}

func isTimestamp(c *columnState) bool {
	return isDate(c.cat.Type.Family) && c.cat.Type.Family != catalog.Date
}

// comparedBirth returns the name of a CHECK constraint that compares a subject's date of birth with another date, or
// "". If there is such a constraint, all dates of the subject share one shift, in all tables. With two shifts, a result
// could break the constraint.
func (b *builder) comparedBirth(subject *columnState) string {
	for _, t := range b.bySubject[b.root(subject.at)] {
		for _, check := range b.checksAmong(t, b.presentChecks) {
			if birth, other := b.comparesDates(t, check); birth && other {
				return ownName{t.cat.Name, check.Name}.String()
			}
		}
	}
	return ""
}

// comparesDates reports whether a CHECK constraint reads a date of birth, and whether it reads another date.
func (b *builder) comparesDates(t *tableState, check catalog.Check) (birth, other bool) {
	for _, name := range check.Columns {
		c := t.column(name)
		switch {
		case c == nil || !isDate(c.cat.Type.Family):
		case c.rule != nil && c.rule.Class == birthClass:
			birth = true
		default:
			other = true
		}
	}
	return birth, other
}

// subjectOf returns the subject column that the rules of a table name, or nil.
func (b *builder) subjectOf(t *tableState) *columnState {
	if t.rules == nil || t.rules.Subject == nil || t.skip != "" {
		return nil
	}
	return t.column(t.rules.Subject.Name)
}

// sharesBirth adds a finding for a date of birth that moves by the same time as the other dates of its subject.
func (b *builder) sharesBirth(t *tableState, c *columnState) {
	u := shifted(&c.use)
	if c.class != birthClass || u.Subject == "" || !strings.HasSuffix(u.As, "/"+dateAnchor) {
		return
	}
	check := b.comparedBirth(t.column(u.Subject))
	b.addFinding("birth-shares-shift", t, c.cat.Name, c.pos,
		"%s moves by the same time as the other dates of its subject, because CHECK constraint %s compares the two: who knows one of those dates computes the date of birth; leave the constraint out, or use generalize.date or null",
		c.at, check)
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

// besideKept measures how strongly a shifted date and another column of its table are correlated. It compares only
// columns whose order the target shows, and the order of the rows if the rules keep it.
func (b *builder) besideKept(t *tableState, c *columnState) {
	if b.rows(t) < fewestRows && !b.neverAnalysed(t) {
		return
	}
	if t.rules != nil && t.rules.Order != nil && b.needStatistics(t, c) {
		b.measured("shift-recoverable", t, c, order(c), order(c)/correlated,
			"%s moves by shift, and `order` keeps the source's order of the rows, in which it grows (the correlation is %.2f): the order tells the date before the shift nearly to the day; remove order, or use null",
			c.at, order(c))
		return
	}
	var worst *columnState
	for _, k := range t.columns {
		if !b.showsOrder(t, k) || !b.needStatistics(t, c) || !b.needStatistics(t, k) {
			continue
		}
		if k.cat.Type.Family == catalog.Integer && !b.isKey(t, k) && b.distinct(t, k) < fewValues {
			continue // a few numbers are often in the order of the rows by chance
		}
		if worst == nil || order(k) > order(worst) {
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

// showsOrder reports whether the target shows how the values of a column are ordered. There are two cases: a date that
// stays in some row, as a whole or in part, and a number or key that stays.
func (b *builder) showsOrder(t *tableState, k *columnState) bool {
	if !k.usable || k.cat.Generated || shifted(&k.use) != nil {
		return false
	}
	if isDate(k.cat.Type.Family) {
		return k.traits.Discloses == transform.Unchanged || k.traits.Discloses == transform.Generalised
	}
	return k.traits.Discloses == transform.Unchanged && (k.cat.Type.Family == catalog.Integer || b.isKey(t, k))
}

// commonDate measures how many subjects share one date, such as the day of a migration or a date that means "no date".
// The result of this date shows the shift of each of these subjects. The shift shows all other dates of the subject.
func (b *builder) commonDate(t *tableState, c *columnState) {
	filled := 1 - c.cat.Stats.Nulls
	if shifted(&c.use).Subject == "" || b.rows(t)*filled < fewestRows || !b.needStatistics(t, c) || c.cat.Stats.Common == 0 {
		return
	}
	share := math.Min(1, c.cat.Stats.Common/filled)
	b.measured("common-date", t, c, share, share/dominant,
		"%s moves by the shift of its subject, and one date fills about %s %% of its rows: whoever knows that date reads the shift of the subject from the result, and so all dates that move with it; give these rows another treatment by `when`, such as constant, or use generalize.date or null (a date in the year 9999 stays as it is, and tells nothing)",
		c.at, figure(100*share))
}

// order returns how well the values of a column follow the order of the rows, from 0 to 1.
func order(c *columnState) float64 { return math.Abs(c.cat.Stats.Correlation) }

func isDate(f catalog.Family) bool {
	return f == catalog.Date || f == catalog.Timestamp || f == catalog.TimestampTZ
}

// isKey reports whether a column is in a key of its table or references one.
func (b *builder) isKey(t *tableState, c *columnState) bool {
	return slices.ContainsFunc(b.keysOf(t), func(k catalog.Key) bool { return slices.Contains(k.Columns, c.cat.Name) }) ||
		slices.ContainsFunc(b.keysFrom(t.cat.Name), func(fk catalog.ForeignKey) bool { return slices.Contains(fk.ChildColumns, c.cat.Name) })
}
