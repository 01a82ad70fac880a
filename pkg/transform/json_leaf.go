package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// leafPlan is a leaf before it has keys.
type leafPlan struct {
	keep         bool
	fixed        []byte
	text, number *blueprint
	textNeeds    []int // positions in the document's Needs, in the order the treatment asks
	numberNeeds  []int
}

func (p leafPlan) compile(k Keys) *leaf {
	l := &leaf{keep: p.keep, fixed: p.fixed}
	if p.text != nil {
		l.treatText(p.text.build(k), p.textNeeds)
	}
	if p.number != nil {
		l.treatNumbers(p.number.build(k), p.numberNeeds)
	}
	return l
}

// planLeaf checks the treatment of one path: on text, and on numbers where it gives numbers.
func planLeaf(c Column, p Path, end ending, all *parts) (leafPlan, error) {
	at := func(err error) error { return &ParamError{p.Path, err.Error()} }
	if end == endNames || end == endInner {
		return planKeyLeaf(c, p, all)
	}
	if plan, done, err := planFixedLeaf(c, p, end, all); done || err != nil {
		return plan, err
	}
	if end == endDeep {
		return leafPlan{}, &ParamError{p.Path, "only keep, null, constant and redact cover a whole subtree; use ..* to treat every scalar below, or list the paths below it"}
	}
	text, err := all.prepareText(c, "a JSON string", p.Use)
	number, numberErr := all.by.plan(part(c, numberType()), p.Use)
	if err != nil && numberErr != nil {
		return leafPlan{}, at(err)
	}
	var plan leafPlan
	if err == nil {
		plan.text, plan.textNeeds = &text, all.add(text.traits)
	}
	if numberErr == nil {
		plan.number, plan.numberNeeds = &number, all.add(number.traits)
	}
	return plan, nil
}

// planFixedLeaf is planLeaf for the treatments that do not look at the value.
func planFixedLeaf(c Column, p Path, end ending, all *parts) (plan leafPlan, done bool, err error) {
	typ := stringType("a JSON value")
	switch {
	case p.Use.Treatment == "keep":
		plan.keep = true
	case p.Use.Treatment == "null":
		plan.fixed = []byte("null")
	case p.Use.Treatment == "redact" && end == endDeep:
		plan.fixed = []byte(`"` + redacted + `"`)
	case p.Use.Treatment == "constant":
		typ = catalog.Type{Name: "JSON", Family: catalog.JSON}
		text, err := constantText(typ, p.Use.Params["value"])
		if err != nil {
			return plan, false, &ParamError{p.Path, err.Error()}
		}
		plan.fixed = []byte(text)
	default:
		return plan, false, nil
	}
	b, err := all.by.plan(part(c, typ), p.Use)
	if err != nil {
		return plan, false, &ParamError{p.Path, err.Error()}
	}
	all.add(b.traits)
	return plan, true, nil
}

// planKeyLeaf checks the treatment of keys.
func planKeyLeaf(c Column, p Path, all *parts) (leafPlan, error) {
	if p.Use.Treatment == "null" {
		return leafPlan{}, &ParamError{p.Path, "a key cannot become null; use token, whose results differ, or null on the object's values"}
	}
	text, err := all.by.plan(part(c, stringType("a JSON key")), p.Use)
	if err != nil {
		return leafPlan{}, &ParamError{p.Path, err.Error()}
	}
	return leafPlan{text: &text, textNeeds: all.add(text.traits)}, nil
}
