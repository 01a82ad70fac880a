// Package structured holds the treatments of values made of parts: it finds the treatment of each part, and document walks.
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

// partPlan is the treatment of one named part, before it has keys.
type partPlan struct {
	blueprint treatment.Blueprint
	needs     []int // positions in the whole value's Needs
}

// planPart takes a part's treatment into the promises of the whole.
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

// textParts checks the treatments of parts that are texts, by name.
func textParts(by treatment.Planner, c transform.Column, name string, u transform.Use) (map[string]partPlan, *parts, error) {
	if len(u.Paths) == 0 {
		return nil, nil, &transform.ParamError{Param: "paths", Text: "lists nothing; every value would stop the refresh"}
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

// parts gathers what the treatments of a value's parts promise together.
type parts struct {
	by     treatment.Planner
	traits transform.Traits
}

func newParts(by treatment.Planner) *parts {
	return &parts{by, transform.Traits{Equality: true, Space: math.Inf(1), Discloses: transform.Suppressed}}
}

// add takes in one part's treatment and says where its siblings stand among all Needs.
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
	p.traits.Discloses = treatment.Worse(p.traits.Discloses, t.Discloses)
	return needs
}

// Part is the column of a value's part: the same place, another type.
func Part(c transform.Column, t catalog.Type) transform.Column {
	return transform.Column{Table: c.Table, Name: c.Name, Type: t}
}

func stringType(name string) catalog.Type {
	return catalog.Type{Name: name, Base: "text", Family: catalog.Text}
}

func numberType() catalog.Type {
	return catalog.Type{Name: "a JSON number", Base: "numeric", Family: catalog.Numeric}
}

// prepareText checks a treatment on a text that stands inside a value: as text, or else as the dates,
// UUIDs, addresses or numbers the treatment is for, which then must read as such.
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

// limited stops results that are longer than the column.
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
	most int // characters
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
	return &transform.Error{Code: "too-long", Text: "the treated value is longer than the column holds"}
}
