package definition

import (
	"cmp"
	"slices"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/sqltext"
)

// Script is SQL that runs on the new database before it is published.
type Script struct{ Name, SQL string }

// Runs returns the reaching definitions whose code runs while masker builds a database from the entries and loads its
// rows. A superuser must not run this code. The field Why has only the reasons for which this code is reaching.
//
// The code of these definitions runs: CHECK constraints and domains, generated columns, keys and expressions of indexes
// and partitions, statistics objects, materialized views, and event triggers, which masker's own commands fire.
// Defaults do not run, because every loaded row has all its values. Triggers, rules and other functions run only if a
// script or one of these definitions uses them. Policies do not apply to a superuser. A script that uses something
// reaching is in the result with the kind HOOK.
//
// The argument idle lists objects whose code does not run: materialized views that are not filled, and CHECK
// constraints that masker drops before it loads the rows. The names have no quotes, for example public.totals and
// public.customers.customers_check.
func Runs(entries []archive.Entry, scripts []Script, idle []string) []Definition {
	s := newSchema(entries, nil)
	for _, d := range s.drafts {
		d.leaveOut(idle)
		s.judge(d)
	}
	for _, script := range scripts {
		s.addScript(script)
	}
	reasons := s.spreadRuns()
	var out []Definition
	for _, d := range s.drafts {
		if len(reasons[d]) > 0 && runs[d.kind] && !(d.kind == "MATERIALIZED VIEW" && slices.Contains(idle, d.name)) {
			out = append(out, Definition{Kind: d.kind, Name: d.name, Text: d.text, Class: Reaching, Why: reasons[d]})
		}
	}
	slices.SortStableFunc(out, func(a, b Definition) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// runs are the kinds of definitions whose code runs while a database is built.
var runs = map[string]bool{
	"CHECK CONSTRAINT": true, "CONSTRAINT": true, "DOMAIN": true, "EVENT TRIGGER": true, "FK CONSTRAINT": true, "HOOK": true,
	"INDEX": true, "MATERIALIZED VIEW": true, "STATISTICS": true, "TABLE": true, "TABLE ATTACH": true,
}

// part says when a piece of a definition runs. Each reason and each use of a node belongs to one piece. A part with a
// smaller number runs more often.
type part int

const (
	always    part = iota
	inDefault      // runs only when a row is written without a value
	never          // does not run, or is code of an extension; this code comes from the target's machine, not from the source
)

// anyCast is a cast between two types of PostgreSQL. Every expression may use it.
var anyCast = node{casting, "a cast between types of PostgreSQL"}

// defaults notes that the walker is at the beginning of a default of a column or domain. The default ends at a comma or
// at the next constraint.
func (w *walker) defaults() {
	if (w.d.kind == "TABLE" || w.d.kind == "DOMAIN") && !w.at(-1).Is("by") && w.d.part == always {
		w.d.part, w.defaultAt = inDefault, len(w.frames)
	}
}

// leaveOut removes constraints from the tokens of a table or a domain. The argument idle lists the constraints to
// remove.
func (d *draft) leaveOut(idle []string) {
	if d.kind != "TABLE" && d.kind != "DOMAIN" {
		return
	}
	w := &walker{tokens: slices.Clone(d.tokens)}
	for w.i = 0; w.i+3 < len(w.tokens); w.i++ {
		if w.at(0).Is("constraint") && w.at(1).Name() && w.at(2).Is("check") && slices.Contains(idle, d.name+"."+w.at(1).Value) {
			end := w.closing(w.i+2) + 1
			for d.kind == "TABLE" && end < len(w.tokens) && !w.tokens[end].Is(",", ")") { // NO INHERIT
				end++
			}
			end = min(end, len(w.tokens))
			d.part = never
			d.names(w.tokens[w.i:end], 0)
			d.part = always
			w.tokens = slices.Delete(w.tokens, w.i, end)
		}
	}
	d.tokens = w.tokens
}

// addScript adds a draft for a script. The draft uses every node whose name is in the script.
func (s *schema) addScript(script Script) {
	d := &draft{kind: "HOOK", name: script.Name, text: script.SQL}
	tokens, err := sqltext.Scan(script.SQL)
	if err != nil {
		for n := range s.provided {
			d.use(n, "may use")
		}
	}
	d.names(sqltext.Plain(tokens), 0)
	s.drafts = append(s.drafts, d)
}

// names notes that a draft may use every node whose name is in the tokens. It also reads the names in strings, because
// a string can be the text of a function or of DO.
func (d *draft) names(tokens []token, depth int) {
	for _, t := range tokens {
		switch {
		case t.Name():
			d.use(node{function, t.Value}, "calls")
			d.use(node{writing, t.Value}, "writes to")
			d.use(node{reading, t.Value}, "reads")
			d.use(node{ofType, t.Value}, "uses type")
		case t.Kind == sqltext.Operator:
			d.use(node{operating, t.Value}, "uses operator")
		case t.Kind == sqltext.String && depth < 4:
			if inside, err := sqltext.Scan(t.Value); err == nil {
				d.names(sqltext.Plain(inside), depth+1)
			}
		}
	}
}

// spreadRuns returns, for each draft, the reasons why its running code is reaching. It follows the uses as spread does.
// However, a node becomes reaching only because of parts that run when the node is used. For example, a default runs
// when a row is written.
func (s *schema) spreadRuns() map[*draft][]string {
	users := map[node][]usedBy{}
	for _, d := range s.drafts {
		d.part = always
		if runs[d.kind] {
			d.use(anyCast, "may use")
		}
		for _, u := range d.uses {
			users[u.node] = append(users[u.node], usedBy{d, u})
		}
	}
	reasons, tainted := map[*draft][]string{}, map[node]bool{}
	var queue []node
	taint := func(n node) {
		if !tainted[n] {
			tainted[n] = true
			queue = append(queue, n)
		}
	}
	reach := func(d *draft, p part, why string) {
		if d.kind == "POLICY" {
			return
		}
		if p == always && !slices.Contains(reasons[d], why) {
			reasons[d] = append(reasons[d], why)
		}
		for _, n := range d.provides {
			if p == always || p == inDefault && n.kind == writing {
				taint(n)
			}
		}
	}
	for _, d := range s.drafts {
		if d.kind == "EVENT TRIGGER" { // only its function decides whether it is reaching
			continue
		}
		for _, why := range d.reasons {
			reach(d, d.parts[why], why)
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, other := range s.links[n] {
			taint(other)
		}
		for _, by := range users[n] {
			reach(by.draft, s.partOf(by.draft, by.use), by.use.how+" "+s.nameOf(n)+", which is not silent")
		}
	}
	return reasons
}

// partOf returns the part of a draft that uses a node. pg_dump says only that the whole definition depends on an
// object. If only a default names this object, the part is the default.
func (s *schema) partOf(d *draft, u use) part {
	if u.kind != entry || d.kind != "TABLE" && d.kind != "DOMAIN" {
		return u.part
	}
	at, found := always, false
	for _, other := range d.uses {
		named := other.kind != entry && slices.ContainsFunc(s.provided[u.node], func(p *draft) bool { return slices.Contains(p.provides, other.node) })
		if named && (!found || other.part < at) {
			at, found = other.part, true
		}
	}
	return at
}

// usedBy is a draft that uses a node, with the use.
type usedBy struct {
	draft *draft
	use   use
}
