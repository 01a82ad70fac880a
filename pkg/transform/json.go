package transform

import (
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// structuredSpecs are the treatments of values made of parts.
func structuredSpecs() []*Spec { return []*Spec{jsonSpec()} }

func jsonSpec() *Spec {
	jsonb := catalog.Type{Name: "jsonb", Base: "jsonb", Family: catalog.JSON}
	paths := []Path{
		{"$.contact.email", Use{Treatment: "mask", Params: Params{"keep_first": int64(1)}}},
		{"$.tags[*]", Use{Treatment: "keep"}},
		{"$.settings.**", Use{Treatment: "keep"}},
		{"$.age", Use{Treatment: "redact"}},
	}
	return &Spec{
		Name:    "json",
		Summary: "treats the values of a document path by path",
		Doc: "Every scalar needs a path with a treatment; one without stops the refresh. Paths are $.key, $.\"any key\", $.list[*] and " +
			"combinations. A path covers the scalar at it; $.x.** covers everything below $.x, with keep, null, constant or redact only, and " +
			"a longer path wins over a kept $.x.**. An object or array where a scalar is listed stops the refresh, even an empty one, and so does a " +
			"scalar where only longer paths are listed; null there, and an empty container of the listed kind, are let through. " +
			"null at a listed path stays null; at an unlisted path it stops the refresh, because its key is unknown. Keys are never changed. Strings and booleans " +
			"are treated as text and become strings; numbers stay numbers where the treatment gives one, else they become strings.",
		Families:  []catalog.Family{catalog.JSON},
		Discloses: Unchanged,
		Examples: []Example{{
			Type: jsonb, Use: Use{Treatment: "json", Paths: paths},
			In:  `{"age": 41, "tags": ["a", null], "contact": {"email": "jo@x.org"}, "settings": {"dark": true}}`,
			Out: `{"age":0,"tags":["a",null],"contact":{"email":"j*******"},"settings":{"dark": true}}`,
		}},
		whole: planJSON,
	}
}

// node is a place in a document that the listed paths pass through or end at.
type node struct {
	path string
	keys map[string]*node // nil where no listed path goes on with a key
	elem *node            // nil where no listed path goes on with [*]
	leaf *leaf            // the scalar here
	deep *leaf            // everything from here down, containers too
}

// leaf is what becomes of a scalar.
type leaf struct {
	plan   leafPlan
	keep   bool
	fixed  []byte    // JSON that replaces whatever was there; nil otherwise
	text   Transform // of strings and booleans, and of numbers where number is nil; its result becomes a string
	number Transform // of numbers; its result is a number
	row    pickRow
}

// leafPlan is a leaf before it has keys.
type leafPlan struct {
	keep         bool
	fixed        []byte
	text, number *blueprint
	needs        []int // positions in the document's Needs, in the order the treatment asks
}

// pickRow shows a leaf's treatment the siblings it asked for.
type pickRow struct {
	row   Row
	needs []int
}

func (p *pickRow) Cell(i int) Cell { return p.row.Cell(p.needs[i]) }

func planJSON(c Column, u Use, _ *args) (blueprint, error) {
	if len(u.Paths) == 0 {
		return blueprint{}, &ParamError{"paths", "lists no path; every document would stop the refresh"}
	}
	traits := Traits{Equality: true, Space: math.Inf(1), Discloses: Suppressed}
	var plans []leafPlan
	build := newTrie()
	for _, p := range u.Paths {
		plan, t, err := planLeaf(c, p)
		if err != nil {
			return blueprint{}, err
		}
		for _, need := range t.Needs {
			at := slices.Index(traits.Needs, need)
			if at < 0 {
				at = len(traits.Needs)
				traits.Needs = append(traits.Needs, need)
			}
			plan.needs = append(plan.needs, at)
		}
		traits.Equality = traits.Equality && t.Equality
		traits.Discloses = worse(traits.Discloses, t.Discloses)
		if err := build.add(p.Path, &leaf{plan: plan}); err != nil {
			return blueprint{}, err
		}
		plans = append(plans, plan)
	}
	if err := build.finish(); err != nil {
		return blueprint{}, err
	}
	return blueprint{traits, func(k Keys) Transform {
		trie := newTrie()
		for i, p := range u.Paths {
			if err := trie.add(p.Path, plans[i].compile(k)); err != nil {
				panic("transform: a path that was checked compiles")
			}
		}
		if err := trie.finish(); err != nil {
			panic("transform: paths that were checked compile")
		}
		return &document{root: trie.root, words: trie.words}
	}}, nil
}

func (p leafPlan) compile(k Keys) *leaf {
	l := &leaf{plan: p, keep: p.keep, fixed: p.fixed, row: pickRow{needs: p.needs}}
	if p.text != nil {
		l.text = p.text.build(k)
	}
	if p.number != nil {
		l.number = p.number.build(k)
	}
	return l
}

// planLeaf checks the treatment of one path: on text, and on numbers where it gives numbers.
func planLeaf(c Column, p Path) (leafPlan, Traits, error) {
	at := func(err error) error { return &ParamError{p.Path, err.Error()} }
	if p.Use.Treatment == "json" {
		return leafPlan{}, Traits{}, &ParamError{p.Path, "json cannot stand inside json; list the longer paths"}
	}
	column := func(t catalog.Type) Column { return Column{Table: c.Table, Name: c.Name, Type: t} }
	numeric := catalog.Type{Name: "a JSON number", Base: "numeric", Family: catalog.Numeric}
	text, err := prepare(column(catalog.Type{Name: "a JSON string", Base: "text", Family: catalog.Text}), p.Use)
	if spec, ok := Lookup(p.Use.Treatment); ok && !spec.Takes(catalog.Text) && spec.Takes(catalog.Timestamp) {
		text, err = prepare(column(catalog.Type{Name: "a JSON string", Base: "timestamp", Family: catalog.Timestamp}), p.Use)
	}
	number, numberErr := prepare(column(numeric), p.Use)
	switch p.Use.Treatment {
	case "keep":
		return leafPlan{keep: true}, text.traits, nil
	case "null":
		return leafPlan{fixed: []byte("null")}, text.traits, nil
	case "redact":
		if strings.HasSuffix(p.Path, ".**") {
			return leafPlan{fixed: []byte(`"` + redacted + `"`)}, text.traits, nil
		}
	case "constant":
		return planConstantLeaf(column(catalog.Type{Name: "JSON", Family: catalog.JSON}), p)
	}
	var plan leafPlan
	traits := text.traits
	if err == nil {
		plan.text = &text
	}
	if numberErr == nil {
		plan.number = &number
		traits = number.traits
	}
	if err != nil && numberErr != nil {
		return leafPlan{}, Traits{}, at(err)
	}
	return plan, traits, nil
}

// planConstantLeaf writes the rule's value as JSON, whatever type it has.
func planConstantLeaf(c Column, p Path) (leafPlan, Traits, error) {
	b, err := prepare(c, p.Use)
	if err != nil {
		return leafPlan{}, Traits{}, &ParamError{p.Path, err.Error()}
	}
	text, err := constantText(c.Type, p.Use.Params["value"])
	if err != nil {
		return leafPlan{}, Traits{}, &ParamError{p.Path, err.Error()}
	}
	return leafPlan{fixed: []byte(text)}, b.traits, nil
}

// worse is the disclosure that tells more.
func worse(a, b Disclosure) Disclosure {
	order := []Disclosure{Suppressed, Synthetic, Generalised, Pseudonymised, Unchanged}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
