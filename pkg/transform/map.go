package transform

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

func mapSpec() *definition {
	enum := catalog.Type{Name: "public.tier", Base: "tier", Family: catalog.Enum, Labels: []string{"gold", "silver", "basic"}}
	return &definition{
		Spec: Spec{
			Name:    "map",
			Summary: "replaces values by a dictionary of the rule set",
			Doc: "The dictionary is part of the rules, not secret and not keyed: who holds it can turn back what it tells apart. Values are compared as the column's type compares them. " +
				"A value that is not listed becomes `default`, or stops the refresh (or becomes \"[redacted]\") by otherwise: one of the two is stated. An entry that leaves a value as it is " +
				"is refused when the plan is made; an unlisted value that is the default itself comes out as it went in. " +
				"file is a CSV file of two columns, value and result, beside the rule file; approvals cover it like the rules.",
			Params: []Param{
				{Name: "values", Type: "mapping", Doc: "the dictionary: {value: result}; this or file"},
				{Name: "file", Type: "text", Doc: "the dictionary as a CSV file, relative to the rule file"},
				{Name: "default", Type: "value", Doc: "what a value that is not listed becomes"},
				{Name: "otherwise", Type: "stop|redact", Doc: "what else becomes of a value that is not listed"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Integer, catalog.Numeric, catalog.Boolean, catalog.Date, catalog.UUID, catalog.Enum},
			Discloses: Pseudonymised,
			Preserves: []string{Uniqueness, Equality},
			Examples: []Example{
				{
					Type: textType(0), Use: Use{Treatment: "map", Params: Params{"values": map[string]any{"Berlin": "Town A", "Paris": "Town B"}, "default": "Town Z"}},
					In: "Paris", Out: "Town B",
				},
				{
					Type: textType(0), Use: Use{Treatment: "map", Params: Params{"values": map[string]any{"Berlin": "Town A", "Paris": "Town B"}, "default": "Town Z"}},
					In: "Rome", Out: "Town Z", Note: "not listed",
				},
				{
					Type: enum, Use: Use{Treatment: "map", Params: Params{"values": map[string]any{"gold": "basic", "silver": "gold", "basic": "silver"}, "otherwise": "stop"}},
					In: "gold", Out: "basic",
				},
			},
		},
		scalar: planMap,
	}
}

func planMap(c Column, _ Use, a *args) (scalarPlan, error) {
	m := mapping{typ: c.Type, entries: map[string]string{}}
	hasDefault := a.given("default")
	hasOtherwise := a.given("otherwise")
	switch {
	case hasDefault == hasOtherwise:
		a.fail("default", "map wants default (a value) or otherwise (stop or redact) for values that are not listed")
	case hasDefault:
		text, err := constantText(c.Type, a.value("default"))
		if err != nil {
			a.fail("default", "%s", err)
		}
		m.otherwise = otherwise{text: text}
	case c.Type.Family == catalog.Enum && a.value("otherwise") == "redact":
		a.fail("otherwise", "cannot redact a label of an enum; use default")
	default:
		m.otherwise = readOtherwise(c, a)
	}
	distinct := m.fill(c, a)
	t := Traits{Unique: m.otherwise.stop && distinct == len(m.entries), Equality: true, Space: float64(max(distinct, 1)), Discloses: Pseudonymised}
	return scalarPlan{traits: t, build: func(Keys) scalar { return m.worker() }}, nil
}

// fill reads the dictionary and counts its different results.
func (m *mapping) fill(c Column, a *args) (distinct int) {
	values, ok := a.value("values").(map[string]any)
	if !ok || len(values) == 0 {
		a.fail("values", "map wants a dictionary: values: {value: result}, or a file")
		return 0
	}
	var listed []string
	for from := range values {
		listed = append(listed, from)
	}
	slices.Sort(listed) // so that the same rule always names the same problem
	results := map[string]bool{}
	for i, from := range listed {
		text, err := typedText(c.Type, from)
		if err != nil {
			a.fail("values", "value %d in order of the alphabet %s", i+1, err)
			return 0
		}
		to, err := constantText(c.Type, values[from])
		if err != nil {
			a.fail("values", "the result of value %d in order of the alphabet %s", i+1, err)
			return 0
		}
		key, result := m.canonical(text), m.canonical(to)
		if _, twice := m.entries[key]; twice || key == result {
			a.fail("values", "value %d in order of the alphabet is %s", i+1, map[bool]string{true: "equal to another", false: "its own result; a value that may stay wants {keep: reason}"}[twice])
			return 0
		}
		m.entries[key], results[result] = to, true
	}
	return len(results)
}

type mapping struct {
	typ       catalog.Type
	entries   map[string]string // by canonical form
	otherwise otherwise
	canon     []byte // scratch
}

// worker is a copy with scratch of its own.
func (m *mapping) worker() *mapping {
	return &mapping{typ: m.typ, entries: m.entries, otherwise: m.otherwise}
}

func (m *mapping) canonical(text string) string {
	return string(AppendCanonical(nil, &m.typ, []byte(text)))
}

func (m *mapping) append(dst, in []byte, _ *Seed) ([]byte, error) {
	m.canon = AppendCanonical(m.canon[:0], &m.typ, in)
	if to, listed := m.entries[string(m.canon)]; listed {
		return append(dst, to...), nil
	}
	if m.otherwise.stop {
		return dst, &Error{"not-listed", "the value is not in the dictionary; list it, or state a default"}
	}
	return append(dst, m.otherwise.text...), nil
}
