// Package structured holds the treatments of values that have parts. It finds the treatment of each part. Package
// document reads and writes the values.
package structured

import (
	"math"
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// partPlan is the checked treatment of one named part. Its method compile compiles the treatment with keys.
type partPlan struct {
	blueprint treatment.Blueprint
	needs     []int // indexes in the whole value's Needs
}

// planPart adds the traits of a part's treatment to the traits of the whole value.
func (p *parts) planPart(b treatment.Blueprint) partPlan { return partPlan{b, p.add(b.Traits)} }

func (p partPlan) compile(k transform.Keys) *document.Part {
	return document.NewPart(p.blueprint.Build(k), p.needs)
}

// compileParts compiles the treatments of all parts, by name.
func compileParts(plans map[string]partPlan, k transform.Keys) map[string]*document.Part {
	parts := make(map[string]*document.Part, len(plans))
	for name, p := range plans {
		parts[name] = p.compile(k)
	}
	return parts
}

// textParts checks the treatments of parts that are texts. It returns them by the names of the parts. The argument name
// describes a part in errors.
func textParts(by treatment.Planner, c transform.Column, name string, u transform.Use) (map[string]partPlan, *parts, error) {
	if len(u.Paths) == 0 {
		return nil, nil, &transform.ParamError{Param: "paths", Text: "lists no part, so every value would stop the refresh; list the parts"}
	}
	all, plans := newParts(by), map[string]partPlan{}
	for _, p := range u.Paths {
		if _, twice := plans[p.Path]; twice {
			return nil, nil, &transform.ParamError{Param: p.Path, Text: "is listed twice"}
		}
		b, err := all.prepareText(c, name, p.Use)
		if err != nil {
			return nil, nil, &transform.ParamError{Param: p.Path, Text: err.Error()}
		}
		plans[p.Path] = all.planPart(b)
	}
	return plans, all, nil
}

// parts combines the traits of the treatments of a value's parts.
type parts struct {
	by     treatment.Planner
	traits transform.Traits
}

func newParts(by treatment.Planner) *parts {
	return &parts{by, transform.Traits{Equality: true, Space: math.Inf(1), Discloses: transform.Suppressed}}
}

// add adds the traits of one part's treatment. It returns the indexes of the treatment's Needs among the Needs of the
// whole value.
func (p *parts) add(t transform.Traits) (needs []int) {
	for _, need := range t.Needs {
		at := slices.Index(p.traits.Needs, need)
		if at < 0 {
			at = len(p.traits.Needs)
			p.traits.Needs = append(p.traits.Needs, need)
		}
		needs = append(needs, at)
	}
	p.traits.Equality = p.traits.Equality && t.Equality
	switch { // two values may differ only in this part
	case t.Unique:
	case math.IsInf(p.traits.Space, 1):
		p.traits.Space = max(1, t.Space)
	default:
		p.traits.Space *= max(1, t.Space)
	}
	p.traits.Discloses = treatment.Worse(p.traits.Discloses, t.Discloses)
	return needs
}

// Part returns the column that stands for a part of a value. It has the name of the whole column and the type of the
// part.
func Part(c transform.Column, t catalog.Type) transform.Column {
	return transform.Column{Table: c.Table, Name: c.Name, Type: t}
}

func stringType(name string) catalog.Type {
	return catalog.Type{Name: name, Base: "text", Family: catalog.Text}
}

func numberType() catalog.Type {
	return catalog.Type{Name: "a JSON number", Base: "numeric", Family: catalog.Numeric}
}

// prepareText checks a treatment of a text inside a value. If the treatment does not take texts, prepareText checks it
// as a treatment of timestamps. The text must then have the form of a date or timestamp.
func (p *parts) prepareText(c transform.Column, name string, u transform.Use) (treatment.Blueprint, error) {
	first, err := p.by.Plan(Part(c, stringType(name)), u)
	if err == nil || p.by.Takes(u.Treatment, catalog.Text) {
		return first, err
	}
	if b, e := p.by.Plan(Part(c, catalog.Type{Name: name, Base: "timestamp", Family: catalog.Timestamp}), u); e == nil {
		return b, nil
	}
	return first, err
}

// limited adds an error for results that are longer than the column.
func limited(c transform.Column, b treatment.Blueprint) treatment.Blueprint {
	if c.Type.Family != catalog.Text || c.Type.MaxLen == 0 {
		return b
	}
	build := b.Build
	b.Build = func(k transform.Keys) transform.Transform { return &fitting{to: build(k), most: c.Type.MaxLen} }
	return b
}

type fitting struct {
	to   transform.Transform
	most int // largest number of characters
}

func (f *fitting) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	start := len(dst)
	dst, null, err := f.to.Append(dst, in, row)
	if err == nil && !null && utf8.RuneCount(dst[start:]) > f.most {
		return dst, false, errTooLong()
	}
	return dst, null, err
}

func errTooLong() error {
	return &transform.Error{Code: "too-long", Text: "the treated value is longer than the column allows"}
}
