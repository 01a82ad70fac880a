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
	d.add(where, New, "new %s, %s", d.label("column"), d.columnWords(c))
	d.newPaths(where, c.Use)
}

func (d *differ) newPaths(where string, u transform.Use) {
	for _, p := range u.Paths {
		d.add(where+" "+p.Path, New, "%s", useWords(p.Use, atMost(p.Use)))
		d.newPaths(where+" "+p.Path, p.Use)
	}
}

// column compares two different decisions on one column. If skipped is true, the new decision on the table is to skip
// its rows. Another difference already says this, so column does not compare the treatment.
func (d *differ) column(where string, old, now *plan.DecidedColumn, skipped bool) {
	before := len(d.found)
	d.attributes(where, old, now)
	if skipped {
		return
	}
	described := false
	if old.Use.Treatment == "" || now.Use.Treatment == "" {
		if described = d.columnWords(old) != d.columnWords(now); described {
			effect, _ := compareTold(d.tells(old), d.tells(now))
			d.add(where, effect, "%s now; before %s", d.columnWords(now), d.columnWords(old))
			d.newPaths(where, now.Use)
		}
	} else {
		described = d.use(where, old.Use, now.Use, d.tells(old), d.tells(now))
	}
	if was, is := d.tells(old), d.tells(now); !described && was != is {
		effect, _ := compareTold(was, is)
		d.add(where, effect, "discloses %s now; before %s", is, was)
	}
	if len(d.found) == before {
		d.add(where, Weaker, undescribed)
	}
}

// attributes compares a column's type, constraints and class. The caller compares the treatment.
func (d *differ) attributes(where string, old, now *plan.DecidedColumn) {
	switch {
	case old.Type.Name != now.Type.Name:
		d.add(where, Neutral, "of type %s now; before %s", now.Type.Name, old.Type.Name)
	case !same(old.Type, now.Type):
		d.add(where, Neutral, "its type %s has changed (length, fields or what it is based on)", now.Type.Name)
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
	flag(old.Unique, now.Unique, "unique: its results must be different", "not unique: its results may be equal")
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

// use compares two uses. It returns true if a difference says what the uses disclose.
func (d *differ) use(where string, old, now transform.Use, was, is told) (described bool) {
	if old.Treatment != now.Treatment || old.When != now.When || (old.Else == nil) != (now.Else == nil) {
		d.add(where, useEffect(old, now, was, is), "%s now; before %s", useWords(now, is), useWords(old, was))
		if len(now.Paths) > 0 {
			d.paths(where, old.Paths, now.Paths)
		}
		return true
	}
	d.params(where, old, now)
	swap := func(effect Effect, what, old, now, none string) {
		if old != now {
			d.add(where, effect, "%s %s now; before %s", what, orNone(now, none), orNone(old, none))
		}
	}
	swap(seedEffect(was, is), "equal values get equal results within domain", old.Domain, now.Domain, "(none)")
	swap(Neutral, "the invented person (as) is", old.As, now.As, "(none)")
	swap(seedEffect(was, is), "results depend on", old.Subject, now.Subject, "the value itself")
	if !same(old.SubjectType, now.SubjectType) && old.Subject == now.Subject {
		d.add(where, Neutral, "results depend on %s, whose type has changed", catalog.Quote(now.Subject))
	}
	swap(Neutral, "it is kept because:", old.Reason, now.Reason, "(no reason)")
	d.reads(where, old.Reads, now.Reads)
	d.paths(where, old.Paths, now.Paths)
	if old.Else != nil {
		d.use(where+" where not "+now.When, *old.Else, *now.Else, atMost(*old.Else), atMost(*now.Else))
	}
	return false
}

// seedEffect returns the effect of a change of the domain, or of the column that seeds the results. Such a change can
// make the results of other cells equal. masker cannot tell whether this discloses more, so the effect is Weaker. The
// effect is Neutral if the results disclose nothing. It is also Neutral if the disclosure label changes, because the
// change of the label has an effect of its own.
func seedEffect(was, is told) Effect {
	if was != is || is.exact && is.label == transform.Suppressed {
		return Neutral
	}
	return Weaker
}

func orNone(s, none string) string {
	if s == "" {
		return none
	}
	return s
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
		if d.entries(where, now.Treatment+": "+name, is, was) {
			continue
		}
		effect := paramEffect(now.Treatment, name, paramValue(now, name), paramValue(old, name))
		d.add(where, effect, "%s: %s is %s now; before %s", now.Treatment, name, paramText(now, name, after), paramText(old, name, before))
	}
}

// mostEntries is the largest number of changed entries of a mapping that are listed one by one.
const mostEntries = 20

// entries compares the entries of two mappings, such as the digests of a program's files. It returns false, and adds
// nothing, if one of the values is no mapping or if too many entries have changed. For each entry,
// masker cannot tell whether the old or the new value discloses more, so each change is Weaker.
func (d *differ) entries(where, param string, is, was any) bool {
	now, ok := is.(map[string]any)
	old, fine := was.(map[string]any)
	if !ok || !fine {
		return false
	}
	all := maps.Clone(now)
	maps.Copy(all, old)
	changed := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(key string) bool { return same(now[key], old[key]) })
	if len(changed) > mostEntries {
		return false
	}
	words := func(m map[string]any, key string) string {
		if v, ok := m[key]; ok {
			return paramWords(v)
		}
		return "not set"
	}
	for _, key := range changed {
		d.add(where, Weaker, "%s: %s is %s now; before %s", param, paramWords(key), words(now, key), words(old, key))
	}
	return true
}

// paramValue returns a parameter's value, or the default if the rule does not give the parameter.
func paramValue(u transform.Use, name string) any {
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

// paramText describes a parameter's value, or the default if the rule does not give the parameter.
func paramText(u transform.Use, name string, given bool) string {
	v := paramValue(u, name)
	switch {
	case given:
		return paramWords(v)
	case v == nil:
		return "not set"
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
		d.add(where, Neutral, "reads %s now; before %s", is, was)
	case !same(old, now):
		d.add(where, Neutral, "the type or the treatment of the columns it reads (%s) has changed", is)
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

// columnWords describes what a column becomes and what the result discloses.
func (d *differ) columnWords(c *plan.DecidedColumn) string {
	switch {
	case c.Generated && c.Use.Treatment == "":
		return "computed by the target"
	case c.Use.Treatment == "":
		return "left behind"
	}
	return useWords(c.Use, d.tells(c))
}

func useWords(u transform.Use, t told) string { return fmt.Sprintf("%s (%s)", phrase(u), t) }

// phrase describes a use with its parameters and conditions.
func phrase(u transform.Use) string {
	text := "treated by " + u.Treatment
	switch {
	case u.Treatment == "keep":
		text = "kept as it is"
		if u.Reason != "" {
			text = "kept: " + u.Reason
		}
	case u.Treatment == "null":
		text = "made NULL"
	case u.Treatment == "command":
		text = "treated by command, where a program decides" + paramsPhrase(u)
	case len(u.Paths) > 0:
		text = fmt.Sprintf("treated part by part (%s, %s)", u.Treatment, spell.Count(len(u.Paths), "part"))
	case len(u.Params) > 0:
		text += paramsPhrase(u)
	}
	if u.When != "" && u.Else != nil {
		text += " where " + u.When + ", else " + phrase(*u.Else)
	}
	return text
}

func paramsPhrase(u transform.Use) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(u.Params)) {
		parts = append(parts, name+": "+paramWords(u.Params[name]))
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
