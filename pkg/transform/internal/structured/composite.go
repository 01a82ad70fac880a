package structured

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Fields returns the treatment fields.
func Fields() *treatment.Definition {
	address := catalog.Type{Name: "public.address", Base: "address", Family: catalog.Composite, Fields: []catalog.Field{
		{Name: "street", Type: treatment.TextType(0)}, {Name: "city", Type: treatment.TextType(0)}, {Name: "floor", Type: treatment.IDType()},
	}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "fields",
			Summary: "treats a composite value field by field",
			Doc: "A rule has the form `fields: {name: rule}`. Every field of the type needs a rule. The plan refuses a missing rule, and a rule for a field that the type does not have. " +
				"A field is treated like a column of its type, with any treatment. A composite field may itself use `fields`. NULL fields stay NULL.",
			Parts:     "field",
			Families:  []catalog.Family{catalog.Composite},
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They learn what the treatments of the fields tell. They also see which fields are NULL.",
			Examples: []transform.Example{{
				Type: address,
				Use: transform.Use{Treatment: "fields", Paths: []transform.Path{
					{Path: "city", Use: transform.Use{Treatment: "keep"}},
					{Path: "floor", Use: transform.Use{Treatment: "redact"}},
					{Path: "street", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(2)}}},
				}},
				In: `("12 Elm, rear",Bath,)`, Out: `(12**********,Bath,)`,
			}},
		},
		Whole: planFields,
	}
}

func planFields(by treatment.Planner, c transform.Column, u transform.Use, _ *treatment.Args) (treatment.Blueprint, error) {
	all := newParts(by)
	var names []string
	for _, f := range c.Type.Fields {
		names = append(names, f.Name)
	}
	for _, p := range u.Paths {
		if !slices.Contains(names, p.Path) {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: fmt.Sprintf("%s has no such field%s", treatment.TypeName(c), spell.Mean(p.Path, names))}
		}
	}
	var plans []partPlan
	for _, f := range c.Type.Fields {
		i := slices.IndexFunc(u.Paths, func(p transform.Path) bool { return p.Path == f.Name })
		if i < 0 {
			return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: fmt.Sprintf("the field %s of %s has no rule; every field needs one", f.Name, treatment.TypeName(c))}
		}
		b, err := by.Plan(Part(c, f.Type), u.Paths[i].Use)
		if err != nil {
			return treatment.Blueprint{}, &transform.ParamError{Param: f.Name, Text: err.Error()}
		}
		plans = append(plans, all.planPart(b))
	}
	return treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		var fields []*document.Part
		for _, p := range plans {
			fields = append(fields, p.compile(k))
		}
		return document.NewComposite(fields)
	}}, nil
}
