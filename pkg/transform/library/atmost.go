package library

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// AtMost returns the highest disclosure that a use can have on a column of any type. It needs no schema. The result
// exact is true if the use has this disclosure on every column.
func AtMost(u transform.Use) (discloses transform.Disclosure, exact bool) {
	if u.When != "" && u.Else != nil {
		return mostOfBranches(u)
	}
	spec, ok := Lookup(u.Treatment)
	switch {
	case !ok:
		return transform.Unchanged, false
	case spec.Varies == "":
		return spec.Discloses, true
	case u.Treatment == "fields":
		return mostOfParts(u.Paths)
	case spec.Varies == transform.WithColumn:
		return spec.Discloses, false
	}
	for _, f := range spec.Families {
		if traits, err := Check(transform.Column{Name: "any", Type: plainType(f)}, withSubject(u)); err == nil {
			return traits.Discloses, true
		}
	}
	return spec.Discloses, false
}

// mostOfBranches returns Unchanged, because the condition of a use can show a value. The result exact is true if one of
// the branches always has the disclosure Unchanged.
func mostOfBranches(u transform.Use) (discloses transform.Disclosure, exact bool) {
	then := u
	then.When, then.Else = "", nil
	for _, branch := range []transform.Use{then, *u.Else} {
		d, same := AtMost(branch)
		exact = exact || same && d == transform.Unchanged
	}
	return transform.Unchanged, exact
}

func mostOfParts(paths []transform.Path) (discloses transform.Disclosure, exact bool) {
	discloses, exact = transform.Suppressed, true
	for _, p := range paths {
		d, same := AtMost(p.Use)
		discloses, exact = treatment.Worse(discloses, d), exact && same
	}
	return discloses, exact
}

// plainType returns a type of the given type family. The type has no limits.
func plainType(f catalog.Family) catalog.Type {
	t := catalog.Type{Name: string(f), Base: string(f), Family: f}
	switch f {
	case catalog.Integer:
		t.Bits = 64
	case catalog.Enum:
		t.Labels = []string{"a", "b"}
	}
	return t
}

// withSubject adds a subject to a use with As. A plan adds the subject of the table in the same way.
func withSubject(u transform.Use) transform.Use {
	if u.As != "" && u.Subject == "" {
		id := plainType(catalog.Integer)
		u.Subject, u.SubjectType = "subject", &id
	}
	u.Paths = slices.Clone(u.Paths)
	for i := range u.Paths {
		u.Paths[i].Use = withSubject(u.Paths[i].Use)
	}
	return u
}
