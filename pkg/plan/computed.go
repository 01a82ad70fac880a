package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// computed checks everything that the target computes from treated columns: generated columns, expressions and
// predicates of indexes, expressions of extended statistics, EXCLUDE constraints, and foreign keys of generated
// columns. The method loading looks for rows that functions need while a table is loaded. The method keys checks
// keys. The method shape checks CHECK constraints and partition keys.
func (b *builder) computed() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		b.loading(t)
		e := evaluator{b: b, t: t}
		for _, g := range b.generatedOf(t) {
			b.generated(g.t, g.c)
		}
		for _, i := range b.indexesOf(t, func(t *catalog.Table) []catalog.Index { return t.Indexes }) {
			for _, sql := range append(slices.Clone(i.Members), i.Predicate) {
				o := e.text(sql)
				o.then = "and then the index is left out"
				b.computes(t, "index "+catalog.Quote(i.Name), leaveOut(b.objectName(t, i.Name)), o)
			}
		}
		for _, i := range b.indexesOf(t, func(t *catalog.Table) []catalog.Index { return t.Statistics }) {
			for _, sql := range i.Members {
				if !b.leavesOut(i.Name) {
					o := e.text(sql)
					o.then = "and then the table has no statistics for the planner"
					b.computes(t, "statistics object "+i.Name, leaveOut(i.Name), o)
				}
			}
		}
		for _, i := range b.indexesOf(t, func(t *catalog.Table) []catalog.Index { return t.Exclusions }) {
			b.exclusion(t, i)
		}
	}
	b.generatedReferences()
}

// indexesOf returns the indexes of one kind of a table and of its partitions, each definition once. It omits indexes
// that the rules leave out.
func (b *builder) indexesOf(t *tableState, of func(*catalog.Table) []catalog.Index) []catalog.Index {
	present := func(t *catalog.Table) []catalog.Index {
		return slices.DeleteFunc(slices.Clone(of(t)), func(i catalog.Index) bool { return b.isAbsent(t.Name, i.Name) })
	}
	return eachOnce(b, t, present, func(x, y catalog.Index) bool {
		return slices.Equal(x.Members, y.Members) && slices.Equal(x.Operators, y.Operators) && x.Predicate == y.Predicate
	})
}

// leaveOut is the end of an error that names the decision to leave the object out.
func leaveOut(name string) string {
	return fmt.Sprintf(", or leave it out with `objects: {leave_out: {%q: reason}}`", name)
}

// computes refuses a computation that fails for the results of a treatment. It adds a finding for a computation that
// may fail.
func (b *builder) computes(t *tableState, what, otherwise string, o outcome) {
	switch {
	case o.fails != "":
		b.fail(o.treated.pos, "%s reads %s, which becomes %s; %s fails; use null, keep with a reason, or for digits permute%s",
			what, o.treated.at, describe(o.treated.use), o.fails, otherwise)
	case o.unsure != "":
		b.addFinding("expression-may-fail", t, o.treated.cat.Name, o.treated.pos, "%s reads %s, which becomes %s; %s may fail for a result, %s",
			what, o.treated.at, describe(o.treated.use), o.unsure, cmp.Or(o.then, "which stops the refresh"))
	}
}

// fit reports whether all columns are decided and fit their treatments.
func (t *tableState) fit(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c := t.column(name)
		return c == nil || !c.decided() || !c.usable && !c.cat.Generated
	})
}

func (t *tableState) anyGenerated(columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool { return t.column(name).cat.Generated })
}

// holdsUnder checks the predicate of a partial unique index. If the predicate reads a treated column, the index can
// hold rows in the target that it does not hold in the source. The columns of the key must then be unique among all
// rows of the table. holdsUnder returns false if the caller has nothing more to check.
func (b *builder) holdsUnder(t *tableState, k catalog.Key) bool {
	if k.Predicate == "" {
		return true
	}
	o := b.partOfKey(t, k, "the predicate of ", k.Predicate)
	if o.treated == nil || o.fails != "" {
		return o.fails == ""
	}
	if o.truth != nil && !*o.truth {
		return false // no row is under the index
	}
	switch {
	case b.uniqueWithoutPredicate(t, k):
	case slices.ContainsFunc(k.Columns, func(name string) bool { return t.column(name).cat.Stats.Distinct == -1 }):
		b.addFinding("predicate-treated", t, o.treated.cat.Name, o.treated.pos, "the predicate of %s reads %s, which becomes %s: other rows than in the source come under the index; by its statistics the key is unique among all rows",
			keyName(k), o.treated.at, describe(o.treated.use))
	default:
		b.fail(o.treated.pos, "the predicate of %s reads %s, which becomes %s: other rows than in the source come under the index, and nothing makes its columns (%s) unique among all rows; keep %s%s",
			keyName(k), o.treated.at, describe(o.treated.use), strings.Join(catalog.QuoteAll(k.Columns), ", "), o.treated.at, leaveOut(b.objectName(t, k.Name)))
		return false
	}
	return true
}

// uniqueWithoutPredicate reports whether another key makes the columns of a partial key unique among all rows.
func (b *builder) uniqueWithoutPredicate(t *tableState, k catalog.Key) bool {
	return slices.ContainsFunc(b.keysOf(t), func(o catalog.Key) bool {
		return o.Predicate == "" && len(o.Members) == 0 && len(k.Members) == 0 &&
			!slices.ContainsFunc(o.Columns, func(name string) bool { return !slices.Contains(k.Columns, name) })
	})
}

// computesKey checks whether the expressions and the predicate of a unique index can be computed from the results. The
// index stays unique because another key is unique, so computesKey does not check whether the results differ.
func (b *builder) computesKey(t *tableState, k catalog.Key) {
	if t.fit(k.Columns) && (len(k.Members) > 0 || k.Predicate != "") {
		for _, sql := range k.Members {
			b.partOfKey(t, k, "", sql)
		}
		b.partOfKey(t, k, "the predicate of ", k.Predicate)
	}
}

// partOfKey returns the outcome of a member or the predicate of a key. It adds a problem or a finding for a computation
// that may fail. The method generated checks a generated column that is a member.
func (b *builder) partOfKey(t *tableState, k catalog.Key, part, sql string) outcome {
	o := evaluator{b: b, t: t}.text(sql)
	if len(k.Members) > 0 || sql == k.Predicate {
		o.then = "and then the index is left out, and the target does not enforce it"
		b.computes(t, part+keyName(k), leaveOut(b.objectName(t, k.Name)), o)
	}
	return o
}

// computedKey checks that a key over expressions or generated columns stays unique. The number of different results
// depends on the treatments and on the expression.
func (b *builder) computedKey(t *tableState, k catalog.Key) {
	members := k.Members
	if len(members) == 0 {
		members = catalog.QuoteAll(k.Columns)
	}
	var lossy []outcome
	space := 1.0
	for _, sql := range members {
		o := b.partOfKey(t, k, "", sql)
		switch {
		case o.fails != "":
			return
		case o.null && !k.NullsNotDistinct:
			return // two NULLs are different
		case k.NullsNotDistinct && o.treated != nil && b.refuseNulls(t, k, o.treated):
			return
		case o.treated == nil || o.unique && !o.null:
			space *= b.rows(t)
		default:
			lossy = append(lossy, o)
			space *= max(1, o.space)
		}
	}
	if len(lossy) == 0 {
		return
	}
	o, n := lossy[0], b.rows(t)
	c := o.treated
	expected := n * n / (2 * space)
	switch {
	case (o.constant || o.null) && o.unsure == "":
		b.fail(c.pos, "%s reads %s, and %s gives every row the same value; use %s%s", keyName(k), c.at, describe(c.use), uniqueInstead(c), leaveOut(b.objectName(t, k.Name)))
	case o.space == 0 || o.constant:
		b.fail(c.pos, "%s computes from %s, which becomes %s; masker cannot tell that the results stay different; keep %s with a reason%s",
			keyName(k), c.at, describe(c.use), c.at, leaveOut(b.objectName(t, k.Name)))
	case expected >= maxCollisions:
		b.fail(c.pos, "%s computes from %s, which becomes %s: %s collisions expected among %s rows; use %s%s",
			keyName(k), c.at, describe(c.use), figure(expected), figure(n), uniqueInstead(c), leaveOut(b.objectName(t, k.Name)))
	}
}

// exclusion checks an EXCLUDE constraint. It refuses a predicate that reads treated columns, unless no row of the
// target meets it. It refuses a member that reads a treated column, with four exceptions: the member becomes NULL; it is
// compared for equality, and different values stay different or hardly ever become equal; it is compared with <>, and
// equal values stay equal; or the column is shifted by a subject whose kept column the constraint compares for equality.
func (b *builder) exclusion(t *tableState, x catalog.Index) {
	e := evaluator{b: b, t: t}
	otherwise := leaveOut(ownName{t.cat.Name, x.Name}.String())
	refuse := func(o outcome, why string) {
		b.fail(o.treated.pos, "EXCLUDE constraint %s reads %s, which becomes %s; %s; keep %s with a reason%s",
			catalog.Quote(x.Name), o.treated.at, describe(o.treated.use), why, o.treated.at, otherwise)
	}
	if o := e.text(x.Predicate); o.treated != nil && (o.truth == nil || *o.truth) {
		refuse(o, "other rows than in the source come under the constraint")
		return
	} else if o.truth != nil {
		return
	}
	var same []string // kept columns that the constraint compares for equality
	for i, sql := range x.Members {
		if c := t.column(strings.Trim(sql, `"`)); c != nil && x.Operators[i] == "=" && !c.treated() {
			same = append(same, c.cat.Name)
		}
	}
	for i, sql := range x.Members {
		o := e.text(sql)
		switch {
		case o.fails != "":
			b.computes(t, "EXCLUDE constraint "+catalog.Quote(x.Name), otherwise, o)
			return
		case o.treated == nil, o.null, x.Operators[i] == "=" && (o.unique || b.unlikelyToMeet(t, o)):
		case x.Operators[i] == "<>" && o.unique && o.treated.use.Subject == "": // equal values get equal results
		case o.treated.use.Treatment == "shift" && slices.Contains(same, o.treated.use.Subject):
			// The rows of one subject move by the same number of days, so they overlap in the target if and only if
			// they overlap in the source.
		default:
			refuse(o, "two rows that differ in the source may come into conflict")
			return
		}
	}
}

// unlikelyToMeet reports whether a treatment has so many results that two rows hardly ever get the same one.
func (b *builder) unlikelyToMeet(t *tableState, o outcome) bool {
	n := b.rows(t)
	return o.space > 0 && !o.constant && o.treated.use.Subject == "" && n*n/(2*o.space) < maxCollisions
}

// generatedReferences refuses a foreign key if one of two columns that it joins is generated, and the value of either
// column depends on a treated column. The two columns would then no longer hold equal values. It accepts a referencing
// column that becomes NULL.
func (b *builder) generatedReferences() {
	for _, fk := range b.fks {
		child, parent := b.byName[fk.Child], b.byName[fk.Parent]
		if fk.NotValid || b.isAbsent(fk.Child, fk.Name) || child.skip != "" || parent.skip != "" {
			continue
		}
		for i, name := range fk.ChildColumns {
			c, p := child.column(name), parent.column(fk.ParentColumns[i])
			if c == nil || p == nil || !c.cat.Generated && !p.cat.Generated || !c.decided() || !p.decided() {
				continue
			}
			co, po := evaluator{b: b, t: child}.column(c.cat.Name), evaluator{b: b, t: parent}.column(p.cat.Name)
			treated := co.treated
			if treated == nil {
				treated = po.treated
			}
			if treated == nil || co.null {
				continue
			}
			b.fail(treated.pos, "foreign key %s joins %s to %s, and a generated column is one end; %s becomes %s, so the ends no longer meet; keep %s with a reason%s",
				catalog.Quote(fk.Name), c.at, p.at, treated.at, describe(treated.use), treated.at, leaveOut(ownName{fk.Child, fk.Name}.String()))
		}
	}
}
