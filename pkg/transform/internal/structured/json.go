package structured

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// JSON is the treatment json.
func JSON() *treatment.Definition {
	jsonb := catalog.Type{Name: "jsonb", Base: "jsonb", Family: catalog.JSON}
	paths := []transform.Path{
		{Path: "$.contact.email", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}},
		{Path: "$.tags[*]", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.settings.**", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.age", Use: transform.Use{Treatment: "redact"}},
	}
	wild := []transform.Path{
		{Path: "$..email", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}},
		{Path: `$.contacts[?(@.kind == "fax")].value`, Use: transform.Use{Treatment: "null"}},
		{Path: "$.contacts[*].*", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.by_name.*", Use: transform.Use{Treatment: "keep"}},
		{Path: "$.by_name.*~", Use: transform.Use{Treatment: "mask", Params: transform.Params{"keep_first": int64(1)}}},
		{Path: "$..*", Use: transform.Use{Treatment: "redact"}},
	}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "json",
			Summary: "treats the values of a document path by path",
			Doc: "Every scalar needs a path with a treatment; one without stops the refresh. Written `json: {path: rule}`, on json, jsonb and on text that " +
				"holds JSON; a string inside a document may itself be treated as a document, or as csv or xml. Paths are made of .key, .\"any key\", .* (any key), " +
				"[*] (any element), [2], [?(@.kind == \"mail\")] (elements or members of which a value equals, != differs from, or without a comparison is " +
				"there), and ..key (at any depth). $.x.** covers x and everything below it, with keep, null, constant or redact only; $.x..* covers every scalar " +
				"below x with any treatment, so that `\"$..*\"` is a default. Of several paths that fit one scalar, a path that ends at it wins over ..* " +
				"and .**; between such paths the more specific step decides, compared from their ends backwards: a name or index before a condition before a " +
				"wildcard before `..`; two that are equal in that stop the refresh. Of .** and ..* the nearest wins. An object or array where a scalar is listed stops " +
				"the refresh, even an empty one, and so does a scalar where only longer paths are listed; null there, and an empty container of a listed kind, " +
				"are let through. null at a listed path stays null; at an unlisted path it stops the refresh, because its key is unknown. Keys that paths name stay; " +
				"keys that `.*`, `..` and `.**` pass stay too unless $.x.*~ (of the object x) or $.x..*~ (of every object at or below x) treats them, and then the column " +
				"no longer discloses them. Two keys of one object that become the same stop the refresh. Strings and booleans are treated as text and become strings " +
				"where they change; numbers stay numbers where the treatment gives one, else they become strings. Conditions compare numbers as they are written.",
			Parts:     "path",
			Families:  []catalog.Family{catalog.JSON, catalog.Text},
			Discloses: transform.Unchanged,
			Examples: []transform.Example{
				{
					Type: jsonb, Use: transform.Use{Treatment: "json", Paths: paths},
					In:  `{"age": 41, "tags": ["a", null], "contact": {"email": "jo@x.org"}, "settings": {"dark": true}}`,
					Out: `{"age":0,"tags":["a",null],"contact":{"email":"j*******"},"settings":{"dark": true}}`,
				},
				{
					Type: jsonb, Use: transform.Use{Treatment: "json", Paths: wild}, Note: "wildcards, a condition, keys and a default",
					In:  `{"contacts": [{"kind": "fax", "value": "123"}, {"kind": "www", "value": "x.org"}], "by_name": {"Ada": 1}, "a": [{"email": "jo@x.org", "n": 7}]}`,
					Out: `{"contacts":[{"kind":"fax","value":null},{"kind":"www","value":"x.org"}],"by_name":{"A**":1},"a":[{"email":"j*******","n":0}]}`,
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$[*].id", Use: transform.Use{Treatment: "redact"}}}}, Note: "JSON inside a text column",
					In: `[{"id": 7}, {"id": null}]`, Out: `[{"id":0},{"id":null}]`,
				},
			},
		},
		Whole: planJSON,
	}
}

func planJSON(by treatment.Planner, c transform.Column, u transform.Use, _ *treatment.Args) (treatment.Blueprint, error) {
	if len(u.Paths) == 0 {
		return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: "lists no path; every document would stop the refresh"}
	}
	all := newParts(by)
	var plans []leafPlan
	tree, open := document.NewPaths(), false
	for _, p := range u.Paths {
		steps, end, err := document.ParseJSONPath(p.Path)
		if err != nil {
			return treatment.Blueprint{}, err
		}
		plan, err := planLeaf(c, p, end, all)
		if err == nil {
			err = tree.Add(p.Path, steps, end, &document.Leaf{Keep: plan.keep, Fixed: plan.fixed})
		}
		if err != nil {
			return treatment.Blueprint{}, err
		}
		plans = append(plans, plan)
		open = open || document.OpensKeys(u.Paths, steps, end)
	}
	if err := tree.Finish(); err != nil {
		return treatment.Blueprint{}, err
	}
	if open {
		all.traits.Discloses = transform.Unchanged
	}
	return limited(c, treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		tree := document.NewPaths()
		for i, p := range u.Paths {
			steps, end, _ := document.ParseJSONPath(p.Path)
			if err := tree.Add(p.Path, steps, end, plans[i].compile(k)); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		return document.NewJSON(tree)
	}}), nil
}
