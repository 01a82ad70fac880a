package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Findings about rows that functions read while a table is loaded, and that are not there. If such a function probably
// fails, the rules must have a waiver of the finding.
const (
	readsSkipped = "load-reads-skipped"
	readsLater   = "load-reads-later"
)

// loading looks for rows that functions of generated columns, of the partition key and of domains read while rows of t
// are loaded, and that are not there. It refuses a function that surely fails. It refuses a function that probably
// fails, unless a waiver accepts it. About the other functions it adds findings.
func (b *builder) loading(t *tableState) {
	for _, r := range t.cat.LoadReads {
		read := b.deciderOf(r.Name)
		switch {
		case r.MatView && r.Sure:
			b.fail(t.pos(), "%s of %s calls %s, which reads materialized view %s, and masker fills it only after all rows are loaded, so loading %[2]s would fail; "+
				"let the function read tables, or skip the table with `%[2]s: {skip: reason}`", r.By, t.cat.Name, r.Functions, r.Name)
		case r.MatView || read == nil:
		case read.skip != "":
			b.readsSkipped(t, read, r)
		case r.Sure && b.readEachOther(t, read):
			what := "%s of %s calls %s, which reads %s, and %[4]s needs rows of %[2]s too: no order of loading is right"
			if read == t {
				what = "%s of %s calls %s, which reads %s itself: rows are loaded together, so it does not find them"
			}
			b.mayMiss(readsLater, t, r, what, r.By, t.cat.Name, r.Functions, r.Name)
		}
	}
}

// readsSkipped judges a function that reads a table whose rows stay behind. It refuses a function that probably fails
// without the rows, unless a waiver accepts it. Otherwise it adds a finding. If only a word of the function's text is
// the table's name, the function may not read the table, so there is only a finding.
func (b *builder) readsSkipped(t, read *tableState, r catalog.LoadRead) {
	seems := "seems to read"
	if r.Sure {
		seems = "reads"
	}
	const text = "%s of %s calls %s, which %s %s, whose rows stay behind (%s)"
	args := []any{r.By, t.cat.Name, r.Functions, seems, r.Name, read.skipOrigin()}
	if r.Sure && r.Fails && !b.waives(readsSkipped, t, "") {
		b.fail(t.pos(), text+"; without them it probably fails while rows are loaded; skip %[2]s too with `%[2]s: {skip: reason}`, or do not skip %[5]s; if it needs no rows, waive %[7]s on %[2]s",
			append(args, readsSkipped)...)
		return
	}
	b.addFinding(readsSkipped, t, "", read.skipPos, text+"; if it needs these rows, loading %[2]s stops the run, or gives other values; skip %[2]s too, or do not skip %[5]s", args...)
}

// mayMiss adds a finding with this code about a function that does not find rows while t is loaded. If the function
// probably fails without them, and no waiver accepts the finding, mayMiss refuses the rules instead.
func (b *builder) mayMiss(code string, t *tableState, r catalog.LoadRead, text string, args ...any) {
	if r.Fails && !b.waives(code, t, "") {
		b.fail(t.pos(), text+"; without rows it probably fails; skip the table with `%[2]s: {skip: reason}`; if it needs no rows, waive %[5]s on %[2]s", append(args, code)...)
		return
	}
	b.addFinding(code, t, "", t.pos(), text+"; if it needs the rows, loading stops the run, or gives other values", args...)
}

// readEachOther reports whether loading read needs rows of t, directly or through other tables.
func (b *builder) readEachOther(t, read *tableState) bool {
	seen := map[catalog.Name]bool{}
	var reaches func(from *tableState) bool
	reaches = func(from *tableState) bool {
		if from == nil || from.skip != "" || seen[from.cat.Name] {
			return false
		}
		if from.cat.Decider() == t.cat.Decider() {
			return true
		}
		seen[from.cat.Name] = true
		return slices.ContainsFunc(from.cat.LoadAfter(), func(n catalog.Name) bool { return reaches(b.deciderOf(n)) })
	}
	return reaches(read)
}

// waives reports whether the rules have a waiver of a finding about a column, or about a table if column is "".
func (b *builder) waives(code string, t *tableState, column string) bool {
	return slices.ContainsFunc(b.set.Waivers, func(w ruleset.Waiver) bool { return w.Finding == code && w.Table == t.cat.Name && w.Column == column })
}

// deciderOf returns the table whose decisions apply to a table. It returns nil if there is no such table.
func (b *builder) deciderOf(name catalog.Name) *tableState {
	if t := b.db.Table(name); t != nil {
		return b.byName[t.Decider()]
	}
	return nil
}

// pos returns the position of the rules of a table.
func (t *tableState) pos() (pos ruleset.Pos) {
	if t.rules != nil {
		pos = t.rules.Pos
	}
	return pos
}
