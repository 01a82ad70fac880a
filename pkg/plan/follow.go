package plan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// linkKeys collects the foreign keys and virtual keys between tables. A key of a partition becomes a key of its root.
// Columns that keys join have one domain, which is the name of one of these columns. linkKeys finds this column.
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
	b.below = map[cell][]int{}
	for n, fk := range b.fks {
		for i, name := range fk.ParentColumns {
			parent := cell{fk.Parent, name}
			if child := (cell{fk.Child, fk.ChildColumns[i]}); child != parent {
				b.below[parent] = append(b.below[parent], n)
			}
		}
	}
}

// joined reports whether a foreign key joins the column to another column. Both columns have to get equal results.
func (b *builder) joined(c *columnState) bool {
	_, ok := b.roots[c.at]
	return ok
}

// keysFrom returns the foreign keys whose referencing columns are in a table.
func (b *builder) keysFrom(table catalog.Name) []catalog.ForeignKey {
	start, found := slices.BinarySearchFunc(b.fks, table, func(fk catalog.ForeignKey, t catalog.Name) int { return fk.Child.Compare(t) })
	if !found {
		return nil
	}
	end := start
	for end < len(b.fks) && b.fks[end].Child == table {
		end++
	}
	return b.fks[start:end]
}

// keysAbove returns the foreign keys through which columns reference c, directly or through other columns, in the order
// of fks.
func (b *builder) keysAbove(c cell) []catalog.ForeignKey {
	if len(b.below[c]) == 0 && len(b.choices) == 0 {
		return nil
	}
	seen, keys := map[cell]bool{c: true}, map[int]bool{}
	var visit func(cell)
	next := func(child cell) {
		if !seen[child] {
			seen[child] = true
			visit(child)
		}
	}
	visit = func(parent cell) {
		for _, n := range b.below[parent] {
			keys[n] = true
			for i, name := range b.fks[n].ParentColumns {
				if b.fks[n].Parent == parent.table && name == parent.column {
					next(cell{b.fks[n].Child, b.fks[n].ChildColumns[i]})
				}
			}
		}
		for i := range b.choices {
			if slices.Contains(b.choices[i].parents, parent) {
				next(b.choices[i].child)
			}
		}
	}
	visit(c)
	var list []catalog.ForeignKey
	for _, n := range slices.Sorted(maps.Keys(keys)) {
		list = append(list, b.fks[n])
	}
	return list
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

// follow gives undecided columns the decision of the column they reference through some foreign keys, directly or
// through other columns. It returns these columns. It also decides the columns of virtual keys with several parents,
// and does not return them. The loop ends because every round except the last decides at least one more column. A
// referenced column never takes its decision from a column that references it.
func (b *builder) follow(fks []catalog.ForeignKey) (followers []*columnState) {
	for changed := true; changed; {
		changed = false
		for _, fk := range fks {
			for i, name := range fk.ChildColumns {
				child := cell{fk.Child, name}
				if b.followOne(child, cell{fk.Parent, fk.ParentColumns[i]}) {
					followers, changed = append(followers, b.at(child)), true
				}
			}
		}
		for i := range b.choices {
			changed = b.followChoice(&b.choices[i]) || changed
		}
	}
	return followers
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
			b.fail(c.pos, "%s references %s (decided at %s)%s, so both must get equal results for equal values: %s; %s",
				c.at, p.at, p.pos, by, why, remedy(c, p, b.withoutReference(fk)))
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
