package plan

import (
	"cmp"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// linkKeys collects the foreign keys and virtual keys between tables. A key of a partition becomes a key of its root.
// For each column that keys join, linkKeys finds the column whose name is the domain.
func (b *builder) linkKeys() {
	for _, fk := range b.db.ForeignKeys {
		child, parent := b.all[fk.Child], b.all[fk.Parent]
		if child == nil || parent == nil {
			continue
		}
		fk.Child, fk.Parent = child.Decider(), parent.Decider()
		if b.byName[fk.Child] != nil && b.byName[fk.Parent] != nil {
			b.fks = append(b.fks, fk)
		}
	}
	b.virtualKeys()
	slices.SortStableFunc(b.fks, func(x, y catalog.ForeignKey) int {
		return cmp.Or(x.Child.Compare(y.Child), cmp.Compare(x.Name, y.Name), x.Parent.Compare(y.Parent))
	})
	b.roots = rootsOf(b.fks)
}

// rootsOf groups columns that foreign keys join, directly or through other columns, and picks one column of each
// group. Among the columns that reference nothing, it picks the first by name. If every column of the group
// references another column, it picks the first of the group by name. The result maps each column to the column
// picked for its group.
func rootsOf(fks []catalog.ForeignKey) map[cell]cell {
	leader := map[cell]cell{}
	var find func(cell) cell
	find = func(c cell) cell {
		up, ok := leader[c]
		if !ok || up == c {
			leader[c] = c
			return c
		}
		top := find(up)
		leader[c] = top
		return top
	}
	child := map[cell]bool{}
	for _, fk := range fks {
		for i := range fk.ChildColumns {
			from, to := cell{fk.Child, fk.ChildColumns[i]}, cell{fk.Parent, fk.ParentColumns[i]}
			leader[find(from)] = find(to)
			child[from] = child[from] || from != to
		}
	}
	best := map[cell]cell{}
	better := func(c, d cell) bool {
		if child[c] != child[d] {
			return !child[c]
		}
		return c.compare(d) < 0
	}
	for c := range leader {
		top := find(c)
		if have, ok := best[top]; !ok || better(c, have) {
			best[top] = c
		}
	}
	roots := map[cell]cell{}
	for c := range leader {
		roots[c] = best[find(c)]
	}
	return roots
}

// root returns the column whose name is the domain of c. It is c itself if no foreign key joins c to other columns.
func (b *builder) root(c cell) cell {
	if r, ok := b.roots[c]; ok {
		return r
	}
	return c
}

// follow gives undecided columns the decision of the column they reference, directly or through other columns. The loop
// ends because every round except the last decides at least one more column. A referenced column never takes its decision
// from a column that references it.
func (b *builder) follow() {
	for changed := true; changed; {
		changed = false
		for _, fk := range b.fks {
			for i := range fk.ChildColumns {
				if b.followOne(cell{fk.Child, fk.ChildColumns[i]}, cell{fk.Parent, fk.ParentColumns[i]}) {
					changed = true
				}
			}
		}
		for i := range b.choices {
			changed = b.followChoice(&b.choices[i]) || changed
		}
	}
}

func (b *builder) followOne(childAt, parentAt cell) bool {
	child, parent := b.at(childAt), b.at(parentAt)
	if child == nil || parent == nil || child.decided() || !parent.decided() || parent.cat.Generated {
		return false
	}
	if b.byName[childAt.table].skip != "" {
		return false
	}
	child.rule, child.kept, child.pos, child.parent = parent.rule, parent.kept, parent.pos, parent
	child.reason = "follows " + parent.at.String()
	return true
}

// references checks every foreign key whose ends are both decided. Equal values at both ends must get equal results.
func (b *builder) references() {
	for _, fk := range b.fks {
		child, parent := b.byName[fk.Child], b.byName[fk.Parent]
		switch {
		case child.skip != "":
		case parent.skip != "":
			b.orphaned(fk)
		case b.isAbsent(fk.Child, fk.Name): // the target does not have the key, so the results may differ
		default:
			b.reference(fk)
		}
	}
	b.checkChoices()
	b.checkInside()
}

// orphaned checks a foreign key whose parent table is copied without its rows.
func (b *builder) orphaned(fk catalog.ForeignKey) {
	child, parent := b.byName[fk.Child], b.byName[fk.Parent]
	nulls, decided := 0, 0
	at := child.column(fk.ChildColumns[0])
	for _, name := range fk.ChildColumns {
		c := child.column(name)
		if c.decided() {
			decided++
		}
		if c.usable && c.use.Is("null") {
			nulls++
		}
	}
	if nulls == len(fk.ChildColumns) || nulls > 0 && !fk.MatchFull || decided < len(fk.ChildColumns) {
		return
	}
	if parent.cat.ExtMember != "" {
		b.addFinding("reference-to-extension", child, at.cat.Name, at.pos,
			"%s references %s, whose rows extension %s makes; a reference to any other row stops the refresh", at.at, fk.Parent, parent.cat.ExtMember)
		return
	}
	if _, virtual := b.virtual[fk.Name]; virtual {
		b.addFinding("reference-dangles", child, at.cat.Name, at.pos,
			"%s references %s by the %s, and the rows of %s stay behind", at.at, fk.Parent, fk.Name, fk.Parent)
		return
	}
	if b.isAbsent(fk.Child, fk.Name) {
		b.addFinding("reference-dangles", child, at.cat.Name, at.pos,
			"%s references %s, whose rows stay behind; the constraint %s is left out", at.at, fk.Parent, catalog.Quote(fk.Name))
		return
	}
	if fk.NotValid {
		b.addFinding("reference-dangles", child, at.cat.Name, at.pos,
			"%s references %s, whose rows stay behind; the constraint %s is not valid in the source either", at.at, fk.Parent, catalog.Quote(fk.Name))
		return
	}
	b.fail(at.pos, "%s references %s through %s, but the rows of %s stay behind (%s); skip %s too, or make the column null",
		at.at, cell{fk.Parent, fk.ParentColumns[0]}, catalog.Quote(fk.Name), fk.Parent, parent.skipOrigin(), fk.Child)
}

// skipOrigin returns the position of the rule that skips the table. If there is no rule, it returns the reason.
func (t *tableState) skipOrigin() string {
	if t.skipPos.IsZero() {
		return t.skip
	}
	return t.skipPos.String()
}

func (b *builder) reference(fk catalog.ForeignKey) {
	child := b.byName[fk.Child]
	nulls := 0
	for _, name := range fk.ChildColumns {
		if c := child.column(name); c.usable && c.use.Is("null") {
			nulls++
		}
	}
	if nulls == len(fk.ChildColumns) || nulls > 0 && !fk.MatchFull {
		return // a NULL references nothing
	}
	for i := range fk.ChildColumns {
		c, p := child.column(fk.ChildColumns[i]), b.at(cell{fk.Parent, fk.ParentColumns[i]})
		if c == p || !c.usable || !p.usable {
			continue
		}
		if nulls > 0 && c.use.Is("null") {
			b.fail(c.pos, "%s is null, but %s is MATCH FULL: all of its columns must be null or none", c.at, catalog.Quote(fk.Name))
			continue
		}
		if fk.MatchFull && len(fk.ChildColumns) > 1 && sometimesNull(c.use) {
			b.fail(c.pos, "%s is null in some rows, but %s is MATCH FULL: all of its columns must be null or none", c.at, catalog.Quote(fk.Name))
			continue
		}
		if why := differs(c, p); why != "" {
			by := ""
			if _, virtual := b.virtual[fk.Name]; virtual {
				by = " by the " + fk.Name
			}
			b.fail(c.pos, "%s references %s (decided at %s)%s, so both must get equal results for equal values: %s; remove the rule to follow, or decide alike",
				c.at, p.at, p.pos, by, why)
		}
	}
}

// sameCanonicalForm reports whether values of two types that compare equal have the same canonical form. Texts with
// padding and texts without padding have the same form, because of padJoined.
func sameCanonicalForm(a, b catalog.Type) bool {
	if isNumberFamily(a.Family) && isNumberFamily(b.Family) {
		return true
	}
	if a.Elem != nil && b.Elem != nil {
		return sameCanonicalForm(*a.Elem, *b.Elem)
	}
	return a.Family == b.Family && a.CaseInsensitive == b.CaseInsensitive
}

func isNumberFamily(f catalog.Family) bool { return f == catalog.Integer || f == catalog.Numeric }
