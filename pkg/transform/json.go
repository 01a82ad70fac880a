package transform

import (
	"math"
	"slices"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

// structuredEntries are the treatments of values made of parts.
func structuredEntries() []entry {
	return []entry{
		{"json", jsonSpec}, {"hstore", hstoreSpec}, {"fields", fieldsSpec}, {"xml", xmlSpec}, {"csv", csvSpec}, {"placeholder", placeholderSpec},
	}
}

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

// leafPlan is a leaf before it has keys.
type leafPlan struct {
	keep         bool
	fixed        []byte
	text, number *blueprint
	textNeeds    []int // positions in the document's Needs, in the order the treatment asks
	numberNeeds  []int
}

// parts gathers what the treatments of a value's parts promise together.
type parts struct {
	by     planner
	traits Traits
}

func newParts(by planner) *parts {
	return &parts{by, Traits{Equality: true, Space: math.Inf(1), Discloses: Suppressed}}
}

// add takes in one part's treatment and says where its siblings stand among all Needs.
func (p *parts) add(t Traits) (needs []int) {
	for _, need := range t.Needs {
		at := slices.Index(p.traits.Needs, need)
		if at < 0 {
			at = len(p.traits.Needs)
			p.traits.Needs = append(p.traits.Needs, need)
		}
		needs = append(needs, at)
	}
	p.traits.Equality = p.traits.Equality && t.Equality
	p.traits.Discloses = worse(p.traits.Discloses, t.Discloses)
	return needs
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
		return &document{matcher: matcher{root: tree.root}, words: tree.words}
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

func (p leafPlan) compile(k Keys) *leaf {
	l := &leaf{keep: p.keep, fixed: p.fixed}
	if p.text != nil {
		l.text, l.textRow.needs = p.text.build(k), p.textNeeds
	}
	if p.number != nil {
		l.number, l.numberRow.needs = p.number.build(k), p.numberNeeds
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

// part is the column of a value's part: the same place, another type.
func part(c Column, t catalog.Type) Column { return Column{Table: c.Table, Name: c.Name, Type: t} }

func stringType(name string) catalog.Type {
	return catalog.Type{Name: name, Base: "text", Family: catalog.Text}
}

func numberType() catalog.Type {
	return catalog.Type{Name: "a JSON number", Base: "numeric", Family: catalog.Numeric}
}

// prepareText checks a treatment on a text that stands inside a value: as text, or else as the dates,
// UUIDs, addresses or numbers the treatment is for, which then must read as such.
func (p *parts) prepareText(c Column, name string, u Use) (blueprint, error) {
	first, err := p.by.plan(part(c, stringType(name)), u)
	if err == nil || p.by.takes(u.Treatment, catalog.Text) {
		return first, err
	}
	if b, e := p.by.plan(part(c, catalog.Type{Name: name, Base: "timestamp", Family: catalog.Timestamp}), u); e == nil {
		return b, nil
	}
	return first, err
}

// worse is the disclosure that tells more.
func worse(a, b Disclosure) Disclosure {
	order := []Disclosure{Suppressed, Synthetic, Generalised, Pseudonymised, Unchanged}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// limited stops results that are longer than the column.
func limited(c Column, b blueprint) blueprint {
	if c.Type.Family != catalog.Text || c.Type.MaxLen == 0 {
		return b
	}
	build := b.build
	b.build = func(k Keys) Transform { return &fitting{to: build(k), most: c.Type.MaxLen} }
	return b
}

type fitting struct {
	to   Transform
	most int // characters
}

func (f *fitting) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	start := len(dst)
	dst, null, err := f.to.Append(dst, in, row)
	if err == nil && !null && utf8.RuneCount(dst[start:]) > f.most {
		return dst, false, errTooLong()
	}
	return dst, null, err
}

func errTooLong() error {
	return &Error{"too-long", "the treated value is longer than the column holds"}
}
