package structured

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Hstore returns the treatment hstore.
func Hstore() *treatment.Definition {
	hstore := catalog.Type{Name: "hstore", Base: "hstore", Family: catalog.Hstore}
	mask := transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "hstore",
			Summary: "treats the values of an hstore key by key",
			Doc: "A rule has the form `hstore: {key: rule}`. A key that is not listed stops the refresh, unless `\"*\"` treats the values of all other keys. Keys that only `\"*\"` covers stay readable. " +
				"The disclosure label is then at least `generalised`. To avoid this, treat the keys with `\"*~\"`. Two keys that become equal stop the refresh.\n\n" +
				"Values are treated as text. A value may hold a document: `{json: …}`. NULL values stay NULL.",
			Parts:     "key",
			Families:  []catalog.Family{catalog.Hstore},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They learn what the treatments of the keys tell. They also see which keys a value has, unless `*~` treats the keys, and which keys have NULL.",
			Examples: []transform.Example{
				{
					Type: hstore, Use: transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "email", Use: mask}, {Path: "theme", Use: transform.Use{Treatment: "keep"}}}},
					In: `"email"=>"jo@x.org", "theme"=>NULL`, Out: `"email"=>"j*******", "theme"=>NULL`,
				},
				{
					Type: hstore, Use: transform.Use{Treatment: "hstore", Paths: []transform.Path{{Path: "*", Use: transform.Use{Treatment: "redact"}}, {Path: "*~", Use: mask}}}, Note: "every key and value",
					In: `"ada"=>"1", "bob"=>"2"`, Out: `"a**"=>"[redacted]", "b**"=>"[redacted]"`,
				},
			},
		},
		Whole: planHstore,
	}
}

func planHstore(by treatment.Planner, c transform.Column, u transform.Use, _ *treatment.Args) (treatment.Blueprint, error) {
	plans, all, err := textParts(by, c, "an hstore text", u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	for _, p := range u.Paths {
		if p.Path == "*~" && p.Use.Treatment == "null" {
			return treatment.Blueprint{}, &transform.ParamError{Param: p.Path, Text: "a key cannot become null"}
		}
	}
	if _, open := plans["*"]; open && plans["*~"].blueprint.Build == nil {
		all.traits.Discloses = treatment.Worse(all.traits.Discloses, transform.Generalised) // keys that no part names stay
	}
	return treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		return document.NewHstore(compileParts(plans, k))
	}}, nil
}
