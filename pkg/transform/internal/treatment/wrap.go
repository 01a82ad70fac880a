package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// rowReader is a scalar treatment that reads other columns. Look is called before each Append. The columns in Needs
// come first in the row.
type rowReader interface{ Look(row transform.Row) error }

// unseeded is a scalar treatment without a seed. NULL stays NULL.
type unseeded struct {
	scalar Scalar
	reader rowReader // the scalar, if it is a rowReader; otherwise nil
}

func newUnseeded(s Scalar) *unseeded {
	v, _ := s.(rowReader)
	return &unseeded{s, v}
}

func (t *unseeded) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.reader != nil {
		if err := t.reader.Look(row); err != nil {
			return dst, false, err
		}
	}
	out, err := t.scalar.Append(dst, in.Text, nil)
	return out, false, err
}

// seeded is a scalar treatment whose seed comes from the value, so that equal values get equal results. NULL stays
// NULL.
type seeded struct {
	scalar Scalar
	reader rowReader // the scalar, if it is a rowReader; otherwise nil
	seeder transform.Seeder
	typ    catalog.Type
	canon  []byte         // scratch memory
	seed   transform.Seed // in the struct, because an argument of an interface method escapes to the heap
}

func newSeeded(c transform.Column, u transform.Use, p ScalarPlan, k transform.Keys) *seeded {
	s := p.Build(k)
	v, _ := s.(rowReader)
	return &seeded{scalar: s, reader: v, seeder: k.Seeder(Domain(u, p.Seed)), typ: c.Type}
}

func (t *seeded) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	if t.reader != nil {
		if err := t.reader.Look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = canon.Append(t.canon[:0], &t.typ, in.Text)
	t.seed = t.seeder.Seed(t.canon)
	out, err := t.scalar.Append(dst, in.Text, &t.seed)
	return out, false, err
}

// subjectSeeded is a scalar treatment whose seed comes from the row's subject. Therefore a subject gets the same
// invented person, or the same shift, in all tables. NULL stays NULL. In a row without a subject, the seed comes from
// the value, in a separate domain. Such a row does not stop the run, and the rows without a subject do not all become
// one person.
type subjectSeeded struct {
	scalar  Scalar
	at      int // index of the subject in the row
	subject transform.Seeder
	typ     catalog.Type // type of the subject
	orphan  *seeded
	canon   []byte
	seed    transform.Seed
}

func newSubjectSeeded(c transform.Column, u transform.Use, p ScalarPlan, k transform.Keys, at int) *subjectSeeded {
	orphan := newSeeded(c, u, p, k)
	orphan.seeder = k.Seeder("orphan/" + Domain(u, p.Seed))
	return &subjectSeeded{scalar: orphan.scalar, at: at, subject: k.Seeder("subject/" + u.As), typ: *u.SubjectType, orphan: orphan}
}

func (t *subjectSeeded) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	subject := row.Cell(t.at)
	if subject.Null {
		return t.orphan.Append(dst, in, row)
	}
	if v := t.orphan.reader; v != nil {
		if err := v.Look(row); err != nil {
			return dst, false, err
		}
	}
	t.canon = canon.Append(t.canon[:0], &t.typ, subject.Text)
	t.seed = t.subject.Seed(t.canon)
	out, err := t.scalar.Append(dst, in.Text, &t.seed)
	return out, false, err
}

// Domain returns the seeder's domain for a use. Different families of treatments have different domains, because a
// result of a fake reveals bits of its seed. A token must not share these bits.
func Domain(u transform.Use, family string) string {
	domain := u.Domain
	if domain == "" {
		domain = u.Treatment
	}
	return family + "/" + domain
}

// Wrap makes a treatment of a column from a scalar treatment. It adds the handling of NULL and of the seed.
func Wrap(c transform.Column, u transform.Use, p ScalarPlan) (Blueprint, error) {
	if p.Seed == "" {
		return Blueprint{Traits: p.Traits, Blind: p.Blind, Words: p.Words, Build: func(k transform.Keys) transform.Transform { return newUnseeded(p.Build(k)) }}, nil
	}
	if u.As != "" && u.Subject == "" {
		return Blueprint{}, &transform.ParamError{Param: "as", Text: "needs a subject on the table: the subject decides which rows belong to the same person"}
	}
	if u.Subject == "" {
		p.Traits.Equality = true
		return Blueprint{Traits: p.Traits, Words: p.Words, Build: func(k transform.Keys) transform.Transform { return newSeeded(c, u, p, k) }}, nil
	}
	if u.SubjectType == nil {
		return Blueprint{}, &transform.ParamError{Param: "subject", Text: "the type of the subject's column is not known, so rows of different tables cannot be matched to one person"}
	}
	subject := len(p.Traits.Needs) // after the columns that the treatment reads
	p.Traits.Needs = append(slices.Clone(p.Traits.Needs), catalog.Quote(u.Subject))
	return Blueprint{Traits: p.Traits, Words: p.Words, Build: func(k transform.Keys) transform.Transform { return newSubjectSeeded(c, u, p, k, subject) }}, nil
}
