package plan

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// views adds a finding for each populated materialized view that reads treated columns, directly or through other
// views. The plan does not compute the queries of views. If the query of a view fails in a run, the target has the view
// without rows. So the reviewer decides about the view before the run.
func (b *builder) views() {
	populated := map[string]bool{}
	for _, v := range b.db.MatViews {
		populated[v.Name.String()] = v.Populated
	}
	for _, o := range b.db.Objects {
		if o.Kind != catalog.KindMatView || !populated[o.Name] || b.leavesOut(o.Name) {
			continue
		}
		read := b.treatedAmong(o.Reads)
		if len(read) == 0 {
			continue
		}
		c, more := read[0], ""
		if len(read) > 1 {
			more = ", and other columns that rules change"
		}
		b.addFinding("view-reads-treated", b.byName[c.at.table], c.cat.Name, c.pos,
			"%s reads %s, which becomes %s%s; if its query fails for the results, the target has the view without rows; to decide that now, leave it out: %s",
			o.Label(), c.at, describe(c.use), more, o.Line())
	}
}

// treatedAmong returns the treated columns of the list, each once. It omits columns that become NULL, because every
// query must be able to handle NULL.
func (b *builder) treatedAmong(columns []catalog.ColumnName) []*columnState {
	var out []*columnState
	seen := map[cell]bool{}
	for _, name := range columns {
		t := b.all[name.Table]
		if t == nil {
			continue
		}
		at := cell{t.Decider(), name.Column}
		if c := b.at(at); c != nil && c.treated() && !c.use.Is("null") && !seen[at] {
			seen[at] = true
			out = append(out, c)
		}
	}
	return out
}
