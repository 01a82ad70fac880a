package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// Invalid is the error for rules that do not fit the schema. It lists all problems of these rules.
type Invalid struct{ Problems ruleset.Problems }

func (e *Invalid) Error() string { return e.Problems.Error() }

// Build resolves the rules against the schema for a kind of target environment ("staging", …).
//
// If rules are wrong, the error holds an *Invalid. If rules are missing, the error holds an
// *Undecided. It can hold both. Use errors.As to get each.
func Build(set *ruleset.Set, db *catalog.Database, targetKind string) (*Plan, error) {
	if !slices.Contains(ruleset.TargetKinds(), targetKind) {
		return nil, fmt.Errorf("%q is not a kind of target environment; kinds are %v", targetKind, ruleset.TargetKinds())
	}
	b := newBuilder(set, db, targetKind)
	defer b.begin()()
	b.resolve()
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

// resolve decides every column that has a rule or follows a decided column, and checks the decisions.
func (b *builder) resolve() {
	b.objects()
	b.leaveOut()
	b.matchTables()
	b.decide()
	b.follow(b.fks)
	b.followInside()
	b.uses()
	b.towardZero()
	b.fitTexts()
	b.treatments()
	b.references()
	b.keys()
	b.computed()
	b.shape()
	b.contained()
	b.views()
	b.cards()
	b.values()
	b.shifts()
	b.askAboutConstants()
	b.keptColumns()
	b.gates()
}

// begin starts a goroutine that guesses what the columns hold and computes the fingerprint of the catalog. With
// thousands of tables, this takes as long as all other work, which goes on meanwhile. Build calls done before it
// returns: done waits for both results, because the caller of Build may change the catalog afterwards.
func (b *builder) begin() (done func()) {
	compute := func() {
		b.looks()
		b.fingerprint()
	}
	go compute()
	return compute
}

// cell names a column by its table and its name. The table is never a partition.
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

// builder is the state of Build. A partition has no decisions of its own, so tables, byName and fks
// hold ordinary tables and partition roots only.
type builder struct {
	set      *ruleset.Set
	db       *catalog.Database
	kind     string
	all      map[catalog.Name]*catalog.Table   // all tables, including partitions
	parts    map[catalog.Name][]*catalog.Table // the partitions of each root, at all depths
	tables   []*tableState
	byName   map[catalog.Name]*tableState
	fks      []catalog.ForeignKey // sorted, including the virtual keys that join columns
	partKeys map[cell]bool        // columns in the partition key of a table or of its partitions
	below    map[cell][]int       // for each column, the foreign keys through which other columns reference it, as positions in fks
	roots    map[cell]cell        // for each column that foreign keys join, the column whose name is its domain

	bySubject map[cell][]*tableState // the tables of each subject, by the root of the subject's column
	sequences map[catalog.Name]*catalog.Sequence
	owned     map[cell]*catalog.Sequence // the sequences that columns own

	virtual map[string]ruleset.Pos // for each virtual key in fks, by its name: the position in the rules
	choices []choice
	inside  []embedded

	decidedObjects []Object
	leftOut        []LeftOut
	proposed       map[cell]ruleset.Rule // rules for columns that the rule set does not decide
	looks          func() looks          // computes its result once. Any goroutine may call it
	fingerprint    func() string         // computes the fingerprint of db once. Any goroutine may call it
	absent         map[ownName]bool      // constraints and indexes that are left out
	constraints    map[ownName]string    // for each constraint, the name that leave_out: of the rules uses

	problems  ruleset.Problems
	findings  []Finding
	questions []Question
	measures  []measure
	unknown   []*tableState // tables with a column that needs statistics and has none
}

type tableState struct {
	cat     *catalog.Table
	rules   *ruleset.Table // nil if no rule names the table
	skip    string         // why the rows are not copied, or "" if they are copied
	skipPos ruleset.Pos
	columns []*columnState
	joins   []catalog.Join // joins to rows of other tables that treatments read. A join comes after the joins that are part of its path
}

func (t *tableState) column(name string) *columnState {
	for _, c := range t.columns {
		if c.cat.Name == name {
			return c
		}
	}
	return nil
}

// onlyColumnOf returns the column that a CHECK constraint of one column reads. In the constraint of a domain, VALUE
// stands for the column.
func (t *tableState) onlyColumnOf(check catalog.Check) *columnState {
	if len(check.Columns) != 1 {
		return nil
	}
	return t.column(check.Columns[0])
}

type columnState struct {
	cat      *catalog.Column
	at       cell
	rule     *ruleset.Rule          // the rule of this column or of the column it follows. Nil while undecided
	kept     *ruleset.TableDecision // the table's `keep: reason` if its `only` names this column or the column it follows. Otherwise nil
	pos      ruleset.Pos
	parent   *columnState // the column whose decision this column follows, or nil
	chosen   bool         // the column follows several columns. A type column chooses one of them for each row
	class    string
	reason   string
	use      transform.Use
	traits   transform.Traits
	parts    []part // keptColumns sets the parts, and gates reads them
	usable   bool   // use is resolved and fits the column
	unique   bool   // the column alone is in a key, which may be partial or compute from the column: different values need different results
	copiedTo string // a generated column that copies the column and is narrower, or ""
	partOf   string // a generated column that joins the column with others, and therefore makes its results shorter, or ""

	settling, settled bool // settle is working on this column, settle has finished with it
}

func (c *columnState) decided() bool { return c.rule != nil || c.kept != nil || c.cat.Generated }

// treated reports whether the column has a treatment other than keep.
func (c *columnState) treated() bool {
	return c.usable && !c.use.Is("keep") && !c.cat.Generated
}

func newBuilder(set *ruleset.Set, db *catalog.Database, kind string) *builder {
	b := &builder{
		set: set, db: db, kind: kind,
		looks: sync.OnceValue(func() looks { return look(db) }), fingerprint: sync.OnceValue(db.Fingerprint),
		all:    map[catalog.Name]*catalog.Table{},
		byName: map[catalog.Name]*tableState{}, virtual: map[string]ruleset.Pos{},
		partKeys: map[cell]bool{}, parts: map[catalog.Name][]*catalog.Table{}, constraints: constraintNames(db),
		sequences: map[catalog.Name]*catalog.Sequence{}, owned: map[cell]*catalog.Sequence{},
	}
	for _, t := range db.Tables {
		b.all[t.Name] = t
		if t.Root != nil {
			b.parts[*t.Root] = append(b.parts[*t.Root], t)
		}
		for _, name := range t.PartKey {
			b.partKeys[cell{t.Decider(), name}] = true
		}
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
	for i := range db.Sequences {
		s := &db.Sequences[i]
		b.sequences[s.Name] = s
		if s.Table != nil {
			b.owned[cell{*s.Table, s.Column}] = s
		}
	}
	slices.SortFunc(b.tables, func(x, y *tableState) int { return x.cat.Name.Compare(y.cat.Name) })
	b.linkKeys()
	b.findAbsent()
	b.narrow()
	b.padJoined()
	for _, t := range b.tables {
		for _, k := range b.keysOf(t) {
			if c := t.onlyColumn(k); c != nil {
				c.unique = true
			}
		}
	}
	return b
}

// allDiffer reports whether a key makes all values of a column different.
func (t *tableState) allDiffer(c *columnState) bool {
	return slices.ContainsFunc(t.cat.Keys, func(k catalog.Key) bool {
		return k.Predicate == "" && len(k.Members) == 0 && t.onlyColumn(k) == c
	})
}

// onlyColumn returns the column of a key with one column. It is nil for a key with more columns.
func (t *tableState) onlyColumn(k catalog.Key) *columnState {
	if len(k.Columns) != 1 {
		return nil
	}
	return t.column(k.Columns[0])
}

// fail adds a problem. A text about a column begins with the column, so that one text can be shown for several
// columns.
func (b *builder) fail(at ruleset.Pos, format string, args ...any) {
	p := b.set.Problem(at, format, args...)
	if len(args) > 0 && strings.HasPrefix(format, "%s") {
		if c, ok := args[0].(cell); ok {
			p.About = c.String()
		}
	}
	b.problems = append(b.problems, p)
}

func (b *builder) addFinding(code string, t *tableState, column string, at ruleset.Pos, format string, args ...any) {
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
		Revision: b.set.Revision, TargetKind: b.kind, Fingerprint: b.fingerprint(),
		Tables: []Table{}, Objects: b.decidedObjects, LeaveOut: b.leftOut, Hooks: HooksOf(b.set), Findings: b.findings,
		References: b.resolved(), Questions: b.questions, Waivers: b.set.Waivers, Notes: append(b.notes(), b.profileNotes()...), measures: b.measures,
	}
	shuffles, moved := b.treats(), b.moved()
	for _, t := range b.tables {
		out := t.plan()
		out.Shuffled = shuffles && !out.Skip && out.Order == nil && (!b.keepsKey(t) || b.datedByOrder(t, moved))
		p.Tables = append(p.Tables, out)
	}
	if p.Findings == nil {
		p.Findings = []Finding{}
	}
	return p
}

func (t *tableState) plan() Table {
	out := Table{Name: t.cat.Name, Columns: []Column{}, Joins: t.joins}
	if t.cat.Strategy != "" {
		out.Partitions = t.cat.Strategy + " of " + strings.Join(t.cat.PartKey, ", ")
	}
	if t.rules != nil {
		out.Pos = t.rules.Pos.String()
		if t.rules.Subject != nil {
			out.Subject = t.rules.Subject.Name
		}
		if o := t.rules.Order; o != nil {
			out.Order = &Order{Keep: o.Reason, Pos: o.Pos.String()}
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
			col.Special = c.traits.Special
		}
		out.Columns = append(out.Columns, col)
	}
	return out
}
