package transform

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

func fieldsSpec() *definition {
	address := catalog.Type{Name: "public.address", Base: "address", Family: catalog.Composite, Fields: []catalog.Field{
		{Name: "street", Type: textType(0)}, {Name: "city", Type: textType(0)}, {Name: "floor", Type: idType()},
	}}
	return &definition{
		Spec: Spec{
			Name:    "fields",
			Summary: "treats a composite value field by field",
			Doc: "Written `fields: {name: rule}`. Every field of the type needs a rule: one without is an error when the plan is made, and so is one the type " +
				"does not have. A field is treated as a column of its type, with any treatment, fields of a composite field included. NULL fields stay NULL.",
			Parts:     "field",
			Families:  []catalog.Family{catalog.Composite},
			Discloses: Unchanged,
			Examples: []Example{{
				Type: address,
				Use: Use{Treatment: "fields", Paths: []Path{
					{"city", Use{Treatment: "keep"}},
					{"floor", Use{Treatment: "redact"}},
					{"street", Use{Treatment: "mask", Params: Params{"keep_first": int64(2)}}},
				}},
				In: `("12 Elm, rear",Bath,)`, Out: `(12**********,Bath,)`,
			}},
		},
		whole: planFields,
	}
}

func planFields(by planner, c Column, u Use, _ *args) (blueprint, error) {
	all := newParts(by)
	var names []string
	for _, f := range c.Type.Fields {
		names = append(names, f.Name)
	}
	for _, p := range u.Paths {
		if !slices.Contains(names, p.Path) {
			return blueprint{}, &ParamError{p.Path, fmt.Sprintf("%s has no such field%s", typeName(c), nearest(p.Path, names))}
		}
	}
	var plans []partPlan
	for _, f := range c.Type.Fields {
		i := slices.IndexFunc(u.Paths, func(p Path) bool { return p.Path == f.Name })
		if i < 0 {
			return blueprint{}, &ParamError{"paths", fmt.Sprintf("the field %s of %s has no rule; every field needs one", f.Name, typeName(c))}
		}
		b, err := by.plan(part(c, f.Type), u.Paths[i].Use)
		if err != nil {
			return blueprint{}, &ParamError{f.Name, err.Error()}
		}
		plans = append(plans, all.planPart(b))
	}
	return blueprint{all.traits, func(k Keys) Transform {
		var fields []*treatedPart
		for _, p := range plans {
			fields = append(fields, p.compile(k))
		}
		return newComposite(fields)
	}}, nil
}
