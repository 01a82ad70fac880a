package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// choice is a virtual key with several parents. A type column chooses the parent of each row.
type choice struct {
	key     *ruleset.VirtualKey
	child   cell
	by      *columnState // the type column
	parents []cell       // in the order of key.To
}

// embedded is a virtual key whose value is in a JSON document.
type embedded struct {
	key    *ruleset.VirtualKey
	child  cell
	path   string
	parent cell
}

// virtualKeys finds the columns of each virtual key. A virtual key that joins columns is added to the foreign keys.
// The other two kinds are added to b.choices and b.inside.
func (b *builder) virtualKeys() {
	seen := map[string]ruleset.Pos{}
	for _, k := range b.set.Virtual {
		child, ok := b.ends(k.From)
		if !ok {
			continue
		}
		id := fmt.Sprint(child, k.Path)
		if first, dup := seen[id]; dup {
			b.fail(k.Pos, "%s already has a virtual key at %s; a column that references several tables has one virtual key with `by`", child[0], first)
			continue
		}
		seen[id] = k.Pos
		b.virtualKey(k, child)
	}
}

func (b *builder) virtualKey(k *ruleset.VirtualKey, child []cell) {
	var targets [][]cell
	for _, t := range k.To {
		parent, ok := b.ends(t.Ref)
		if !ok {
			return
		}
		targets = append(targets, parent)
	}
	switch {
	case k.By != nil:
		b.choose(k, child, targets)
	case k.Path != "":
		b.into(k, child[0], targets[0][0])
	default:
		b.declare(k, child, targets[0])
	}
}

// ends returns the columns that one end of a virtual key names. If a column does not exist or cannot be used, ends
// adds a problem and returns false.
func (b *builder) ends(ref ruleset.Ref) ([]cell, bool) {
	t := b.byName[ref.Table]
	if t == nil {
		b.fail(ref.Pos, "%s", b.noTable(ref.Table))
		return nil, false
	}
	var out []cell
	for _, id := range ref.Columns {
		c := b.named(t, id)
		if c == nil {
			return nil, false
		}
		if c.cat.Generated {
			b.fail(id.Pos, "%s is generated; the target computes it, so it cannot be part of a virtual key", c.at)
			return nil, false
		}
		out = append(out, c.at)
	}
	return out, true
}

// declare adds a virtual key between columns to b.fks. A key from a column to itself is a problem.
func (b *builder) declare(k *ruleset.VirtualKey, child, parent []cell) {
	fk := catalog.ForeignKey{Name: "virtual key at " + k.Pos.String(), Child: child[0].table, Parent: parent[0].table}
	for i := range child {
		if child[i] == parent[i] {
			b.fail(k.Pos, "%s references itself", child[i])
			return
		}
		fk.ChildColumns, fk.ParentColumns = append(fk.ChildColumns, child[i].column), append(fk.ParentColumns, parent[i].column)
	}
	b.virtual[fk.Name] = k.Pos
	b.fks = append(b.fks, fk)
}

// choose adds a virtual key with several parents to b.choices.
func (b *builder) choose(k *ruleset.VirtualKey, child []cell, targets [][]cell) {
	if len(child) > 1 {
		b.fail(k.Pos, "a virtual key with `by` joins one column")
		return
	}
	by := b.named(b.byName[child[0].table], *k.By)
	if by == nil {
		return
	}
	c := choice{key: k, child: child[0], by: by}
	for _, t := range targets {
		c.parents = append(c.parents, t[0])
	}
	b.choices = append(b.choices, c)
}

// into adds a virtual key that begins inside a document to b.inside.
func (b *builder) into(k *ruleset.VirtualKey, child, parent cell) {
	if family := b.at(child).cat.Type.Family; family != catalog.JSON {
		b.fail(k.From.Pos, "%s is %s; a path leads into json and jsonb columns only", child, b.at(child).cat.Type.Name)
		return
	}
	b.inside = append(b.inside, embedded{k, child, k.Path, parent})
}

// followChoice gives an undecided column the decisions of its several parents, once all these
// parents are decided. It reports whether it decided the column.
func (b *builder) followChoice(k *choice) bool {
	child := b.at(k.child)
	if child.decided() || b.byName[k.child.table].skip != "" {
		return false
	}
	var rules []ruleset.Rule
	for _, at := range k.parents {
		parent := b.at(at)
		if !parent.decided() {
			return false
		}
		rules = append(rules, b.ruleOf(parent))
	}
	rule, ok := b.combine(k, rules)
	if !ok {
		return false
	}
	child.rule, child.pos = rule, k.key.Pos
	var names []string
	for _, at := range k.parents {
		names = append(names, at.String())
	}
	child.reason = "follows " + strings.Join(names, " and ")
	child.chosen = true
	return true
}

// ruleOf returns the rule of a decided column, for another column to follow. The rule names the column's domain, so
// that the other column gets the same domain.
func (b *builder) ruleOf(c *columnState) ruleset.Rule {
	if c.rule == nil {
		return ruleset.Rule{Kind: ruleset.Keep, Reason: strings.TrimPrefix(c.reason, "kept: "), Pos: c.pos}
	}
	rule := *c.rule
	if rule.Kind == ruleset.Treat && rule.Domain == "" && rule.As == "" {
		rule.Domain = b.root(c.at).String()
	}
	return rule
}

// combine makes one rule for a column with several parents. If all parents have the same rule, the result
// is that rule. Otherwise the result has a condition for each value of the type column.
func (b *builder) combine(k *choice, rules []ruleset.Rule) (*ruleset.Rule, bool) {
	alike := true
	for i := range rules {
		alike = alike && sameRule(rules[0], rules[i])
	}
	if alike {
		return &rules[0], true
	}
	child := b.at(k.child)
	rest := k.key.Else
	if rest == nil && child.cat.NotNull {
		b.fail(k.key.Pos, "%s is NOT NULL, and its targets are decided differently: say with `else` what becomes of rows whose %s names none of them",
			child.at, catalog.Quote(k.by.cat.Name))
		return nil, false
	}
	if rest == nil {
		rest = &ruleset.Rule{Kind: ruleset.Treat, Treatment: "null", Pos: k.key.Pos}
	}
	for i := len(rules) - 1; i >= 0; i-- {
		rule := rules[i]
		if rule.When != "" {
			b.fail(k.key.Pos, "%s is decided under `when`, which reads its own row; %s cannot follow it", k.parents[i], child.at)
			return nil, false
		}
		rule.When, rule.WhenPos = condition(k.by, k.key.To[i].Value), k.key.To[i].Pos
		rule.Else, rest = rest, &rule
	}
	return rest, true
}

// condition returns a formula that is true if the type column holds the value.
func condition(by *columnState, value string) string {
	if !isNumberFamily(by.cat.Type.Family) {
		value = strconv.Quote(value)
	}
	return by.cat.Name + " == " + value
}

// sameRule reports whether two rules give the same decision.
func sameRule(a, b ruleset.Rule) bool {
	return a.Kind == b.Kind && a.Class == b.Class && a.Treatment == b.Treatment && a.Domain == b.Domain && a.As == b.As &&
		equalParams(a.Params, b.Params)
}

// followInside adds a path to a document's rule for each virtual key inside the document. The path
// follows the referenced column. A path that the rule lists already stays as it is.
func (b *builder) followInside() {
	for _, k := range b.inside {
		child, parent := b.at(k.child), b.at(k.parent)
		if child.rule == nil || child.rule.Kind != ruleset.JSON || !parent.decided() {
			continue
		}
		if slices.ContainsFunc(child.rule.Paths, func(p ruleset.Path) bool { return p.Path == k.path }) {
			continue
		}
		rule := *child.rule // a copy, because the rule set must not change
		rule.Paths = append(slices.Clone(rule.Paths), ruleset.Path{Path: k.path, Pos: k.key.Pos, Rule: b.ruleOf(parent)})
		child.rule = &rule
	}
}

// pathDomain returns the domain of a JSON path whose rule names no domain.
func (b *builder) pathDomain(at cell, path string) string {
	for _, k := range b.inside {
		if k.child == at && k.path == path {
			return b.root(k.parent).String()
		}
	}
	return b.root(at).String() + path
}

// checkChoices looks at virtual keys with several parents. The key's column can have a rule of its own. Then the rules
// of all parents have to give the same results as this rule.
func (b *builder) checkChoices() {
	for _, k := range b.choices {
		c := b.at(k.child)
		if b.byName[k.child.table].skip != "" || !c.usable || c.chosen || c.use.Treatment == "null" {
			continue
		}
		for _, at := range k.parents {
			p := b.at(at)
			if why := differs(c, p); p.usable && why != "" {
				b.fail(c.pos, "%s references %s (decided at %s) by the virtual key at %s, so both must get equal results for equal values: %s; %s",
					c.at, p.at, p.pos, k.key.Pos, why, remedy(c, p, removeVirtual))
			}
		}
	}
}

// checkInside checks the virtual keys inside documents.
func (b *builder) checkInside() {
	for _, k := range b.inside {
		c, p := b.at(k.child), b.at(k.parent)
		if b.byName[k.child.table].skip != "" || !c.usable || !p.usable {
			continue
		}
		at, use := c.pos, c.use
		if c.use.Treatment == "json" {
			i := slices.IndexFunc(c.use.Paths, func(q transform.Path) bool { return q.Path == k.path })
			if i < 0 {
				continue
			}
			use = c.use.Paths[i].Use
			at, _ = paramPos(c.rule, k.path, c.pos)
		} else if use.Treatment != "keep" {
			continue // the whole document is replaced
		}
		if use.Treatment == "null" {
			continue
		}
		inner := *c
		inner.at.column, inner.use = c.at.column, use
		if why := differsInside(use, p); why != "" {
			b.fail(at, "%s %s references %s (decided at %s) by the virtual key at %s, so both must get equal results for equal values: %s",
				c.at, k.path, p.at, p.pos, k.key.Pos, why)
		}
	}
}

// differsInside is like differs, for a reference inside a document. The value there is a JSON string or number.
func differsInside(use transform.Use, p *columnState) string {
	as := catalog.Type{Name: "a JSON string", Base: "text", Family: catalog.Text}
	if isNumberFamily(p.cat.Type.Family) {
		as = catalog.Type{Name: "a JSON number", Base: "numeric", Family: catalog.Numeric}
	}
	c := &columnState{cat: &catalog.Column{Type: as}, use: use, traits: p.traits}
	if traits, err := library.Check(transform.Column{Type: as}, use); err == nil {
		c.traits = traits
	}
	text := *p
	if p.cat.Type.Family == catalog.UUID { // a document holds a UUID as text of the same canonical form
		column := *p.cat
		column.Type.Family = catalog.Text
		text.cat = &column
	}
	return differs(c, &text)
}
