// Package discover drafts a rule set from a schema: by names and types it says what
// each column seems to be, for a reviewer to confirm.
//
// It only ever adds suspicion. What it is not sure of stays undecided, as a commented
// line that makes the plan stop; what it takes for harmless says "draftReason by init" until
// somebody has looked. It reads no rows.
package discover

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// draftReason begins every reason that nobody has confirmed yet.
const draftReason = "draftReason by init, review: "

// person is the `as` of the columns that describe the person a table's rows are about.
const person = "person"

// Draft is the text of a rule set for the schema. It reads with ruleset.Parse, and plan.Build finds
// nothing wrong with it but columns that are still undecided, each of them a TODO line.
func Draft(db *catalog.Database) (string, error) {
	detectors, err := ruleset.ReadDetectors()
	if err != nil {
		return "", fmt.Errorf("discover: %w", err)
	}
	d := newDrafter(db, detectors)
	d.draft()
	// A guess that does not fit its column becomes a TODO. Every round takes back at least one, so
	// this ends.
	for {
		text, owners := d.render()
		problems, err := check(db, text)
		if err != nil {
			return "", err
		}
		if len(problems) == 0 {
			return text, nil
		}
		if !makeTodo(problems, owners) {
			return "", fmt.Errorf("discover: the draft does not stand: %w", problems)
		}
	}
}

// try plans with the draft and returns what is wrong, undecided columns aside.
func check(db *catalog.Database, text string) (ruleset.Problems, error) {
	set, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte(text)}}, nil)
	var problems ruleset.Problems
	if errors.As(err, &problems) {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = plan.Build(set, db, "staging")
	var invalid *plan.Invalid
	if errors.As(err, &invalid) {
		return invalid.Problems, nil
	}
	return nil, nil
}

// takeBack turns the lines at fault into TODOs; false where none could be found.
func makeTodo(problems ruleset.Problems, owners map[int]*line) bool {
	changed := false
	for _, p := range problems {
		l := owners[p.Pos.Line]
		if l == nil || l.todo {
			continue
		}
		l.todo, changed = true, true
		l.note = oneLine(p.Text)
	}
	return changed
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// line is a column's line of the draft.
type line struct {
	column *catalog.Column
	rule   string
	note   string
	todo   bool // commented out: undecided
	follow bool // a comment: the parent decides
}

// table is a table's part of the draft.
type table struct {
	cat     *catalog.Table
	subject *line // nil without; a TODO when it turned out not to fit
	lines   []*line
}

type drafter struct {
	db        *catalog.Database
	detectors ruleset.Detectors
	tables    []*table
	parents   map[ref]ref // of columns that reference another: the first one, by the constraint's name
	subjects  map[catalog.Name]string
}

// ref names a column.
type ref struct {
	table  catalog.Name
	column string
}

func (r ref) String() string { return r.table.Column(r.column) }

func newDrafter(db *catalog.Database, detectors ruleset.Detectors) *drafter {
	d := &drafter{db: db, detectors: detectors, parents: map[ref]ref{}, subjects: map[catalog.Name]string{}}
	fks := slices.Clone(db.ForeignKeys)
	slices.SortFunc(fks, func(a, b catalog.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
	for _, fk := range fks {
		child, parent := db.Table(fk.Child), db.Table(fk.Parent)
		if child == nil || parent == nil {
			continue
		}
		for i := range fk.ChildColumns {
			from, to := ref{child.Decider(), fk.ChildColumns[i]}, ref{parent.Decider(), fk.ParentColumns[i]}
			if _, have := d.parents[from]; !have && from != to {
				d.parents[from] = to
			}
		}
	}
	return d
}

// follows says whose decision a column will take: its parent's, unless the keys only lead in a circle
// and this column is the one of the circle to decide on.
func (d *drafter) follows(c ref) (ref, bool) {
	parent, ok := d.parents[c]
	if !ok {
		return ref{}, false
	}
	for at, seen := parent, map[ref]bool{}; ; {
		if at == c {
			return parent, !smallest(c, seen)
		}
		next, more := d.parents[at]
		if !more || seen[at] {
			return parent, true
		}
		seen[at] = true
		at = next
	}
}

func smallest(c ref, others map[ref]bool) bool {
	for o := range others {
		if o.String() < c.String() {
			return false
		}
	}
	return true
}

func (d *drafter) draft() {
	for _, t := range d.db.Tables {
		if t.Root != nil || t.ExtMember != "" || t.ExtConfig != "" {
			continue
		}
		d.tables = append(d.tables, d.table(t))
	}
	for _, t := range d.tables {
		d.shareSubject(t)
	}
}

func (d *drafter) table(t *catalog.Table) *table {
	out := &table{cat: t}
	names := map[string]bool{}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Generated {
			continue
		}
		l, as := d.column(t, c)
		out.lines = append(out.lines, l)
		if as {
			names[l.rule] = true
		}
	}
	if key := plainKey(t); key != "" && len(names) > 1 {
		d.anchor(out, key)
	}
	return out
}

// anchor makes a table's columns about a person describe one invented person per key.
func (d *drafter) anchor(t *table, key string) {
	for _, l := range t.lines {
		if l.column.Name == key && (l.todo || strings.HasPrefix(l.rule, "{class")) {
			return // a key that is somebody's name or number cannot say whose row it is
		}
		if l.column.Name == key {
			t.subject = &line{column: l.column}
		}
	}
	if t.subject == nil {
		return
	}
	d.subjects[t.cat.Name] = key
	for _, l := range t.lines {
		g := d.detectors.Guess(t.cat.Name.Name, l.column.Name, l.column.Type)
		if g != nil && g.As != "" && !l.follow && strings.HasPrefix(l.rule, "{class") {
			l.rule = strings.TrimSuffix(l.rule, "}") + ", as: " + person + "}"
		}
	}
}

// shareSubject gives a table with dates about a person the subject its rows belong to, so that dates
// move together in all of the subject's tables.
func (d *drafter) shareSubject(t *table) {
	if t.subject != nil || !slices.ContainsFunc(t.lines, func(l *line) bool {
		return strings.HasPrefix(l.rule, "{class: birth_date") || strings.HasPrefix(l.rule, "{class: date_of_event")
	}) {
		return
	}
	for _, l := range t.lines {
		parent, ok := d.parents[ref{t.cat.Name, l.column.Name}]
		if ok && l.follow && l.column.NotNull && d.subjects[parent.table] == parent.column {
			t.subject = &line{column: l.column}
			return
		}
	}
	if key := plainKey(t.cat); key != "" {
		for _, l := range t.lines {
			if l.column.Name == key && !l.todo && strings.HasPrefix(l.rule, "{keep") {
				t.subject = &line{column: l.column}
			}
		}
	}
}

// plainKey is a table's primary key where it is one column.
func plainKey(t *catalog.Table) string {
	for _, k := range t.Keys {
		if k.Primary && len(k.Columns) == 1 {
			return k.Columns[0]
		}
	}
	return ""
}

// column drafts one column; as says that it tells something of a person that goes together with the rest.
func (d *drafter) column(t *catalog.Table, c *catalog.Column) (l *line, as bool) {
	l = &line{column: c}
	if parent, ok := d.follows(ref{t.Name, c.Name}); ok {
		l.follow, l.note = true, "follows "+parent.String()
		return l, false
	}
	if surrogate(t, c) {
		l.rule = keep("a surrogate key, means nothing outside this database")
		return l, false
	}
	if g := d.detectors.Guess(t.Name.Name, c.Name, c.Type); g != nil {
		l.rule, l.todo, l.note = "{class: "+g.Class+"}", !g.Sure, c.Type.Name
		return l, g.As != "" && g.Sure
	}
	if h := d.detectors.GuessHarmless(t.Name.Name, c.Name, c.Type); h != nil {
		l.rule = keep(h.Reason)
		return l, false
	}
	l.rule, l.todo, l.note = "{treat: redact}", true, c.Type.Name
	return l, false
}

func keep(reason string) string { return `{keep: "` + draftReason + reason + `"}` }

// surrogate says that the database counts the key, or that it is a number or uuid and the whole
// primary key.
func surrogate(t *catalog.Table, c *catalog.Column) bool {
	if c.Identity != "" || c.Sequence != nil {
		return true
	}
	number := c.Type.Family == catalog.Integer || c.Type.Family == catalog.UUID
	return number && plainKey(t) == c.Name
}
