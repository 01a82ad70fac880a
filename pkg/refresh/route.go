package refresh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/wire"
)

// route says how one table is read, treated and loaded.
type route struct {
	leaf     *catalog.Table
	into     catalog.Name // the table that is loaded
	names    []string     // the columns, in the order in which they are read and written
	joins    []catalog.Join
	rows     *catalog.Rows   // the selected rows; nil for all rows
	shuffled bool            // masker writes the rows in a random order that it derives from the key
	layout   *rewrite.Layout // shared by partitions that have the same columns in the same order
}

// want returns what the snapshot has to read.
func (r *route) want() catalog.Want {
	w := catalog.Want{Table: r.leaf.Name, Columns: r.names, Binary: r.layout.Format == wire.Binary, Stripes: r.shuffled, Rows: r.rows}
	if len(r.layout.Extras) == 0 {
		return w
	}
	w.Joins = r.joins
	for _, e := range r.layout.Extras {
		w.Extras = append(w.Extras, e.Extra)
	}
	return w
}

// routes returns a route for every table that has rows and is not skipped, and the names of the skipped tables. It
// returns an error for a table or column without a decision, because such a table or column must not be copied.
func routes(p *plan.Plan, db *catalog.Database, text bool) (take []*route, skipped []catalog.Name, err error) {
	decisions := make(map[catalog.Name]*plan.Table, len(p.Tables))
	for i := range p.Tables {
		decisions[p.Tables[i].Name] = &p.Tables[i]
	}
	shared := map[string]*rewrite.Layout{}
	for _, t := range db.Tables {
		if t.Partitioned {
			continue
		}
		decision := decisions[t.Decider()]
		if decision == nil {
			return nil, nil, fmt.Errorf("%s: the plan has no decision on this table; build the plan again", t.Name)
		}
		if decision.Skip {
			skipped = append(skipped, t.Name)
			continue
		}
		r, err := newRoute(t, decision, db, text, shared)
		if err != nil {
			return nil, nil, err
		}
		take = append(take, r)
	}
	return take, skipped, nil
}

func newRoute(t *catalog.Table, decision *plan.Table, db *catalog.Database, text bool, shared map[string]*rewrite.Layout) (*route, error) {
	l, err := rewrite.NewLayout(t, decision, db, text)
	if err != nil {
		return nil, err
	}
	r := &route{leaf: t, into: destination(t, db, decision), names: l.Names(), joins: decision.Joins, shuffled: decision.Shuffled}
	key := fmt.Sprintf("%s %s %q", l.Table, l.Format, strings.Join(r.names, "\x00"))
	if shared[key] == nil {
		shared[key] = l
	}
	r.layout = shared[key]
	return r, nil
}

// destination returns the table into which the rows are loaded. Usually this is the table that stores the rows in the
// source. If treated rows may belong to another partition, it is the root of that table. There are two reasons why rows
// may belong to another partition: a column of the partition key is treated, or the partition depends on the hash of an
// enum. This hash depends on OIDs, and OIDs are different on the target.
func destination(leaf *catalog.Table, db *catalog.Database, decision *plan.Table) catalog.Name {
	if leaf.Root == nil {
		return leaf.Name
	}
	for at := leaf.PartitionOf; at != nil; {
		parent := db.Table(*at)
		if parent == nil || moves(parent, decision) {
			return *leaf.Root
		}
		at = parent.PartitionOf
	}
	return leaf.Name
}

// moves reports whether rows can belong to another partition of parent in the target than in the source.
func moves(parent *catalog.Table, decision *plan.Table) bool {
	for _, c := range decision.Columns {
		if !slices.Contains(parent.PartKey, c.Name) {
			continue
		}
		if !c.Generated && !c.Keeps() {
			return true
		}
		if parent.Strategy == "hash" && holdsEnum(c.Type) {
			return true
		}
	}
	return false
}

// holdsEnum reports whether a type is an enum, or contains one in an array or a composite type.
func holdsEnum(t catalog.Type) bool {
	return t.Family == catalog.Enum || t.Elem != nil && holdsEnum(*t.Elem) ||
		slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return holdsEnum(f.Type) })
}
