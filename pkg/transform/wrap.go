package transform

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// viewer is a scalar treatment that looks at other columns: look is called before each append. The row
// begins with readNeeds.
type viewer interface{ look(row Row) error }

// plain is a scalar treatment that wants no seed. NULL stays NULL.
type plain struct {
	scalar scalar
	viewer viewer // the scalar, where it is one
}

func newPlain(s scalar) *plain {
	v, _ := s.(viewer)
	return &plain{s, v}
}

func (t *plain) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.viewer != nil {
		if err := t.viewer.look(row); err != nil {
			return dst, false, err
		}
	}
	out, err := t.scalar.append(dst, in.Text, nil)
	return out, false, err
}

// seeded is a scalar treatment whose values seed themselves: equal values, equal results. NULL stays NULL.
type seeded struct {
	scalar scalar
	viewer viewer // the scalar, where it is one
	seeder Seeder
	typ    catalog.Type
	canon  []byte // scratch
	seed   Seed   // in the struct because what passes through an interface escapes
}

func newSeeded(c Column, u Use, p scalarPlan, k Keys) *seeded {
	s := p.build(k)
	v, _ := s.(viewer)
	return &seeded{scalar: s, viewer: v, seeder: k.Seeder(ownDomain(u, p.seed)), typ: c.Type}
}

func (t *seeded) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.viewer != nil {
		if err := t.viewer.look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = AppendCanonical(t.canon[:0], &t.typ, in.Text)
	t.seed = t.seeder.Seed(t.canon)
	out, err := t.scalar.append(dst, in.Text, &t.seed)
	return out, false, err
}

// anchored is a scalar treatment that the row's subject seeds: one person, one shift per subject,
// in whatever table. NULL stays NULL. A row without a subject falls back to the value itself, in a
// domain of its own, so that it neither stops the run nor joins all such rows into one person.
type anchored struct {
	scalar  scalar
	at      int // of the subject in the row
	subject Seeder
	typ     catalog.Type // of the subject
	orphan  *seeded
	canon   []byte
	seed    Seed
}

func newAnchored(c Column, u Use, p scalarPlan, k Keys, at int) *anchored {
	orphan := newSeeded(c, u, p, k)
	orphan.seeder = k.Seeder("orphan/" + ownDomain(u, p.seed))
	return &anchored{scalar: orphan.scalar, at: at, subject: k.Seeder("subject/" + u.As), typ: *u.SubjectType, orphan: orphan}
}

func (t *anchored) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	subject := row.Cell(t.at)
	if subject.Null {
		return t.orphan.Append(dst, in, row)
	}
	if v := t.orphan.viewer; v != nil {
		if err := v.look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = AppendCanonical(t.canon[:0], &t.typ, subject.Text)
	t.seed = t.subject.Seed(t.canon)
	out, err := t.scalar.append(dst, in.Text, &t.seed)
	return out, false, err
}

// ownDomain keeps treatments apart: a fake shows bits of its seed that must not be those of a token.
func ownDomain(u Use, family string) string {
	domain := u.Domain
	if domain == "" {
		domain = u.Treatment
	}
	return family + "/" + domain
}

// wrap gives a scalar treatment its NULLs and its seed.
func wrap(c Column, u Use, p scalarPlan) (blueprint, error) {
	if p.seed == "" {
		return blueprint{p.traits, func(k Keys) Transform { return newPlain(p.build(k)) }}, nil
	}
	if u.As != "" && u.Subject == "" {
		return blueprint{}, &ParamError{"as", "wants a subject on the table: without one, nothing says which rows are the same person"}
	}
	if u.Subject == "" {
		p.traits.Equality = true
		return blueprint{p.traits, func(k Keys) Transform { return newSeeded(c, u, p, k) }}, nil
	}
	if u.SubjectType == nil {
		return blueprint{}, &ParamError{"subject", "its type is not known, so rows of different tables could not be told to be the same person"}
	}
	subject := len(p.traits.Needs) // after the columns that the treatment itself reads
	p.traits.Needs = append(slices.Clone(p.traits.Needs), catalog.Quote(u.Subject))
	return blueprint{p.traits, func(k Keys) Transform { return newAnchored(c, u, p, k, subject) }}, nil
}
