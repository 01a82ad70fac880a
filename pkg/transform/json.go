package transform

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

func jsonSpec() *definition {
	jsonb := catalog.Type{Name: "jsonb", Base: "jsonb", Family: catalog.JSON}
	paths := []Path{
		{"$.contact.email", Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}},
		{"$.tags[*]", Use{Treatment: "keep"}},
		{"$.settings.**", Use{Treatment: "keep"}},
		{"$.age", Use{Treatment: "redact"}},
	}
	wild := []Path{
		{"$..email", Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}},
		{`$.contacts[?(@.kind == "fax")].value`, Use{Treatment: "null"}},
		{"$.contacts[*].*", Use{Treatment: "keep"}},
		{"$.by_name.*", Use{Treatment: "keep"}},
		{"$.by_name.*~", Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}},
		{"$..*", Use{Treatment: "redact"}},
	}
	return &definition{
		Spec: Spec{
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
			Discloses: Unchanged,
			Examples: []Example{
				{
					Type: jsonb, Use: Use{Treatment: "json", Paths: paths},
					In:  `{"age": 41, "tags": ["a", null], "contact": {"email": "jo@x.org"}, "settings": {"dark": true}}`,
					Out: `{"age":0,"tags":["a",null],"contact":{"email":"j*******"},"settings":{"dark": true}}`,
				},
				{
					Type: jsonb, Use: Use{Treatment: "json", Paths: wild}, Note: "wildcards, a condition, keys and a default",
					In:  `{"contacts": [{"kind": "fax", "value": "123"}, {"kind": "www", "value": "x.org"}], "by_name": {"Ada": 1}, "a": [{"email": "jo@x.org", "n": 7}]}`,
					Out: `{"contacts":[{"kind":"fax","value":null},{"kind":"www","value":"x.org"}],"by_name":{"A**":1},"a":[{"email":"j*******","n":0}]}`,
				},
				{
					Type: textType(0), Use: Use{Treatment: "json", Paths: []Path{{"$[*].id", Use{Treatment: "redact"}}}}, Note: "JSON inside a text column",
					In: `[{"id": 7}, {"id": null}]`, Out: `[{"id":0},{"id":null}]`,
				},
			},
		},
		whole: planJSON,
	}
}

func planJSON(by planner, c Column, u Use, _ *args) (blueprint, error) {
	if len(u.Paths) == 0 {
		return blueprint{}, &ParamError{"paths", "lists no path; every document would stop the refresh"}
	}
	all := newParts(by)
	var plans []leafPlan
	tree, open := newPaths(), false
	for _, p := range u.Paths {
		steps, end, err := jsonPath(p.Path)
		if err != nil {
			return blueprint{}, err
		}
		plan, err := planLeaf(c, p, end, all)
		if err == nil {
			err = tree.add(p.Path, steps, end, &leaf{keep: plan.keep, fixed: plan.fixed})
		}
		if err != nil {
			return blueprint{}, err
		}
		plans = append(plans, plan)
		open = open || opensKeys(u.Paths, p.Path, steps, end)
	}
	if err := tree.finish(); err != nil {
		return blueprint{}, err
	}
	if open {
		all.traits.Discloses = Unchanged
	}
	return limited(c, blueprint{all.traits, func(k Keys) Transform {
		tree := newPaths()
		for i, p := range u.Paths {
			steps, end, _ := jsonPath(p.Path)
			if err := tree.add(p.Path, steps, end, plans[i].compile(k)); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		return newDocument(tree)
	}}), nil
}

// opensKeys says whether a path lets keys through that no path names or treats.
func opensKeys(all []Path, path string, steps []step, end ending) bool {
	has := func(p string) bool {
		return slices.ContainsFunc(all, func(q Path) bool { return q.Path == p })
	}
	if has("$..*~") {
		return false
	}
	at := "$"
	for _, s := range steps {
		if s.kind == stepDown || s.kind == stepTest || s.kind == stepAnyKey && !has(at+".*~") {
			return true
		}
		at += s.text
	}
	return (end == endDeep || end == endBelow) && !has(at+"..*~")
}
