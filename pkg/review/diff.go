package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// diffPlans returns the differences between two plans' decisions, in the order of the plan.
func diffPlans(old, now plan.Decisions) []Difference {
	d := &differ{found: []Difference{}}
	d.decisions(old, now)
	if len(d.found) == 0 && !same(old, now) {
		d.add("plan", Weaker, undescribed)
	}
	return d.found
}

// undescribed is the text for a difference that no other text describes. Without it, a changed plan could look
// unchanged.
const undescribed = "decided differently, but this version of masker cannot describe the difference; compare the files"

type differ struct {
	found []Difference
	rules bool // compare rule sets, without a schema
}

func (d *differ) decisions(old, now plan.Decisions) {
	d.head(old, now)
	d.tables(old.Tables, now.Tables)
	d.objects(old.Objects, now.Objects)
	d.leftOut(old.LeaveOut, now.LeaveOut)
	d.hooks(old.Hooks, now.Hooks)
	d.waivers(old.Waivers, now.Waivers)
	d.figures(old.Figures, now.Figures)
	d.policy(old.Policy, now.Policy)
	d.definitions(old.Definitions, now.Definitions)
}

// label returns what the text of a difference is about: a thing of the schema, such as a table, or in a comparison of
// rule sets the rule of this thing.
func (d *differ) label(thing string) string {
	if d.rules {
		return "rule of the " + thing
	}
	return thing
}

func (d *differ) add(where string, effect Effect, format string, args ...any) {
	d.found = append(d.found, Difference{where, fmt.Sprintf(format, args...), effect})
}

// same compares two values by their JSON, as the digest does.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func (d *differ) head(old, now plan.Decisions) {
	if old.Version != now.Version {
		d.add("plan", Neutral, "the form of the decisions is version %d instead of %d", now.Version, old.Version)
	}
	if old.Library != now.Library {
		d.add("library", Neutral, "the treatments are those of library %s instead of %s: results may differ everywhere", now.Library, old.Library)
	}
	if old.Revision != now.Revision {
		d.add("rules", Neutral, "revision %d instead of %d", now.Revision, old.Revision)
	}
	if old.TargetKind != now.TargetKind {
		d.add("target", protection(old.TargetKind, now.TargetKind), "for %s instead of %s environments", now.TargetKind, old.TargetKind)
	}
}

// protection returns Weaker if the new kind of environment is less protected than the old one.
func protection(old, now string) Effect {
	kinds := ruleset.TargetKinds() // the most protected kind of environment first
	return compare(slices.Index(kinds, old), slices.Index(kinds, now))
}

// compare returns Weaker if the new number is larger than the old one, and Stronger if it is smaller.
func compare(old, now int) Effect {
	switch {
	case now > old:
		return Weaker
	case now < old:
		return Stronger
	}
	return Neutral
}

func (d *differ) tables(old, now []plan.DecidedTable) {
	find := func(ts []plan.DecidedTable, n catalog.Name) *plan.DecidedTable {
		i := slices.IndexFunc(ts, func(t plan.DecidedTable) bool { return t.Name == n })
		if i < 0 {
			return nil
		}
		return &ts[i]
	}
	names := map[catalog.Name]bool{}
	for _, t := range append(slices.Clone(old), now...) {
		names[t.Name] = true
	}
	for _, n := range sortedNames(names) {
		before, after := find(old, n), find(now, n)
		switch {
		case before == nil:
			d.newTable(after)
		case after == nil:
			d.add(n.String(), Gone, "the %s is gone; %s", d.label("table"), summary(before))
		case !same(before, after):
			d.table(before, after)
		}
	}
}

func sortedNames(names map[catalog.Name]bool) []catalog.Name {
	out := make([]catalog.Name, 0, len(names))
	for n := range names {
		out = append(out, n)
	}
	slices.SortFunc(out, catalog.Name.Compare)
	return out
}

// summary describes the decision on a table.
func summary(t *plan.DecidedTable) string {
	if t.Skip {
		return "its rows stayed behind"
	}
	return "it had " + spell.Count(len(t.Columns), "column")
}

func (d *differ) newTable(t *plan.DecidedTable) {
	if t.Skip {
		d.add(t.Name.String(), New, "new %s; its rows stay behind", d.label("table"))
		return
	}
	d.add(t.Name.String(), New, "new %s with %s", d.label("table"), spell.Count(len(t.Columns), "column"))
	if t.KeepOrder {
		d.add(t.Name.String(), New, "the rows keep the source's order")
	}
	for i := range t.Columns {
		d.newColumn(t.Name, &t.Columns[i])
	}
}

func (d *differ) table(old, now *plan.DecidedTable) {
	where, before := now.Name.String(), len(d.found)
	switch {
	case now.Skip && !old.Skip:
		d.add(where, Stronger, "the rows stay behind now; before they were copied")
	case old.Skip && !now.Skip:
		d.add(where, Weaker, "the rows are copied now; before they stayed behind")
	}
	if old.Subject != now.Subject {
		d.add(where, Neutral, "the subject is %s now; before %s", quoteOr(now.Subject, "none"), quoteOr(old.Subject, "none"))
	}
	if !same(old.Joins, now.Joins) {
		d.add(where, Neutral, "treatments read rows of other tables: %s now; before %s", joinWords(now.Joins), joinWords(old.Joins))
	}
	if old.Partitions != now.Partitions {
		d.add(where, Weaker, "the partition key, which decides whether bounds are shown, is %s now; before %s", cmp.Or(now.Partitions, "none"), cmp.Or(old.Partitions, "none"))
	}
	switch {
	case now.KeepOrder && !old.KeepOrder:
		d.add(where, Weaker, "the rows keep the source's order now")
	case old.KeepOrder && !now.KeepOrder:
		d.add(where, Stronger, "the rows do not keep the source's order any more, unless a unique column is kept")
	}
	d.columns(old, now)
	if len(d.found) == before {
		d.add(where, Weaker, undescribed)
	}
}

func quoteOr(column, none string) string {
	if column == "" {
		return none
	}
	return catalog.Quote(column)
}

func joinWords(js []catalog.Join) string {
	if len(js) == 0 {
		return "none"
	}
	var out []string
	for _, j := range js {
		out = append(out, fmt.Sprintf("%s by %s (%s)", j.Parent, j.Path, catalog.Quote(j.Key)))
	}
	return strings.Join(out, ", ")
}

func (d *differ) columns(old, now *plan.DecidedTable) {
	find := func(cs []plan.DecidedColumn, name string) *plan.DecidedColumn {
		i := slices.IndexFunc(cs, func(c plan.DecidedColumn) bool { return c.Name == name })
		if i < 0 {
			return nil
		}
		return &cs[i]
	}
	for i := range old.Columns {
		c := &old.Columns[i]
		if find(now.Columns, c.Name) == nil {
			d.add(now.Name.Column(c.Name), Gone, "the %s is gone; it was %s", d.label("column"), d.columnWords(c))
		}
	}
	for i := range now.Columns {
		c := &now.Columns[i]
		before := find(old.Columns, c.Name)
		switch {
		case before == nil:
			d.newColumn(now.Name, c)
		case !same(before, c):
			d.column(now.Name.Column(c.Name), before, c, now.Skip && !old.Skip)
		}
	}
	if !slices.Equal(order(old, now), order(now, old)) {
		d.add(now.Name.String(), Neutral, "the columns stand in another order")
	}
}

// order returns the columns that both versions of a table have, in the order of t.
func order(t, other *plan.DecidedTable) []string {
	var names []string
	for _, c := range t.Columns {
		if slices.ContainsFunc(other.Columns, func(o plan.DecidedColumn) bool { return o.Name == c.Name }) {
			names = append(names, c.Name)
		}
	}
	return names
}

func (d *differ) objects(old, now []plan.DecidedObject) {
	find := func(os []plan.DecidedObject, kind string) plan.DecidedObject {
		for _, o := range os {
			if o.Kind == kind {
				return o
			}
		}
		if kind == ruleset.Comments {
			return plan.DecidedObject{Kind: kind, Decision: "drop"}
		}
		return plan.DecidedObject{}
	}
	before := len(d.found)
	for _, kind := range objectKinds(old, now) {
		was, is := find(old, kind), find(now, kind)
		switch {
		case is.Kind == "":
			d.add("objects."+kind, Gone, "nothing is decided any more; before %s", was.Decision)
		case was.Kind == "":
			d.add("objects."+kind, New, "decided: %s", objectWords(is))
		case was != is:
			strength := []string{"drop", "empty", "keep"} // the strongest decision first
			d.add("objects."+kind, compare(slices.Index(strength, was.Decision), slices.Index(strength, is.Decision)), "%s now; before %s", objectWords(is), objectWords(was))
		}
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add("objects", Neutral, "decided in another order")
	}
}

// objectKinds returns the kinds of objects in two lists of decisions. Kinds that only the old list has come first.
func objectKinds(old, now []plan.DecidedObject) (kinds []string) {
	for _, o := range old {
		if !slices.ContainsFunc(now, func(n plan.DecidedObject) bool { return n.Kind == o.Kind }) {
			kinds = append(kinds, o.Kind)
		}
	}
	for _, o := range now {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

// objectWords returns the decision on a kind of objects, with the reason if they are kept.
func objectWords(o plan.DecidedObject) string {
	if o.Reason == "" {
		return o.Decision
	}
	return o.Decision + " (" + o.Reason + ")"
}

// figures compares the findings that come from the planner's statistics.
func (d *differ) figures(old, now []plan.DecidedFigure) {
	same := func(f plan.DecidedFigure) func(plan.DecidedFigure) bool {
		return func(g plan.DecidedFigure) bool { return f.On == g.On && f.Finding == g.Finding }
	}
	before := len(d.found)
	for _, f := range now {
		switch i := slices.IndexFunc(old, same(f)); {
		case i < 0:
			d.add(f.On, Weaker, "new finding %s: %s", f.Finding, f.Text)
		case old[i] != f:
			d.add(f.On, Neutral, "finding %s rests on another figure now: %s", f.Finding, f.Text)
		}
	}
	for _, f := range old {
		if !slices.ContainsFunc(now, same(f)) {
			d.add(f.On, Neutral, "finding %s is gone", f.Finding)
		}
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add("findings", Neutral, "they stand in another order")
	}
}

// waivers compares waivers. A new waiver is weaker, because it accepts a finding that was open before.
func (d *differ) waivers(old, now []plan.DecidedWaiver) {
	before := len(d.found)
	for _, w := range now {
		i := slices.IndexFunc(old, w.Same)
		if i < 0 {
			d.add(w.On, Weaker, "finding %s is waived until %s by %s: %s", w.Waives(), w.Until, w.Owner, w.Reason)
			continue
		}
		if v := old[i]; v != w {
			was := ""
			if v.AtMost != w.AtMost {
				was = v.Waives() + " "
			}
			d.add(w.On, accepts(v, w), "finding %s is waived until %s by %s: %s; before %suntil %s by %s: %s",
				w.Waives(), w.Until, w.Owner, w.Reason, was, v.Until, v.Owner, v.Reason)
		}
	}
	for _, v := range old {
		if !slices.ContainsFunc(now, v.Same) {
			d.add(v.On, Stronger, "finding %s is not waived any more", v.Waives())
		}
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add("waivers", Neutral, "they stand in another order")
	}
}

// accepts compares how much a waiver accepts, before and after a change.
func accepts(old, now plan.DecidedWaiver) Effect {
	longer, more := strings.Compare(now.Until, old.Until), cmp.Compare(now.AtMost, old.AtMost)
	if longer > 0 || more > 0 {
		return Weaker
	}
	return compare(0, longer+more)
}

// rank returns a larger number for a label that discloses more. It returns -1 for "", which discloses nothing.
func rank(d transform.Disclosure) int { return slices.Index(transform.Disclosures(), d) }
