package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

func (d *differ) newColumn(table catalog.Name, c *plan.DecidedColumn) {
	where := table.Column(c.Name)
	d.add(where, New, "new %s, %s", d.what("column"), columnWords(c))
	d.newPaths(where, c.Use)
}

func (d *differ) newPaths(where string, u transform.Use) {
	for _, p := range u.Paths {
		d.add(where+" "+p.Path, New, "%s", useWords(p.Use, atMost(p.Use)))
		d.newPaths(where+" "+p.Path, p.Use)
	}
}

// column compares two decisions on one column that are not the same. Where the table's rows stay
// behind from now on, the table's own change says what becomes of its columns.
func (d *differ) column(where string, old, now *plan.DecidedColumn, left bool) {
	before := len(d.found)
	d.facts(where, old, now)
	if left {
		return
	}
	told := false
	if old.Use.Treatment == "" || now.Use.Treatment == "" {
		if told = columnWords(old) != columnWords(now); told {
			d.add(where, shows(old.Discloses, now.Discloses), "%s now; before %s", columnWords(now), columnWords(old))
			d.newPaths(where, now.Use)
		}
	} else {
		told = d.use(where, old.Use, now.Use, old.Discloses, now.Discloses)
	}
	if !told && old.Discloses != now.Discloses {
		d.add(where, shows(old.Discloses, now.Discloses), "discloses %s now; before %s", level(now.Discloses), level(old.Discloses))
	}
	if len(d.found) == before {
		d.add(where, Weaker, unexplained)
	}
}

// facts are what the schema or a label says of the column; the treatment is compared by itself.
func (d *differ) facts(where string, old, now *plan.DecidedColumn) {
	switch {
	case old.Type.Name != now.Type.Name:
		d.add(where, Neutral, "of type %s now; before %s", now.Type.Name, old.Type.Name)
	case !same(old.Type, now.Type):
		d.add(where, Neutral, "its type %s has changed (length, labels, fields or what it is based on)", now.Type.Name)
	}
	flag := func(old, now bool, yes, no string) {
		switch {
		case now && !old:
			d.add(where, Neutral, "%s now", yes)
		case old && !now:
			d.add(where, Neutral, "%s now", no)
		}
	}
	flag(old.NotNull, now.NotNull, "NOT NULL", "may be NULL")
	flag(old.Unique, now.Unique, "unique: its results are kept apart", "not unique: its results may meet")
	if old.Generated != now.Generated && old.Use.Treatment == now.Use.Treatment {
		flag(old.Generated, now.Generated, "computed by the target", "not computed by the target")
	}
	if old.Class != now.Class {
		d.add(where, Neutral, "%s now; before %s", classWords(now.Class), classWords(old.Class))
	}
}

func classWords(class string) string {
	if class == "" {
		return "of no class"
	}
	return "of class " + class
}

// shows compares what is disclosed.
func shows(old, now transform.Disclosure) Effect { return compare(rank(old), rank(now)) }

// use compares two treatments, and says whether it told what they disclose.
func (d *differ) use(where string, old, now transform.Use, was, is transform.Disclosure) (told bool) {
	if old.Treatment != now.Treatment || old.When != now.When || (old.Else == nil) != (now.Else == nil) {
		d.add(where, useEffect(old, now, was, is), "%s now; before %s", useWords(now, is), useWords(old, was))
		if len(now.Paths) > 0 {
			d.paths(where, old.Paths, now.Paths)
		}
		return true
	}
	d.params(where, old, now)
	swap := func(what, old, now, none string) {
		if old != now {
			d.add(where, Neutral, "%s %s now; before %s", what, orNone(now, none), orNone(old, none))
		}
	}
	swap("equal values get equal results within domain", old.Domain, now.Domain, "(none)")
	swap("the row's invented person is", old.As, now.As, "(none)")
	swap("results are seeded by", old.Subject, now.Subject, "the value itself")
	if !same(old.SubjectType, now.SubjectType) && old.Subject == now.Subject {
		d.add(where, Neutral, "the type of %s, which seeds results, has changed", catalog.Quote(now.Subject))
	}
	d.reads(where, old.Reads, now.Reads)
	d.paths(where, old.Paths, now.Paths)
	if old.Else != nil {
		d.use(where+" where not "+now.When, *old.Else, *now.Else, atMost(*old.Else), atMost(*now.Else))
	}
	return false
}

func orNone(s, none string) string {
	if s == "" {
		return none
	}
	return s
}

// useEffect takes a changed condition for weaker where some side discloses more than some side did:
// nobody can tell here which rows change sides.
func useEffect(old, now transform.Use, was, is transform.Disclosure) Effect {
	effect := shows(was, is)
	if old.Else == nil && now.Else == nil || effect == Weaker {
		return effect
	}
	a, b := sides(old), sides(now)
	if old.When != now.When {
		if slices.Max(b) > slices.Min(a) {
			return Weaker
		}
		return effect
	}
	for i := range min(len(a), len(b)) {
		if b[i] > a[i] {
			return Weaker
		}
	}
	return effect
}

// sides are the disclosures of a use and of what it becomes where its conditions do not hold.
func sides(u transform.Use) []int {
	out := []int{rank(ownMost(u))}
	if u.Else != nil {
		out = append(out, sides(*u.Else)...)
	}
	return out
}

func (d *differ) params(where string, old, now transform.Use) {
	names := maps.Clone(now.Params)
	if names == nil {
		names = transform.Params{}
	}
	maps.Copy(names, old.Params)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, before := old.Params[name]
		is, after := now.Params[name]
		if before == after && same(was, is) {
			continue
		}
		effect := loosens(now.Treatment, name, stated(now, name), stated(old, name))
		d.add(where, effect, "%s: %s is %s now; before %s", now.Treatment, name, paramNow(now, name, after), paramNow(old, name, before))
	}
}

// stated is a parameter's value, or the default where the rule is silent.
func stated(u transform.Use, name string) any {
	if v, ok := u.Params[name]; ok {
		return v
	}
	if spec, ok := library.Lookup(u.Treatment); ok {
		for _, p := range spec.Params {
			if p.Name == name {
				return p.Default
			}
		}
	}
	return nil
}

// paramNow is a parameter in words, the default where the rule is silent.
func paramNow(u transform.Use, name string, given bool) string {
	v := stated(u, name)
	switch {
	case given:
		return paramWords(v)
	case v == nil:
		return "not stated"
	}
	return "the default " + paramWords(v)
}

func (d *differ) reads(where string, old, now []transform.Read) {
	names := func(rs []transform.Read) string {
		var out []string
		for _, r := range rs {
			out = append(out, r.Name)
		}
		return orNone(strings.Join(out, ", "), "no other column")
	}
	switch was, is := names(old), names(now); {
	case was != is:
		d.add(where, Neutral, "looks at %s now; before %s", is, was)
	case !same(old, now):
		d.add(where, Neutral, "what it looks at (%s) is of another type or becomes something else", is)
	}
}

func (d *differ) paths(where string, old, now []transform.Path) {
	find := func(ps []transform.Path, path string) *transform.Path {
		i := slices.IndexFunc(ps, func(p transform.Path) bool { return p.Path == path })
		if i < 0 {
			return nil
		}
		return &ps[i]
	}
	before := len(d.found)
	for _, p := range old {
		if find(now, p.Path) == nil {
			d.add(where+" "+p.Path, Gone, "nothing is decided any more; it was %s", useWords(p.Use, atMost(p.Use)))
		}
	}
	for _, p := range now {
		was := find(old, p.Path)
		switch {
		case was == nil:
			d.newPaths(where, transform.Use{Paths: []transform.Path{p}})
		case !same(was.Use, p.Use):
			d.use(where+" "+p.Path, was.Use, p.Use, atMost(was.Use), atMost(p.Use))
		}
	}
	if len(d.found) == before && !same(old, now) {
		d.add(where, Neutral, "its parts stand in another order")
	}
}

// columnWords is what a column becomes and what that discloses.
func columnWords(c *plan.DecidedColumn) string {
	switch {
	case c.Generated && c.Use.Treatment == "":
		return "computed by the target"
	case c.Use.Treatment == "":
		return "left behind"
	}
	return useWords(c.Use, c.Discloses)
}

func useWords(u transform.Use, d transform.Disclosure) string {
	return fmt.Sprintf("%s (%s)", phrase(u), level(d))
}

func level(d transform.Disclosure) string { return orNone(string(d), "nothing") }

// phrase is a use with its parameters and conditions.
func phrase(u transform.Use) string {
	text := "treated by " + u.Treatment
	switch {
	case u.Treatment == "keep":
		text = "kept as it is"
	case u.Treatment == "null":
		text = "made NULL"
	case len(u.Paths) > 0:
		text = fmt.Sprintf("treated part by part (%s, %s)", u.Treatment, spell.Count(len(u.Paths), "part"))
	case len(u.Params) > 0:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(u.Params)) {
			parts = append(parts, name+": "+paramWords(u.Params[name]))
		}
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if u.When != "" && u.Else != nil {
		text += " where " + u.When + ", else " + phrase(*u.Else)
	}
	return text
}
