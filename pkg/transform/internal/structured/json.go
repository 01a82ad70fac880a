package structured

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

const jsonDoc = "A rule has the form `json: {path: rule}`. The column may be json, jsonb, or text that holds JSON. Every scalar needs a path with a treatment. A scalar without a path stops the refresh. " +
	"A string inside a document may itself hold a document. Treat such a string with `json`, `csv` or `xml`.\n\n" +
	"A path is made of these steps:\n\n" +
	"- `.key` and `.\"any key\"` lead to the value of one key. `.*` leads to the value of any key.\n" +
	"- `[2]` leads to one element of an array, counted from 0. `[*]` leads to any element.\n" +
	"- `[?(@.kind == \"mail\")]` leads to the elements or members for which the condition holds. A condition compares with `==` or `!=`. " +
	"A condition without a comparison holds if the value exists. A condition compares the digits of numbers: 1.0 equals 1, but 1e1 does not equal 10.\n" +
	"- `..key` leads to the value of that key at any depth.\n\n" +
	"A path can end in one of these ways:\n\n" +
	"- `$.x.**` covers x and everything below it. It takes only `keep`, `null`, `constant` and `redact`.\n" +
	"- `$.x..*` covers every scalar below x and takes any treatment. `\"$..*\"` is a default for the whole document.\n" +
	"- `$.x.*~` treats the keys of the object x, except keys that paths name. `$.x..*~` does the same for every object at or below x.\n\n" +
	"If several paths match one scalar, these rules decide:\n\n" +
	"- A path that ends at the scalar wins over `..*` and `.**`.\n" +
	"- Of several paths that end at the scalar, the more specific path wins. The paths are compared step by step from their ends. A name or an index wins over a condition, " +
	"a condition wins over a wildcard, and a wildcard wins over `..`. Two equally specific paths stop the refresh.\n" +
	"- Among several `.**` and `..*`, the one nearest to the scalar wins.\n\n" +
	"An object or array, even an empty one, stops the refresh if only a scalar is listed at its path. A scalar stops the refresh if only longer paths are listed. " +
	"An empty object stays if longer paths continue with a key, and an empty array stays if they continue with an element. null stays null at a listed path, and at every path that is the beginning of a listed path. " +
	"At a path that is not listed, null stops the refresh, because its key is unknown.\n\n" +
	"Keys that paths name stay. Keys that `.*`, `..` and `.**` cover also stay, unless a path ending in `.*~` or `..*~` treats them. If keys stay that no path names, the disclosure label is at least `generalised`. If a path has a condition that compares a value, the disclosure label is `unchanged`, because the result shows whether the value equals the value in the condition. " +
	"Two keys of one object that become equal stop the refresh.\n\n" +
	"Strings and booleans are treated as text, and become strings if they change. A number stays a number if the treatment gives a number. Otherwise it becomes a string.\n\n" +
	"A string of a json document may hold \\u0000 or a lone surrogate, which no text of PostgreSQL can hold. Such a string stays at a kept path and in a kept key. " +
	"redact, constant and null replace it. Other treatments stop the refresh at it.\n\n" +
	"A text that is not JSON stops the refresh. With `invalid: redact` beside `json`, it becomes `[redacted]`, and an empty text stays empty."

// JSON returns the treatment json.
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
			Doc:     jsonDoc,
			Parts:   "path",
			Params: []transform.Param{
				{Name: "invalid", Type: "stop|redact", Tells: transform.Neither, Default: "stop", Doc: "for columns of text: stop the refresh at a value that is not JSON, or redact it"},
			},
			Families:  []catalog.Family{catalog.JSON, catalog.Text},
			Discloses: transform.Unchanged,
			Varies:    transform.WithRule,
			Learns:    "They learn what the treatments of the paths tell. They also see which keys a document has, the lengths of arrays, and where a value is null. A rare structure can identify a person.",
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
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "json", Params: transform.Params{"invalid": "redact"}, Paths: []transform.Path{{Path: "$.id", Use: transform.Use{Treatment: "redact"}}}},
					In: "not known", Out: literal.Redacted, Note: "not JSON",
				},
			},
		},
		Whole: planJSON,
	}
}

func planJSON(by treatment.Planner, c transform.Column, u transform.Use, a *treatment.Args) (treatment.Blueprint, error) {
	if c.Type.Family != catalog.Text {
		a.Unused("invalid", c)
	}
	redact := a.Word("invalid", "stop", "redact") == "redact"
	if err := a.Problem(); err != nil {
		return treatment.Blueprint{}, err
	}
	if len(u.Paths) == 0 {
		return treatment.Blueprint{}, &transform.ParamError{Param: "paths", Text: "lists no path, so every document would stop the refresh; list the paths"}
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
		if slices.ContainsFunc(steps, document.Step.Compares) {
			all.traits.Discloses = transform.Unchanged // a result shows whether the condition holds, and so tells something about the compared value
		}
	}
	if err := tree.Finish(); err != nil {
		return treatment.Blueprint{}, err
	}
	if open {
		all.traits.Discloses = treatment.Worse(all.traits.Discloses, transform.Generalised) // keys that no path names stay
	}
	b := limited(c, treatment.Blueprint{Traits: all.traits, Build: func(k transform.Keys) transform.Transform {
		tree := document.NewPaths()
		for i, p := range u.Paths {
			steps, end, _ := document.ParseJSONPath(p.Path)
			if err := tree.Add(p.Path, steps, end, plans[i].compile(k)); err != nil {
				panic("transform: a path that was checked must compile")
			}
		}
		return document.NewJSON(tree)
	}})
	if redact {
		b = redactInvalid(c, u, b)
	}
	return b, nil
}
