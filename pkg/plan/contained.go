package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// contained adds a finding for each CHECK constraint of a domain inside arrays, composite types and ranges whose values
// are treated. PostgreSQL computes such a constraint while rows are loaded, and cannot validate it later.
func (b *builder) contained() {
	same := func(x, y catalog.Check) bool { return x.Name == y.Name && slices.Equal(x.Columns, y.Columns) }
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, check := range eachOnce(b, t, func(t *catalog.Table) []catalog.Check { return t.Contained }, same) {
			c := t.column(check.Columns[0])
			if c == nil || !c.treated() || c.use.Is("null") || check.NotValid || b.leavesOut(check.Name) || !treatsDomain(&c.cat.Type, &c.use) {
				continue
			}
			b.addFinding("check-may-break", t, c.cat.Name, c.pos, "CHECK constraint %s is of a domain inside the values of %s, which becomes %s; "+notValid+leaveOut(check.Name),
				check.Name, c.at, describe(c.use))
		}
	}
}

// treatsDomain reports whether a use changes a domain inside the values of a type. A use with
// fields changes only some of the fields.
func treatsDomain(t *catalog.Type, u *transform.Use) bool {
	for ; u != nil; u = u.Else {
		switch {
		case len(u.Paths) == 0:
			if !u.Is("keep") && !u.Is("null") && holdsDomain(t) {
				return true
			}
		case slices.ContainsFunc(u.Paths, func(p transform.Path) bool { return treatsDomain(fieldAt(t, p.Path), &p.Use) }):
			return true
		}
	}
	return false
}

// fieldAt returns the type of a field of a composite type. If the type has no such field, it returns the type itself.
func fieldAt(t *catalog.Type, path string) *catalog.Type {
	t = t.Innermost()
	for i := range t.Fields {
		f := &t.Fields[i]
		if rest, found := strings.CutPrefix(path, f.Name); found && (rest == "" || rest[0] == '.') {
			if rest == "" {
				return &f.Type
			}
			return fieldAt(&f.Type, rest[1:])
		}
	}
	return t
}

// holdsDomain reports whether a type is a domain or has one inside.
func holdsDomain(t *catalog.Type) bool {
	return t.Domain != "" || t.Elem != nil && holdsDomain(t.Elem) || slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return holdsDomain(&f.Type) })
}
