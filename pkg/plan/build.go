package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// Invalid is every rule that cannot stand against this schema.
type Invalid struct{ Problems ruleset.Problems }

func (e *Invalid) Error() string { return e.Problems.Error() }

// Build resolves the rules against the schema for a kind of target environment ("staging", …).
//
// The error joins an *Invalid, where rules are at fault, and an *Undecided, where rules are
// missing; errors.As finds each.
func Build(set *ruleset.Set, db *catalog.Database, targetKind string) (*Plan, error) {
	if !slices.Contains(ruleset.TargetKinds(), targetKind) {
		return nil, fmt.Errorf("%q is not a kind of target environment; kinds are %v", targetKind, ruleset.TargetKinds())
	}
	b := newBuilder(set, db, targetKind)
	b.objects()
	b.matchTables()
	b.decide()
	b.follow()
	b.followInside()
	b.uses()
	b.treatments()
	b.references()
	b.keys()
	b.shape()
	b.cards()
	b.literals()
	undecided := b.undecided()
	if len(b.problems) > 0 {
		b.problems.Sort()
		invalid := &Invalid{b.problems}
		if undecided != nil {
			return nil, errors.Join(invalid, undecided)
		}
		return nil, invalid
	}
	if undecided != nil {
		return nil, undecided
	}
	return b.plan(), nil
}

// cell names a column of a deciding table.
type cell struct {
	table  catalog.Name
	column string
}

func (c cell) String() string { return c.table.Column(c.column) }

func (c cell) compare(d cell) int {
	if n := c.table.Compare(d.table); n != 0 {
		return n
	}
	return slices.Compare([]string{c.column}, []string{d.column})
}

// builder holds what is known while a plan comes together. Tables are deciders only:
// ordinary tables and the roots of partitions.
type builder struct {
	set    *ruleset.Set
	db     *catalog.Database
	kind   string
	all    map[catalog.Name]*catalog.Table
	tables []*tableState
	byName map[catalog.Name]*tableState
	fks    []catalog.ForeignKey // between deciders, sorted
	roots  map[cell]cell        // of columns that foreign keys join: the one that names their domain

	virtual map[string]ruleset.Pos // of those of fks that the rules declare, by name
	choices []choice
	inside  []embedded

	decs []Object

	problems ruleset.Problems
	findings []Finding
}

type tableState struct {
	cat     *catalog.Table
	rules   *ruleset.Table // nil where no rule names the table
	skip    string         // why the rows stay behind; "" where they do not
	skipPos ruleset.Pos
	columns []*columnState
	joins   []catalog.Join // rows of other tables that treatments look at, each after those it leads through
}

func (t *tableState) column(name string) *columnState {
	for _, c := range t.columns {
		if c.cat.Name == name {
			return c
		}
	}
	return nil
}

type columnState struct {
	cat    *catalog.Column
	at     cell
	rule   *ruleset.Rule // the rule that decided, also where it was followed; nil while undecided
	only   bool          // decided by the table's keep … only
	pos    ruleset.Pos
	parent *columnState // whose decision it follows
	chosen bool         // it follows several, by the value of a type column
	class  string
	reason string
	use    transform.Use
	traits transform.Traits
	usable bool // use is resolved and fits; what depends on it may be checked
	unique bool // alone a primary key or unique

	settling, settled bool // the treatment's check is under way; is done
}

func (c *columnState) decided() bool { return c.rule != nil || c.only || c.cat.Generated }

// treated says that values change on their way.
func (c *columnState) treated() bool {
	return c.usable && !c.use.Is("keep") && !c.cat.Generated
}

func newBuilder(set *ruleset.Set, db *catalog.Database, kind string) *builder {
	b := &builder{
		set: set, db: db, kind: kind,
		all:    map[catalog.Name]*catalog.Table{},
		byName: map[catalog.Name]*tableState{}, virtual: map[string]ruleset.Pos{},
	}
	for _, t := range db.Tables {
		b.all[t.Name] = t
	}
	for _, t := range db.Tables {
		if t.PartitionOf != nil && t.Root != nil {
			continue
		}
		s := &tableState{cat: t}
		for i := range t.Columns {
			col := &t.Columns[i]
			s.columns = append(s.columns, &columnState{cat: col, at: cell{t.Name, col.Name}})
		}
		b.tables = append(b.tables, s)
		b.byName[t.Name] = s
	}
	slices.SortFunc(b.tables, func(x, y *tableState) int { return x.cat.Name.Compare(y.cat.Name) })
	b.linkKeys()
	for _, t := range b.tables {
		for _, k := range b.keysOf(t) {
			if c := t.sole(k); c != nil {
				c.unique = true
			}
		}
	}
	return b
}

// sole is the column that a key is over, nil where it is over more than one.
func (t *tableState) sole(k catalog.Key) *columnState {
	if len(k.Columns) != 1 {
		return nil
	}
	return t.column(k.Columns[0])
}

func (b *builder) fail(at ruleset.Pos, format string, args ...any) {
	b.problems = append(b.problems, b.set.Problem(at, format, args...))
}

func (b *builder) note(code string, t *tableState, column string, at ruleset.Pos, format string, args ...any) {
	f := Finding{Code: code, Column: column, Pos: at.String(), Text: fmt.Sprintf(format, args...)}
	if t != nil {
		name := t.cat.Name
		f.Table = &name
	}
	b.findings = append(b.findings, f)
}

func (b *builder) at(c cell) *columnState {
	if t := b.byName[c.table]; t != nil {
		return t.column(c.column)
	}
	return nil
}

func (b *builder) plan() *Plan {
	p := &Plan{
		Revision: b.set.Revision, TargetKind: b.kind, Fingerprint: b.db.Fingerprint(),
		Tables: []Table{}, Objects: b.decs, Hooks: []Hook{}, Findings: b.findings,
		References: b.resolved(), Waivers: b.set.Waivers,
	}
	for _, t := range b.tables {
		p.Tables = append(p.Tables, t.plan())
	}
	for _, h := range b.set.Hooks {
		p.Hooks = append(p.Hooks, Hook{File: h.File, SHA256: h.SHA256, SQL: h.SQL})
	}
	if p.Findings == nil {
		p.Findings = []Finding{}
	}
	return p
}

func (t *tableState) plan() Table {
	out := Table{Name: t.cat.Name, Columns: []Column{}, Joins: t.joins}
	if t.rules != nil {
		out.Pos = t.rules.Pos.String()
		if t.rules.Subject != nil {
			out.Subject = t.rules.Subject.Name
		}
	}
	if t.skip != "" {
		out.Skip, out.Reason, out.Pos = true, t.skip, t.skipPos.String()
	}
	for _, c := range t.columns {
		col := Column{
			Name: c.cat.Name, Type: c.cat.Type, NotNull: c.cat.NotNull, Generated: c.cat.Generated,
			Unique: c.unique, Reason: c.reason, Pos: c.pos.String(),
		}
		switch {
		case c.cat.Generated:
			col.Reason, col.Pos = "generated", ""
		case t.skip != "":
			col.Reason, col.Pos = "skipped: "+t.skip, t.skipPos.String()
		default:
			col.Class, col.Use, col.Needs, col.Discloses = c.class, c.use, c.traits.Needs, c.traits.Discloses
		}
		out.Columns = append(out.Columns, col)
	}
	return out
}
