package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// suggest proposes a decision for each undecided column. It starts with columns that reference nothing, because other
// columns follow them. A column that follows another one gets no proposal. suggest tries each proposal: the treatment
// must fit the column, and the column's keys must stay unique.
func (b *builder) suggest(missing []*columnState) []proposal {
	chosen := map[*columnState]proposal{}
	isChild := map[*columnState]bool{}
	for _, fk := range b.fks {
		for i, name := range fk.ChildColumns {
			if c := b.at(cell{fk.Child, name}); c != nil && (cell{fk.Parent, fk.ParentColumns[i]}) != c.at {
				isChild[c] = true
			}
		}
	}
	keys := b.numberedKeys()
	for _, children := range []bool{false, true} {
		for _, c := range missing {
			if isChild[c] != children || c.decided() {
				continue
			}
			chosen[c] = b.propose(c, b.candidates(c, keys))
			b.resolveFollowers(b.follow(b.keysAbove(c.at)))
		}
	}
	var out []proposal
	for _, c := range missing {
		if p, ok := chosen[c]; ok {
			out = append(out, p)
		}
	}
	return out
}

// resolveFollowers resolves the treatments of columns that reference a column with a proposal. The referencing columns
// take over its rule. The check of their foreign keys needs the resolved treatments.
func (b *builder) resolveFollowers(followers []*columnState) {
	for _, c := range followers {
		if c.rule != nil && !c.usable {
			b.try(c, *c.rule)
		}
	}
}

// propose picks the first candidate that passes try. If no candidate passes, it proposes to keep the column.
func (b *builder) propose(c *columnState, candidates []candidate) proposal {
	for i, cand := range candidates {
		if b.try(c, cand.rule) {
			rule := cand.rule
			c.rule = &rule
			return proposal{c, rule, cand.comment, candidates[i+1:]}
		}
	}
	rule := keepRule("REVIEW: no treatment fits this column")
	b.try(c, rule)
	c.rule = &rule
	return proposal{c, rule, "REVIEW: " + c.cat.Type.Name, nil}
}

type candidate struct {
	rule    ruleset.Rule
	comment string
}

func treatRule(name string, params transform.Params) ruleset.Rule {
	return ruleset.Rule{Kind: ruleset.Treat, Treatment: name, Params: params}
}

func keepRule(reason string) ruleset.Rule {
	return ruleset.Rule{Kind: ruleset.Keep, Reason: reason}
}

// candidates returns possible decisions for a column, the most likely first. The treatment keep is a candidate only in
// four cases: for surrogate keys, for columns that reference such a key by their name, for subjects of tables, and for
// columns whose key, CHECK or partition key may allow no other decision. A CHECK that masker cannot obey may refuse every token. So a key column gets no token if such a
// CHECK reads it, unless the column looks personal.
func (b *builder) candidates(c *columnState, keys numberedKeys) []candidate {
	var out []candidate
	add := func(r ruleset.Rule, note string) { out = append(out, candidate{r, note}) }
	kind := c.cat.Type.Name
	if b.dangles(c) {
		add(treatRule("null", nil), "REVIEW: references rows that stay behind")
	}
	if rule := b.childRule(c); rule != nil {
		add(*rule, "REVIEW: the same as the columns that reference it")
	}
	t := b.byName[c.at.table]
	personal := b.maybePersonal(c.at.table, c.cat.Name)
	if guess.Surrogate(t.cat, c.cat) && !personal {
		add(keepRule("REVIEW: looks like a surrogate key, which means nothing outside this database"), kind)
	}
	if key := keys.of(c); key != nil && !personal {
		add(keepRule("REVIEW: by its name, it references "+key.at.String()), kind+"; a virtual key says so")
	}
	routes := b.inPartitionKey(c)
	narrow := routes || b.inCheck(c)
	if g := b.guessed().Of(c.at.table, c.cat.Name); g != nil && b.set.Classes[g.Kind] != nil && !(narrow && b.givesOneValue(g.Kind)) {
		add(ruleset.Rule{Kind: ruleset.ByClass, Class: g.Kind}, "REVIEW: guessed by its name, "+kind)
	}
	note := "REVIEW: " + kind
	if isSubject(t, c) {
		add(treatRule("token", nil), note+", the table's subject")
		add(keepRule("REVIEW: the table's subject says whose row it is"), kind)
	}
	if b.inKey(c) {
		if !narrow || routes || personal {
			add(treatRule("token", nil), note+", in a key")
		}
		if tooShortForToken(c.cat.Type) && personal && !narrow && b.permutes(c) {
			add(treatRule("permute", transform.Params{"separators": punctuation}), note+", in a key")
		}
		if c.cat.Type.Bits > 0 && c.cat.Type.Family == catalog.Integer && personal {
			add(treatRule("token", transform.Params{"range": []any{int64(0), int64(1)<<(c.cat.Type.Bits-1) - 1}}), note+", in a key")
		}
		for _, rule := range b.keepKeyPaths(t, c) {
			add(rule, note+", a key reads paths of it")
		}
		if !personal {
			add(keepRule("REVIEW: part of a key"), kind)
		}
	}
	if narrow {
		return append(out, b.checkedCandidates(c, routes, personal)...)
	}
	add(treatRule("redact", nil), note)
	add(treatRule("null", nil), note)
	if personal && len(c.cat.Type.Labels) > 0 {
		add(treatRule("constant", transform.Params{"value": c.cat.Type.Labels[0]}), note)
	}
	if text, ok := empty(c.cat.Type); ok {
		add(treatRule("constant", transform.Params{"value": text}), note)
	}
	return out
}

// punctuation is the separators in the rule that suggest proposes for a short text in a key, such as a telephone number.
const punctuation = " +-./()_:#@,"

// tooShortForToken reports whether a text column is too short for every token.
func tooShortForToken(t catalog.Type) bool {
	const shortest = 22 // characters of a token in base 62
	return t.Family == catalog.Text && t.MaxLen > 0 && t.MaxLen < shortest
}

// permutes reports whether permute takes every text that the column can hold, as far as its characters are ASCII. It
// permutes up to 13 letters or 19 digits, and telephone numbers have fewer digits.
func (b *builder) permutes(c *columnState) bool {
	const letters = 13
	g := b.guessed().Of(c.at.table, c.cat.Name)
	return c.cat.Type.MaxLen <= letters || g != nil && g.Kind == "phone"
}

// checkedCandidates returns the decisions for a column that a CHECK reads, or that is in a partition key. The argument
// routes says that it is in a partition key: checkedCandidates then returns only keep. For other columns, NULL comes
// before keep, and documents get a rule that redacts each scalar. Redacted values come first if the CHECK only asks
// whether there is a value. A column that looks personal gets more candidates.
// fake.choice chooses one of the values that the CHECK lists. If the CHECK lists no values, a mask keeps the shape of
// each text, because most other CHECK constraints ask for a shape.
func (b *builder) checkedCandidates(c *columnState, routes, personal bool) (out []candidate) {
	kind := c.cat.Type.Name
	note := "REVIEW: " + kind + ", a CHECK reads it"
	if !routes {
		if b.onlyPresence(c) {
			out = append(out, candidate{treatRule("redact", nil), "REVIEW: " + kind})
		}
		if c.cat.Type.Family == catalog.JSON {
			out = append(out, candidate{redactEachScalar(), note})
		}
		out = append(out, candidate{treatRule("null", nil), "REVIEW: " + kind})
		if personal {
			out = append(out, candidate{treatRule("fake.choice", nil), note})
		}
		if personal && !b.inList(c) {
			out = append(out, candidate{coverKeepingShape(), note})
		}
	}
	reason := "REVIEW: a CHECK or a partition bound limits what it may become"
	if personal {
		reason = "REVIEW: personal; write a treatment that its CHECK or partition bound allows"
	}
	return append(out, candidate{keepRule(reason), kind})
}

// redactEachScalar returns a rule that redacts every scalar of a document. The keys and the arrays stay, numbers stay
// numbers, and booleans become strings. Most CHECK constraints on documents only ask for keys, arrays and strings.
func redactEachScalar() ruleset.Rule {
	return ruleset.Rule{Kind: ruleset.JSON, Treatment: "json", Paths: []ruleset.Path{{Path: "$..*", Rule: treatRule("redact", nil)}}}
}

// keepKeyPaths returns rules for a document of which keys read some paths. They keep these paths, and redact all other
// scalars. In the first rule, a path that looks personal becomes a token.
func (b *builder) keepKeyPaths(t *tableState, c *columnState) []ruleset.Rule {
	if c.cat.Type.Family != catalog.JSON {
		return nil
	}
	tokens, kept := redactEachScalar(), redactEachScalar()
	for _, p := range b.guessParts(t, c, computedParts(&catalog.Table{Keys: b.keysOf(t)}, c)) {
		path := ruleset.Path{Path: p.path, Rule: keepRule("REVIEW: part of a key")}
		kept.Paths = append(kept.Paths, path)
		if suspicious(p.guess) {
			path.Rule = treatRule("token", nil)
		}
		tokens.Paths = append(tokens.Paths, path)
	}
	if len(kept.Paths) == 1 {
		return nil
	}
	return []ruleset.Rule{tokens, kept}
}

// coverKeepingShape returns a rule that covers letters by X or x and digits by 0, and keeps all other characters.
func coverKeepingShape() ruleset.Rule {
	return treatRule("mask", transform.Params{"cover": "class", "separators": "keep"})
}

// inPartitionKey reports whether a column is in the partition key of its table or of one of its partitions.
func (b *builder) inPartitionKey(c *columnState) bool {
	return b.partKeys[c.at]
}

// dangles reports whether a column references a table whose rows are not copied.
func (b *builder) dangles(c *columnState) bool {
	return slices.ContainsFunc(b.keysFrom(c.at.table), func(fk catalog.ForeignKey) bool {
		return slices.Contains(fk.ChildColumns, c.cat.Name) && b.byName[fk.Parent].skip != ""
	})
}

// givesOneValue reports whether a class replaces every value by the same value. A CHECK or a partition bound may
// exclude this value.
func (b *builder) givesOneValue(class string) bool {
	t := b.set.Classes[class].For(b.kind)
	return t != nil && (t.Rule.Treatment == "redact" || t.Rule.Treatment == "constant")
}

// empty returns an empty value of a type. For some types it is the only candidate that fits a NOT NULL column.
func empty(t catalog.Type) (string, bool) {
	switch t.Base {
	case "tsvector", "tsquery", "hstore", "xml", "ltree":
		return "", true
	case "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange":
		return "empty", true
	case "interval", "time":
		return "00:00:00", true
	case "timetz":
		return "00:00:00+00", true
	case "money":
		return "0", true
	case "point":
		return "(0,0)", true
	}
	return "", false
}

// childRule returns the rule of a decided column that references c, or nil. Both columns need the same treatment.
func (b *builder) childRule(c *columnState) *ruleset.Rule {
	for _, n := range b.below[c.at] {
		fk := &b.fks[n]
		for i, name := range fk.ParentColumns {
			child := b.at(cell{fk.Child, fk.ChildColumns[i]})
			if name == c.at.column && child != nil && child != c && child.rule != nil && !child.use.Is("null") {
				rule := *child.rule
				return &rule
			}
		}
	}
	return nil
}

// isSubject reports whether c is the table's subject.
func isSubject(t *tableState, c *columnState) bool {
	return t.rules != nil && t.rules.Subject != nil && t.rules.Subject.Name == c.cat.Name
}

func (b *builder) inKey(c *columnState) bool {
	if b.joined(c) {
		return true
	}
	return slices.ContainsFunc(b.keysOf(b.byName[c.at.table]), func(k catalog.Key) bool { return slices.Contains(k.Columns, c.cat.Name) })
}

// inCheck reports whether a CHECK reads a column. A CHECK of a text's length does not count, because results are fitted
// to it.
func (b *builder) inCheck(c *columnState) bool {
	return slices.ContainsFunc(b.checksOf(b.byName[c.at.table]), func(k catalog.Check) bool {
		return slices.Contains(k.Columns, c.cat.Name) && !b.obeyed(k, c)
	})
}

// inList reports whether a CHECK that reads a column lists values. PostgreSQL prints IN as = ANY (ARRAY[…]).
func (b *builder) inList(c *columnState) bool {
	return slices.ContainsFunc(b.checksOf(b.byName[c.at.table]), func(k catalog.Check) bool {
		return slices.Contains(k.Columns, c.cat.Name) && strings.Contains(k.Expr, "= ANY (ARRAY[")
	})
}

// try gives c a rule, and reports whether the rule fits and the column's keys stay unique. If so, c has the rule
// afterwards. A problem of another column in a key does not count. The caller removes the problems that try adds.
func (b *builder) try(c *columnState, rule ruleset.Rule) bool {
	t := b.byName[c.at.table]
	before, parent := len(b.problems), c.rule
	r := resolver{b: b, t: t, c: c}
	_, _, use, ok := r.use(&rule, b.root(c.at).String())
	if !ok {
		return false
	}
	traits, err := library.Check(c.spec(), use)
	if err != nil {
		return false
	}
	c.rule, c.use, c.traits, c.usable = &rule, use, traits, true
	for _, k := range b.keysOf(t) {
		if slices.Contains(k.Columns, c.cat.Name) && !implied(t, k, b.keysOf(t)) {
			b.key(t, k)
		}
	}
	b.headroom(c)
	if isSubject(t, c) {
		b.checkSubject(t)
	}
	if joined := b.roots[c.at]; joined != (cell{}) && !(traits.Equality && use.Subject == "") {
		ok = false
	}
	others := func(p ruleset.Problem) bool { return p.About != "" && p.About != c.at.String() }
	if !ok || slices.ContainsFunc(b.problems[before:], func(p ruleset.Problem) bool { return !others(p) }) {
		c.rule, c.usable = parent, false
		return false
	}
	return true
}

// ruleText returns a rule as YAML in flow style.
func ruleText(r ruleset.Rule) string {
	switch r.Kind {
	case ruleset.Keep:
		return "{keep: " + quoted(r.Reason) + "}"
	case ruleset.ByClass:
		text := "{class: " + ruleset.YAMLText(r.Class)
		if r.Domain != "" {
			text += ", domain: " + ruleset.YAMLText(r.Domain)
		}
		return text + "}"
	case ruleset.JSON:
		var paths []string
		for _, p := range r.Paths {
			paths = append(paths, ruleset.YAMLText(p.Path)+": "+ruleText(p.Rule))
		}
		return "{" + r.Treatment + ": {" + strings.Join(paths, ", ") + "}}"
	}
	text := "{treat: " + ruleset.YAMLText(r.Treatment)
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		value, err := json.Marshal(r.Params[name]) // JSON is YAML in flow style
		if err != nil {
			continue
		}
		text += fmt.Sprintf(", %s: %s", ruleset.YAMLText(name), value)
	}
	if r.Domain != "" {
		text += ", domain: " + ruleset.YAMLText(r.Domain)
	}
	return text + "}"
}

func quoted(s string) string {
	if strings.ContainsAny(s, "\"\\\n\t") {
		return ruleset.YAMLText(s)
	}
	return `"` + s + `"`
}
