package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// viewer is a scalar treatment that looks at other columns: look is called before each append. The row
// begins with Needs.
type viewer interface{ Look(row transform.Row) error }

// plain is a scalar treatment that wants no seed. NULL stays NULL.
type plain struct {
	scalar Scalar
	viewer viewer // the scalar, where it is one
}

func newPlain(s Scalar) *plain {
	v, _ := s.(viewer)
	return &plain{s, v}
}

func (t *plain) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.viewer != nil {
		if err := t.viewer.Look(row); err != nil {
			return dst, false, err
		}
	}
	out, err := t.scalar.Append(dst, in.Text, nil)
	return out, false, err
}

// seeded is a scalar treatment whose values seed themselves: equal values, equal results. NULL stays NULL.
type seeded struct {
	scalar Scalar
	viewer viewer // the scalar, where it is one
	seeder transform.Seeder
	typ    catalog.Type
	canon  []byte         // scratch
	seed   transform.Seed // in the struct because what passes through an interface escapes
}

func newSeeded(c transform.Column, u transform.Use, p ScalarPlan, k transform.Keys) *seeded {
	s := p.Build(k)
	v, _ := s.(viewer)
	return &seeded{scalar: s, viewer: v, seeder: k.Seeder(Domain(u, p.Seed)), typ: c.Type}
}

func (t *seeded) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.viewer != nil {
		if err := t.viewer.Look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = canon.Append(t.canon[:0], &t.typ, in.Text)
	t.seed = t.seeder.Seed(t.canon)
	out, err := t.scalar.Append(dst, in.Text, &t.seed)
	return out, false, err
}

// anchored is a scalar treatment that the row's subject seeds: one person, one shift per subject,
// in whatever table. NULL stays NULL. A row without a subject falls back to the value itself, in a
// domain of its own, so that it neither stops the run nor joins all such rows into one person.
type anchored struct {
	scalar  Scalar
	at      int // of the subject in the row
	subject transform.Seeder
	typ     catalog.Type // of the subject
	orphan  *seeded
	canon   []byte
	seed    transform.Seed
}

func newAnchored(c transform.Column, u transform.Use, p ScalarPlan, k transform.Keys, at int) *anchored {
	orphan := newSeeded(c, u, p, k)
	orphan.seeder = k.Seeder("orphan/" + Domain(u, p.Seed))
	return &anchored{scalar: orphan.scalar, at: at, subject: k.Seeder("subject/" + u.As), typ: *u.SubjectType, orphan: orphan}
}

func (t *anchored) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	subject := row.Cell(t.at)
	if subject.Null {
		return t.orphan.Append(dst, in, row)
	}
	if v := t.orphan.viewer; v != nil {
		if err := v.Look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = canon.Append(t.canon[:0], &t.typ, subject.Text)
	t.seed = t.subject.Seed(t.canon)
	out, err := t.scalar.Append(dst, in.Text, &t.seed)
	return out, false, err
}

// Domain keeps treatments apart: a fake shows bits of its seed that must not be those of a token.
func Domain(u transform.Use, family string) string {
	domain := u.Domain
	if domain == "" {
		domain = u.Treatment
	}
	return family + "/" + domain
}

// Wrap gives a scalar treatment its NULLs and its seed.
func Wrap(c transform.Column, u transform.Use, p ScalarPlan) (Blueprint, error) {
	if p.Seed == "" {
		return Blueprint{p.Traits, func(k transform.Keys) transform.Transform { return newPlain(p.Build(k)) }}, nil
	}
	if u.As != "" && u.Subject == "" {
		return Blueprint{}, &transform.ParamError{Param: "as", Text: "wants a subject on the table: without one, nothing says which rows are the same person"}
	}
	if u.Subject == "" {
		p.Traits.Equality = true
		return Blueprint{p.Traits, func(k transform.Keys) transform.Transform { return newSeeded(c, u, p, k) }}, nil
	}
	if u.SubjectType == nil {
		return Blueprint{}, &transform.ParamError{Param: "subject", Text: "its type is not known, so rows of different tables could not be told to be the same person"}
	}
	subject := len(p.Traits.Needs) // after the columns that the treatment itself reads
	p.Traits.Needs = append(slices.Clone(p.Traits.Needs), catalog.Quote(u.Subject))
	return Blueprint{p.Traits, func(k transform.Keys) transform.Transform { return newAnchored(c, u, p, k, subject) }}, nil
}
