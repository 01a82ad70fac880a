package structured

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// leafPlan is the checked treatment of one path. compile compiles it with keys.
type leafPlan struct {
	keep         bool
	fixed        []byte
	watched      bool                  // the texts are watched
	replaced     func() transform.Leaf // returns the Leaf of the values that fixed replaces; nil for none
	text, number *treatment.Blueprint
	textNeeds    []int // indexes in the document's Needs, in the order of the treatment's Needs
	numberNeeds  []int
}

func (p leafPlan) compile(k transform.Keys) *document.Leaf {
	l := &document.Leaf{Keep: p.keep, Fixed: p.fixed, Watched: p.watched}
	if p.replaced != nil {
		l.SeeReplaced(p.replaced())
	}
	if p.text != nil {
		l.Blind = p.text.Blind
		l.TreatText(p.text.Build(k), p.textNeeds)
	}
	if p.number != nil {
		l.TreatNumbers(p.number.Build(k), p.numberNeeds)
	}
	return l
}

// planLeaf plans the treatment of one path. It refuses a treatment that takes neither JSON strings nor JSON numbers. If
// the treatment takes only one of the two, the plan has only that one.
func planLeaf(c transform.Column, p transform.Path, end document.Ending, all *parts) (leafPlan, error) {
	at := func(err error) error { return &transform.ParamError{Param: p.Path, Text: err.Error()} }
	if end == document.EndNames || end == document.EndInner {
		return planKeyLeaf(c, p, all)
	}
	if plan, done, err := planFixedLeaf(c, p, end, all); done || err != nil {
		return plan, err
	}
	if end == document.EndDeep {
		return leafPlan{}, &transform.ParamError{Param: p.Path, Text: "only keep, null, constant and redact cover a whole subtree; use ..* to treat every scalar below, or list the paths below it"}
	}
	text, err := all.prepareText(c, "a JSON string", p.Use)
	number, numberErr := all.by.Plan(Part(c, numberType()), p.Use)
	if err != nil && numberErr != nil {
		return leafPlan{}, at(err)
	}
	plan := leafPlan{watched: p.Use.Watch != nil}
	if err == nil {
		plan.text, plan.textNeeds = &text, all.add(text.Traits)
	}
	if numberErr == nil {
		plan.number, plan.numberNeeds = &number, all.add(number.Traits)
	}
	return plan, nil
}

// planFixedLeaf checks a treatment that keeps every value, or that replaces every value by the same one. done is false
// for any other treatment.
func planFixedLeaf(c transform.Column, p transform.Path, end document.Ending, all *parts) (plan leafPlan, done bool, err error) {
	typ := stringType("a JSON value")
	switch {
	case p.Use.Treatment == "keep":
		plan.keep = true
	case p.Use.Treatment == "null":
		plan.fixed = []byte("null")
	case p.Use.Treatment == "redact" && end == document.EndDeep:
		plan.fixed = []byte(`"` + literal.Redacted + `"`)
	case p.Use.Treatment == "constant":
		typ = catalog.Type{Name: "JSON", Family: catalog.JSON}
		text, err := literal.Of(typ, p.Use.Params["value"])
		if err != nil {
			return plan, false, &transform.ParamError{Param: p.Path, Text: err.Error()}
		}
		plan.fixed = []byte(text)
	default:
		return plan, false, nil
	}
	b, err := all.by.Plan(Part(c, typ), p.Use)
	if err != nil {
		return plan, false, &transform.ParamError{Param: p.Path, Text: err.Error()}
	}
	all.add(b.Traits)
	if !plan.keep {
		plan.replaced = func() transform.Leaf { return treatment.Seen(Part(c, typ), p.Use, b.Traits) }
	}
	return plan, true, nil
}

// planKeyLeaf checks a treatment of keys.
func planKeyLeaf(c transform.Column, p transform.Path, all *parts) (leafPlan, error) {
	if p.Use.Treatment == "null" {
		return leafPlan{}, &transform.ParamError{Param: p.Path, Text: "a key cannot become null; use token, whose results differ, or null on the object's values"}
	}
	text, err := all.by.Plan(Part(c, stringType("a JSON key")), p.Use)
	if err != nil {
		return leafPlan{}, &transform.ParamError{Param: p.Path, Text: err.Error()}
	}
	return leafPlan{keep: p.Use.Treatment == "keep", text: &text, textNeeds: all.add(text.Traits)}, nil
}
