package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
)

// LeftOut is the decision to leave one object out of the target. The parts of the object are left out too.
type LeftOut struct {
	Name   string             `json:"name"` // catalog.Object.Name
	Kind   catalog.ObjectKind `json:"kind"`
	Reason string             `json:"reason"`
	Pos    string             `json:"pos"`
}

// Label returns the kind and the name of the object. If the object protects rows, the label says that the target does
// not protect them.
func (o LeftOut) Label() string {
	label := catalog.Object{Kind: o.Kind, Name: o.Name}.Label()
	if o.Kind.Protects() {
		label += unenforced
	}
	return label
}

const unenforced = " (so the target does not enforce it)"

// DecidedLeftOut is the part of LeftOut that an approval covers.
type DecidedLeftOut struct {
	Name string             `json:"name"`
	Kind catalog.ObjectKind `json:"kind"`
}

// leftOutNames returns the names of the objects that the plan leaves out.
func (p *Plan) leftOutNames() []string {
	var names []string
	for _, o := range p.LeaveOut {
		names = append(names, o.Name)
	}
	return names
}

// LeftOutObjects returns the objects that are left out, with the parts of each, as the schema has them.
func (p *Plan) LeftOutObjects(db *catalog.Database) []catalog.Object {
	return db.WithParts(p.leftOutNames())
}

// ownName is the name of a constraint, an index or a trigger within its table.
type ownName struct {
	table catalog.Name
	own   string
}

// String returns the name in the form of leave_out: of the rules.
func (n ownName) String() string { return n.table.Column(n.own) }

// findAbsent finds the constraints and indexes that the target does not have.
func (b *builder) findAbsent() {
	var names []string
	for _, o := range b.set.LeaveOut {
		names = append(names, o.Name)
	}
	b.absent = map[ownName]bool{}
	for _, o := range b.db.WithParts(names) {
		if o.Table == nil {
			continue
		}
		b.absent[ownName{*o.Table, o.Own}] = true
		if t := b.all[*o.Table]; t != nil && o.Kind == catalog.KindForeignKey { // foreign keys of partitions count as their root's
			b.absent[ownName{t.Decider(), o.Own}] = true
		}
		if o.Kind == catalog.KindDomainCheck {
			for _, c := range o.Reads {
				b.absent[ownName{c.Table, o.Own}] = true
			}
		}
	}
}

// constraintNames returns, for each constraint, the name that leave_out: of the rules uses for it.
func constraintNames(db *catalog.Database) map[ownName]string {
	names := map[ownName]string{}
	for _, o := range db.Objects {
		if o.Table == nil || !o.Kind.Protects() || o.Kind == catalog.KindTrigger {
			continue
		}
		if of := (ownName{*o.Table, o.Own}); names[of] == "" {
			names[of] = o.Name
		}
	}
	return names
}

// isAbsent reports whether the target does not have a constraint or an index of a table.
func (b *builder) isAbsent(table catalog.Name, own string) bool { return b.absent[ownName{table, own}] }

// presentKeys returns the keys that a table has in the target.
func (b *builder) presentKeys(t *catalog.Table) []catalog.Key {
	return slices.DeleteFunc(slices.Clone(t.Keys), func(k catalog.Key) bool { return b.isAbsent(t.Name, k.Name) })
}

// presentChecks returns the CHECK constraints that a table has in the target.
func (b *builder) presentChecks(t *catalog.Table) []catalog.Check {
	return slices.DeleteFunc(slices.Clone(t.Checks), func(k catalog.Check) bool { return b.isAbsent(t.Name, k.Name) })
}

// leaveOut resolves the objects that the rules leave out. It refuses four things: a name that the source does not have,
// a name that two objects have, a part of an object without the whole object, and an object that another object needs.
func (b *builder) leaveOut() {
	gone := map[string]bool{}
	var names []string
	for _, o := range b.set.LeaveOut {
		names = append(names, o.Name)
	}
	for _, o := range b.db.WithParts(names) {
		gone[o.Label()] = true
	}
	for _, o := range b.set.LeaveOut {
		found := b.db.Named(o.Name)
		switch {
		case len(found) == 0:
			b.fail(o.Pos, "%s", b.noObject(o.Name))
		case len(found) > 1:
			b.fail(o.Pos, "%s is the name of a %s and of a %s; rename one of them in the source", o.Name, found[0].Kind, found[1].Kind)
		case found[0].Of != "" && !gone[found[0].Of]:
			b.fail(o.Pos, "%s is a part of %s, and cannot be left out alone; leave out %s", o.Name, found[0].Of, found[0].Of)
		default:
			b.leftOut = append(b.leftOut, LeftOut{Name: o.Name, Kind: found[0].Kind, Reason: o.Reason, Pos: o.Pos.String()})
			b.refuseNeeded(o, gone)
		}
	}
	slices.SortFunc(b.leftOut, func(x, y LeftOut) int { return strings.Compare(x.Name, y.Name) })
}

// refuseNeeded refuses to leave out an object if something that is not left out needs it or one of its parts.
func (b *builder) refuseNeeded(o ruleset.LeftOut, gone map[string]bool) {
	for _, part := range b.db.WithParts([]string{o.Name}) {
		for _, need := range part.NeededBy {
			next := "leave out both, or neither"
			if !slices.ContainsFunc(b.db.Objects, func(x catalog.Object) bool { return x.Label() == need }) {
				next = "rules cannot leave that out, so keep both"
			}
			if !gone[need] {
				b.fail(o.Pos, "%s cannot be left out: %s needs it; %s", o.Name, need, next)
			}
		}
	}
}

// leavesOut reports whether the rules leave out the object of that name.
func (b *builder) leavesOut(name string) bool {
	return slices.ContainsFunc(b.set.LeaveOut, func(o ruleset.LeftOut) bool { return o.Name == name })
}

// objectName returns the name of an index of a table in the form of leave_out: of the rules. The index of a constraint
// has the constraint's name.
func (b *builder) objectName(t *tableState, index string) string {
	if name, ok := b.constraints[ownName{t.cat.Name, index}]; ok {
		return name
	}
	return catalog.Name{Schema: t.cat.Name.Schema, Name: index}.String()
}

// noObject says that the source has no object of that name, and which names are similar. Types have several names, so
// for a cast it lists all casts.
func (b *builder) noObject(want string) string {
	var names, sameKind []string
	kind, _, _ := strings.Cut(want, " (")
	for _, o := range b.db.Objects {
		names = append(names, o.Name)
		if string(o.Kind) == kind {
			sameKind = append(sameKind, o.Name)
		}
		if unquoted := strings.NewReplacer(`"`, ""); strings.EqualFold(unquoted.Replace(o.Name), unquoted.Replace(want)) {
			return "the source has no " + want + ", but " + o.Name + "; quote it as SQL would: " + ruleset.YAMLText(o.Name)
		}
	}
	slices.Sort(sameKind)
	if len(sameKind) > 0 {
		return "the source has no " + want + "; it has " + strings.Join(sameKind, ", ")
	}
	return "the source has no index, constraint, trigger, materialized view, statistics object, cast or operator class " + want + spell.Mean(want, names)
}
