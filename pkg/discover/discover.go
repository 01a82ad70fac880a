// Package discover drafts a rule set from a schema, and from what a look at values has shown if there was one. It
// guesses what each column is, and a reviewer confirms or corrects the guesses. The package reads no rows itself.
//
// A surrogate key and a column that looks harmless are kept, with a reason that begins with "drafted by init". A column
// that references another column follows its decision. Any other column without a sure guess stays undecided: its rule
// is a comment, and the refresh stops until somebody decides.
package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// draftReason is the beginning of every reason in a draft.
const draftReason = "drafted by init, review: "

// nullRule is the rule that replaces every value by NULL.
const nullRule = "{treat: 'null'}"

// person is the value of `as` for columns that describe the person that a table's rows are about.
const person = "person"

// Draft returns the text of a rule set for the schema. ruleset.Parse accepts it. plan.Build fails only for undecided
// columns, and the draft has a TODO line for each of them.
func Draft(db *catalog.Database) (string, error) { return DraftSeen(db, nil, nil) }

// Ask asks a server the questions of a plan. It returns the problems of the questions whose condition is false.
type Ask func([]plan.Question) (ruleset.Problems, error)

// DraftSeen is like Draft, and also uses what a look at values has shown. The argument seen is nil if nobody has
// looked at values. If ask is not nil, a rule whose results break a CHECK constraint becomes a TODO line too.
func DraftSeen(db *catalog.Database, seen map[catalog.ColumnName]guess.Seen, ask Ask) (string, error) {
	detectors, err := guess.New()
	if err != nil {
		return "", fmt.Errorf("discover: %w", err)
	}
	d := newDrafter(db, detectors.Database(db))
	d.seen, d.ask = seen, ask
	d.guesses.Believe(seen)
	baseline, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte("revision: 1\npacks: [baseline]\n")}}, nil)
	if err != nil {
		return "", fmt.Errorf("discover: %w", err)
	}
	for name, class := range baseline.Classes {
		d.classes[name] = oneValue
		if use := class.For("staging"); use != nil && use.Rule.Treatment != "redact" && use.Rule.Treatment != "constant" {
			d.classes[name] = manyValues
		}
	}
	d.draft()
	// A guess that does not fit its column becomes a TODO line. Every round except the last makes at least one TODO
	// line or skips at least one table, so the loop ends.
	for {
		p := d.render()
		problems, undecided, err := d.check(p.text.String())
		if err != nil {
			return "", err
		}
		if len(problems) > 0 {
			if !p.makeTodo(problems) && !p.skip(problems) {
				return "", fmt.Errorf("discover: the draft has problems: %w", problems)
			}
			continue
		}
		d.propose(undecided)
		// Some guesses do not fit together with the proposed rules. They become TODO lines too.
		if problems, p, err = d.settle(); err != nil {
			return "", err
		}
		if !p.makeTodo(problems) {
			return d.render().text.String(), nil
		}
	}
}

// makeTodo turns the lines that have problems into TODO lines. It returns false if it found no such line.
func (p *page) makeTodo(problems ruleset.Problems) bool {
	changed := false
	for _, problem := range problems {
		l := p.owners[problem.Pos.Line]
		if l == nil || l.todo {
			continue
		}
		l.todo, changed = true, true
		l.note = oneLine(problem.Text)
	}
	return changed
}

// skip drafts that the rows of tables stay behind, if the plan has problems with these tables. A column's rule would not
// help, for example if loading the table needs rows that are not there. It returns false if it found no such table.
func (p *page) skip(problems ruleset.Problems) bool {
	changed := false
	for _, problem := range problems {
		if t := p.tables[problem.Pos.Line]; t != nil && t.skip == "" {
			t.skip, changed = oneLine(problem.Text), true
		}
	}
	return changed
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// line is a column's line in the draft.
type line struct {
	column *catalog.Column
	rule   string
	note   string // a comment in the draft
	todo   bool   // the column is undecided, and its rule is a comment
	quasi  bool   // the column singles out a person together with other columns
	follow bool   // the column follows a key, and has no rule
}

// table is a table's part of the draft.
type table struct {
	cat     *catalog.Table
	subject *line // nil if the table has no subject. Its todo is set if the subject has problems
	lines   []*line
	skip    string // why the rows stay behind, or "" if they are copied
}

type drafter struct {
	db       *catalog.Database
	guesses  *guess.Guesses
	tables   []*table
	parents  map[ref]ref // maps a column to the column that it references. If it has several constraints, the first by name counts
	subjects map[catalog.Name]string
	classes  map[string]results // of the pack baseline
	seen     map[catalog.ColumnName]guess.Seen
	ask      Ask

	uncommented bool // write proposed rules as rules, not as comments
}

// results says whether a class has a treatment that gives all values the same result.
type results int

const (
	oneValue results = iota + 1
	manyValues
)

// ref names a column.
type ref struct {
	table  catalog.Name
	column string
}

func (r ref) String() string { return r.table.Column(r.column) }

func newDrafter(db *catalog.Database, guesses *guess.Guesses) *drafter {
	d := &drafter{db: db, guesses: guesses, parents: map[ref]ref{}, subjects: map[catalog.Name]string{}, classes: map[string]results{}}
	fks := slices.Clone(db.ForeignKeys)
	slices.SortFunc(fks, func(a, b catalog.ForeignKey) int { return strings.Compare(a.Name, b.Name) })
	for _, fk := range fks {
		child, parent := db.Table(fk.Child), db.Table(fk.Parent)
		if child == nil || parent == nil {
			continue
		}
		for i := range fk.ChildColumns {
			if c := parent.Column(fk.ParentColumns[i]); c != nil && c.Generated {
				continue // a generated column has no rule to follow
			}
			from, to := ref{child.Decider(), fk.ChildColumns[i]}, ref{parent.Decider(), fk.ParentColumns[i]}
			if _, have := d.parents[from]; !have && from != to {
				d.parents[from] = to
			}
		}
	}
	return d
}

// follows returns the column whose decision a column follows. A column follows the column that it references. If the
// references form a circle, the first column of the circle by name does not follow.
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

// anchor makes the table's key its subject, and gives `as` to the columns that describe a person. All of them then describe
// one invented person.
func (d *drafter) anchor(t *table, key string) {
	for _, l := range t.lines {
		if l.column.Name == key && (l.todo || strings.HasPrefix(l.rule, "{class")) {
			return // the key itself is personal data, and will be treated
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
		g := d.guesses.Of(t.cat.Name, l.column.Name)
		if g != nil && g.As && !l.follow && strings.HasPrefix(l.rule, "{class") {
			l.rule = strings.TrimSuffix(l.rule, "}") + ", as: " + person + "}"
		}
	}
}

// shareSubject gives a subject to a table with dates about a person, if it has none. The subject is the column that
// references the subject of another table and is NOT NULL. All dates of the person then move by the same number of days
// in both tables. If there is no such column, the subject is the table's key, if it is kept.
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

// plainKey returns the column of a primary key with one column, or "".
func plainKey(t *catalog.Table) string {
	for _, k := range t.Keys {
		if k.Primary && len(k.Columns) == 1 {
			return k.Columns[0]
		}
	}
	return ""
}

// column drafts one column. The result person is true if the column describes a person, together with other columns of
// the table.
func (d *drafter) column(t *catalog.Table, c *catalog.Column) (l *line, person bool) {
	l = &line{column: c}
	if parent, ok := d.follows(ref{t.Name, c.Name}); ok {
		l.follow, l.note = true, "follows "+parent.String()
		return l, false
	}
	g := d.guesses.Of(t.Name, c.Name)
	switch harmless := d.guesses.Harmless(t.Name, c.Name); {
	case g != nil && g.Sure && (d.classes[g.Kind] == manyValues || d.classes[g.Kind] == oneValue && !checked(t, c)):
		l.rule, l.quasi = "{class: "+g.Kind+"}", g.Quasi
		return l, g.As
	case g != nil:
		l.rule, l.todo, l.note = "{treat: redact}", true, c.Type.Name+", "+suspicion(g)
		return l, false
	case guess.Surrogate(t, c):
		l.rule = keep("a surrogate key, means nothing outside this database")
		return l, false
	case harmless != "" && !isKey(t, c):
		l.rule = keep(harmless)
		return l, false
	}
	l.rule, l.todo, l.note = "{treat: redact}", true, c.Type.Name
	return l, false
}

// checked reports whether a CHECK constraint reads the column. A treatment that gives every value the same result may
// break the constraint.
func checked(t *catalog.Table, c *catalog.Column) bool {
	return slices.ContainsFunc(t.Checks, func(k catalog.Check) bool { return slices.Contains(k.Columns, c.Name) })
}

// suspicion says what a column probably holds.
func suspicion(g *guess.Guess) string {
	kind := strings.ReplaceAll(g.Kind, "_", " ")
	switch {
	case g.Special:
		return kind + ", a special category of personal data (GDPR, articles 9 and 10)"
	case g.Quasi:
		return kind + ", a quasi-identifier"
	}
	return "maybe " + kind
}

// isKey reports whether a column is the whole primary key of a table.
func isKey(t *catalog.Table, c *catalog.Column) bool { return plainKey(t) == c.Name }

func keep(reason string) string { return `{keep: "` + draftReason + reason + `"}` }
