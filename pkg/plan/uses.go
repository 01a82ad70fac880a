package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// dateAnchor is the anchor for the shifts of a subject's dates. Dates with the same anchor move by the same time. Dates
// of birth have the anchor birthAnchor instead: somebody who knows the date of one event of a person can compute the
// shift of all events. This shift must not show the date of birth.
const (
	dateAnchor  = "dates"
	birthAnchor = "birth"
	birthClass  = "birth_date"
)

// uses resolves each column's rule into a use: treatment, parameters, domain and subject.
func (b *builder) uses() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		subject := b.subject(t)
		for _, c := range t.columns {
			switch {
			case c.cat.Generated:
			case c.kept != nil && c.rule == nil:
				c.use, c.usable = transform.Use{Treatment: "keep", Reason: c.kept.Reason}, true
			case c.rule != nil:
				r := resolver{b: b, t: t, c: c, subject: subject}
				class, reason, use, ok := r.use(c.rule, b.root(c.at).String())
				c.class, c.use, c.usable = class, use, ok
				if c.reason == "" {
					c.reason = reason
				}
			}
		}
	}
}

// subject returns the table's subject column. It returns nil if the rules name no subject, or a column that cannot be
// used.
func (b *builder) subject(t *tableState) *columnState {
	if t.rules == nil || t.rules.Subject == nil {
		return nil
	}
	id := *t.rules.Subject
	c := b.find(t, id)
	if c == nil {
		return nil
	}
	if family := c.cat.Type.Family; family == catalog.JSON || family == catalog.Array {
		b.fail(id.Pos, "%s is %s; a subject is a plain value that says whose row it is", c.at, c.cat.Type.Name)
		return nil
	}
	return c
}

// resolver turns one column's rule into uses.
type resolver struct {
	b       *builder
	t       *tableState
	c       *columnState
	subject *columnState
}

// use resolves a rule. If the rule has a condition, use also resolves the rule for the other rows. The argument
// domain is used if neither the rule nor its class names a domain.
func (r *resolver) use(rule *ruleset.Rule, domain string) (class, reason string, use transform.Use, ok bool) {
	class, reason, use, ok = r.withoutCondition(rule, domain)
	if rule.When == "" {
		return class, reason, use, ok
	}
	_, _, other, fine := r.use(rule.Else, domain)
	return class, reason, Conditional(use, rule.When, other), ok && fine
}

// Conditional returns a use for rows that a condition divides. A row that meets the condition gets the given use, and
// all other rows get the use other. The argument when is the condition. If the given use already has a condition, a
// row must meet both conditions.
func Conditional(use transform.Use, when string, other transform.Use) transform.Use {
	if use.When == "" {
		use.When, use.Else = when, &other
		return use
	}
	inner := Conditional(*use.Else, when, other)
	use.When, use.Else = "("+when+") and ("+use.When+")", &inner
	return use
}

// withoutCondition resolves a rule and ignores its condition.
func (r *resolver) withoutCondition(rule *ruleset.Rule, domain string) (class, reason string, use transform.Use, ok bool) {
	switch rule.Kind {
	case ruleset.Keep:
		return "", "kept: " + rule.Reason, transform.Use{Treatment: "keep", Reason: rule.Reason}, true
	case ruleset.ByClass:
		return r.ofClass(rule)
	case ruleset.JSON:
		use, ok = r.jsonUse(rule)
		return "", "treated path by path", use, ok
	}
	use = transform.Use{Treatment: rule.Treatment, Params: rule.Params, Domain: first(rule.Domain, domain)}
	ok = r.anchor(rule, rule, &use)
	return "", "treated by its rule", use, ok
}

func (r *resolver) ofClass(rule *ruleset.Rule) (class, reason string, use transform.Use, ok bool) {
	c := r.b.set.Classes[rule.Class]
	if c == nil {
		r.b.fail(rule.Pos, "unknown class %q%s", rule.Class, spell.Mean(rule.Class, classNames(r.b.set)))
		return rule.Class, "", use, false
	}
	t := c.For(r.b.kind)
	if t == nil {
		r.b.fail(rule.Pos, "class %s has no treatment for a %s environment (%s); add %s or default", c.Name, r.b.kind, c.Pos, r.b.kind)
		return rule.Class, "", use, false
	}
	reason = "class " + c.Name + ", " + t.Rule.Pos.String()
	if t.Pack != "" {
		reason = "class " + c.Name + " (pack " + t.Pack + ")"
	}
	if t.Rule.Kind == ruleset.Keep && t.Rule.When == "" {
		if rule.As != "" || rule.Domain != "" {
			r.b.fail(rule.Pos, "class %s keeps its values in a %s environment; as and domain have no meaning", c.Name, r.b.kind)
			return c.Name, reason, use, false
		}
		return c.Name, reason + ": " + t.Rule.Reason, transform.Use{Treatment: "keep", Reason: t.Rule.Reason}, true
	}
	use, ok = r.classUse(c, rule, &t.Rule)
	return c.Name, reason, use, ok
}

// classUse resolves a column's rule that names class c. The argument own is the rule that the class has for
// the target environment.
func (r *resolver) classUse(c *ruleset.Class, rule, own *ruleset.Rule) (use transform.Use, ok bool) {
	use, ok = transform.Use{Treatment: "keep", Reason: own.Reason}, true
	if own.Kind != ruleset.Keep {
		use = transform.Use{Treatment: own.Treatment, Params: own.Params, Domain: first(rule.Domain, own.Domain, c.Name)}
		ok = r.anchor(rule, own, &use)
	}
	if own.When == "" {
		return use, ok
	}
	other, fine := r.classUse(c, rule, own.Else)
	return Conditional(use, own.When, other), ok && fine
}

// anchor makes a use depend on the row's subject instead of the column's value. It does so for a rule with `as`. It
// also does so for a date shift, if the table has a subject and the rule names no domain. It also gives fake.choice its
// values. If anchor has added a problem, it returns false.
func (r *resolver) anchor(rule, source *ruleset.Rule, use *transform.Use) bool {
	r.choices(use)
	if rule.As != "" && rule.Domain != "" {
		r.b.fail(rule.DomainPos, "%s has both as and domain; a result depends on the row's subject (as) or on the value itself (domain), not on both", r.c.at)
		return false
	}
	as := rule.As
	switch {
	case use.Treatment == "shift" && as != "":
		r.b.fail(rule.AsPos, "shift follows the table's subject by itself, so that order and intervals stay; remove as")
		return false
	case use.Treatment == "shift" && r.subject != nil && rule.Domain == "" && source.Domain == "":
		if as = dateAnchor; rule.Class == birthClass && r.b.comparedBirth(r.subject) == "" {
			as = birthAnchor
		}
	case as == "":
		return true
	case r.subject == nil:
		if r.t.rules == nil || r.t.rules.Subject == nil {
			r.b.fail(rule.AsPos, "as needs to know whose row it is: give %s a `subject: column`", r.t.cat.Name)
		}
		return false
	}
	if r.c == r.subject {
		r.b.fail(rule.AsPos, "%s is the table's subject; it cannot be seeded by itself", r.c.at)
		return false
	}
	subjectType := r.subject.cat.Type
	use.Subject, use.SubjectType = r.subject.cat.Name, &subjectType
	use.As = r.b.root(r.subject.at).String() + "/" + as // the same in every table that references the subject
	use.Domain = use.As
	return true
}

func (r *resolver) jsonUse(rule *ruleset.Rule) (transform.Use, bool) {
	use := transform.Use{Treatment: rule.Treatment, Params: rule.Params}
	ok := true
	for i := range rule.Paths {
		p := &rule.Paths[i]
		_, _, inner, fine := r.use(&p.Rule, r.b.pathDomain(r.c.at, p.Path))
		ok = ok && fine
		use.Paths = append(use.Paths, transform.Path{Path: p.Path, Use: inner})
	}
	slices.SortFunc(use.Paths, func(a, b transform.Path) int { return strings.Compare(a.Path, b.Path) })
	return use, ok
}

func first(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// treatments checks that each treatment fits its column.
func (b *builder) treatments() {
	for _, t := range b.tables {
		for _, c := range t.columns {
			b.settle(t, c)
		}
	}
	for _, t := range b.tables {
		b.checkSubject(t)
	}
}

// settle resolves the columns that a column's treatment reads, and checks that the treatment fits the column. If the
// treatment reads the results of other columns, settle first settles those columns.
func (b *builder) settle(t *tableState, c *columnState) {
	if !c.usable || c.settled {
		return
	}
	c.settling = true
	c.usable = b.resolveReads(t, c, &c.use, "")
	c.settling, c.settled = false, true
	if !c.usable {
		return
	}
	traits, err := library.Check(c.spec(), c.use)
	if err == nil {
		err = b.addJoins(t, traits.Needs)
	}
	if err != nil {
		c.usable = false
		b.misfit(c, err)
		return
	}
	c.traits = traits
}

func (c *columnState) spec() transform.Column {
	return transform.Column{Table: c.at.table, Name: c.at.column, Type: c.cat.Type, NotNull: c.cat.NotNull, Unique: c.unique}
}

// misfit adds a problem for a treatment that does not fit its column. The problem has the position of the
// wrong parameter, if there is one.
func (b *builder) misfit(c *columnState, err error) {
	var pe *transform.ParamError
	if !errors.As(err, &pe) {
		b.fail(c.pos, "%s: %s does not fit type %s", c.at, describe(c.use), c.cat.Type.Name)
		return
	}
	at, what := c.pos, ""
	if c.rule != nil {
		at, what = paramPos(b.conditioned(c.rule), pe.Param, c.pos)
		if c.rule.Kind == ruleset.ByClass && what == "" {
			if _, ok := c.use.Params[pe.Param]; ok {
				what = pe.Param + ": "
			}
		}
	}
	through := ""
	switch {
	case c.parent != nil:
		through = ", which follows " + c.parent.at.String()
	case c.class != "":
		through = ", of class " + c.class
	}
	copied := ""
	if c.copiedTo != "" {
		copied = fmt.Sprintf("; the generated column %s copies it and holds %s", c.copiedTo, spell.Count(c.cat.Type.MaxLen, "character"))
	}
	if c.partOf != "" {
		copied = fmt.Sprintf("; the generated column %s joins it with other texts and leaves it %s", c.partOf, spell.Count(c.cat.Type.MaxLen, "character"))
	}
	by := describe(c.use)
	text := what + pe.Text
	if !strings.HasPrefix(text, by+" ") { // many texts begin with the name of the treatment
		text = by + ": " + text
	}
	b.fail(at, "%s%s: %s%s", c.at, through, text, copied)
}

// conditioned returns the rule that holds the condition: the column's rule, or the rule of its class.
func (b *builder) conditioned(rule *ruleset.Rule) *ruleset.Rule {
	if rule.Kind != ruleset.ByClass || rule.When != "" {
		return rule
	}
	if c := b.set.Classes[rule.Class]; c != nil {
		if t := c.For(b.kind); t != nil && t.Rule.When != "" {
			return &t.Rule
		}
	}
	return rule
}

// paramPos returns the position of a parameter in a rule. The result prefix is the parameter's name with a colon, for
// the message. If the parameter has no position of its own, paramPos returns fallback and "".
func paramPos(rule *ruleset.Rule, param string, fallback ruleset.Pos) (at ruleset.Pos, prefix string) {
	if at, ok := rule.ParamPos[param]; ok {
		return at, param + ": "
	}
	if rest, inside := strings.CutPrefix(param, transform.ElseParam); inside && rule.Else != nil {
		return paramPos(rule.Else, rest, rule.Else.Pos)
	}
	if param == "when" && !rule.WhenPos.IsZero() {
		return rule.WhenPos, "when: "
	}
	if param == "as" && !rule.AsPos.IsZero() {
		return rule.AsPos, ""
	}
	for i := range rule.Paths {
		p := &rule.Paths[i]
		if p.Path == param || strings.HasPrefix(param, p.Path+" ") || strings.HasPrefix(param, p.Path+":") {
			return p.Pos, p.Path + ": "
		}
	}
	return fallback, ""
}

// checkSubject checks that the table's subject column is kept or gets unique results. With equal results, two subjects
// would become one.
func (b *builder) checkSubject(t *tableState) {
	if t.rules == nil || t.rules.Subject == nil || t.skip != "" {
		return
	}
	c := t.column(t.rules.Subject.Name)
	if c == nil || !c.usable {
		return
	}
	if !c.use.Is("keep") && !(c.traits.Unique && c.traits.Equality && c.use.Treatment != "null") {
		b.fail(t.rules.Subject.Pos, "subject %s becomes %s; a subject must be kept or tokenised, so that its rows stay together", c.at, describe(c.use))
	}
}

// describe returns a use for messages: the name of its treatment.
func describe(u transform.Use) string {
	if u.Treatment == "" {
		return "nothing"
	}
	if u.Else != nil {
		return u.Treatment + " or " + describe(*u.Else)
	}
	return u.Treatment
}

// equalParams compares parameters by their JSON, as the digest does.
func equalParams(a, b transform.Params) bool {
	if len(a) == 0 && len(b) == 0 {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
