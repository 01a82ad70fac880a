package transform

import "github.com/masker-project/masker/pkg/catalog"

func hstoreSpec() *definition {
	hstore := catalog.Type{Name: "hstore", Base: "hstore", Family: catalog.Hstore}
	mask := Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}
	return &definition{
		Spec: Spec{
			Name:    "hstore",
			Summary: "treats the values of an hstore key by key",
			Doc: "Written `hstore: {key: rule}`. A key that is not listed stops the refresh, unless `\"*\"` treats the values of all others; keys that only * " +
				"covers come out as they are and so disclose themselves, unless `\"*~\"` treats them. Two keys that become the same stop the refresh. " +
				"Values are treated as text; a value may hold a document: `{json: …}`. NULL values stay NULL.",
			Parts:     "key",
			Families:  []catalog.Family{catalog.Hstore},
			Discloses: Unchanged,
			Examples: []Example{
				{
					Type: hstore, Use: Use{Treatment: "hstore", Paths: []Path{{"email", mask}, {"theme", Use{Treatment: "keep"}}}},
					In: `"email"=>"jo@x.org", "theme"=>NULL`, Out: `"email"=>"j*******", "theme"=>NULL`,
				},
				{
					Type: hstore, Use: Use{Treatment: "hstore", Paths: []Path{{"*", Use{Treatment: "redact"}}, {"*~", mask}}}, Note: "every key and value",
					In: `"ada"=>"1", "bob"=>"2"`, Out: `"a**"=>"[redacted]", "b**"=>"[redacted]"`,
				},
			},
		},
		whole: planHstore,
	}
}

func planHstore(by planner, c Column, u Use, _ *args) (blueprint, error) {
	plans, all, err := textParts(by, c, "an hstore text", u)
	if err != nil {
		return blueprint{}, err
	}
	for _, p := range u.Paths {
		if p.Path == "*~" && p.Use.Treatment == "null" {
			return blueprint{}, &ParamError{p.Path, "a key cannot become null"}
		}
	}
	if _, open := plans["*"]; open && plans["*~"].blueprint.build == nil {
		all.traits.Discloses = Unchanged
	}
	return blueprint{all.traits, func(k Keys) Transform {
		return newHstore(compileParts(plans, k))
	}}, nil
}
