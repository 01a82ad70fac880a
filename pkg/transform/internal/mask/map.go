package mask

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Map returns the treatment map.
func Map() *treatment.Definition {
	enum := catalog.Type{Name: "public.tier", Base: "tier", Family: catalog.Enum, Labels: []string{"gold", "silver", "basic"}}
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "map",
			Summary: "replaces values by the results in a dictionary of the rule set",
			Doc: "The dictionary is part of the rules. It is neither secret nor keyed. A person who has the rules can reverse every result that stands for one value only. " +
				"Values are compared as the column's type compares them.\n\n" +
				"The disclosure label is `generalised` if each result stands for two values or more, and otherwise `unchanged`. Values that differ only in case, blanks and signs count as one. Masker cannot see whether the column holds every value of the dictionary. A value that the column does not hold hides nothing.\n\n" +
				"State either `default` or `otherwise` for values that are not listed. With `default`, the value becomes the default. With `otherwise`, the value stops the refresh or becomes `[redacted]`. " +
				"The plan refuses an entry whose result equals its value. A value that is not listed and equals `default` stays unchanged.\n\n" +
				"`file` is a CSV file with two columns, value and result. Its path is relative to the rule file. An approval covers the file as it covers the rules.",
			Params: []transform.Param{
				{Name: "values", Type: "mapping", Doc: "the dictionary: {value: result}; state values or file"},
				{Name: "file", Type: "text", Doc: "the dictionary as a CSV file, relative to the rule file"},
				{Name: "default", Type: "value", Doc: "result for a value that is not listed"},
				{Name: "otherwise", Type: "stop|redact", Tells: transform.Neither, Doc: "stop at a value that is not listed, or redact it"},
			},
			Families:  []catalog.Family{catalog.Text, catalog.Integer, catalog.Numeric, catalog.Boolean, catalog.Date, catalog.UUID, catalog.Enum},
			Discloses: transform.Unchanged,
			Varies:    transform.WithColumn,
			Learns:    "They read in the rules which values each result stands for, because the dictionary is in the rules. A result that stands for only one value tells this value.",
			Preserves: []string{transform.Uniqueness, transform.Equality},
			Examples: []transform.Example{
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"Berlin": "Town A", "Paris": "Town B"}, "default": "Town Z"}},
					In: "Paris", Out: "Town B",
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"Berlin": "Town A", "Paris": "Town B"}, "default": "Town Z"}},
					In: "Rome", Out: "Town Z", Note: "not listed",
				},
				{
					Type: treatment.TextType(0), Use: transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"Berlin": "Germany", "Hamburg": "Germany"}, "default": "abroad"}},
					In: "Hamburg", Out: "Germany", Note: "generalised: each result stands for several values",
				},
				{
					Type: enum, Use: transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"gold": "basic", "silver": "gold", "basic": "silver"}, "otherwise": "stop"}},
					In: "gold", Out: "basic",
				},
			},
		},
		Scalar: planMap,
	}
}

func planMap(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
	m := mapping{typ: c.Type, entries: map[string]string{}}
	hasDefault := a.Given("default")
	hasOtherwise := a.Given("otherwise")
	switch {
	case hasDefault == hasOtherwise:
		a.Fail("default", "map needs default (a value) or otherwise (stop or redact) for values that are not listed")
	case hasDefault:
		text, err := literal.Of(c.Type, a.Value("default"))
		if err != nil {
			a.Fail("default", "%s", err)
		}
		m.otherwise = otherwise{text: text}
	case c.Type.Family == catalog.Enum && a.Value("otherwise") == "redact":
		a.Fail("otherwise", "cannot redact a label of an enum; use default")
	default:
		m.otherwise = readOtherwise(c, a)
	}
	distinct, readable := m.fill(c, a)
	t := transform.Traits{Unique: m.otherwise.stop && distinct == len(m.entries), Equality: true, Space: float64(max(distinct, 1)), Discloses: treatment.GeneralisedIf(!readable)}
	return treatment.ScalarPlan{Traits: t, Words: m.results, Build: func(transform.Keys) treatment.Scalar { return m.worker() }}, nil
}

// fill reads the dictionary. It returns the number of different results. The result readable is true if some result of
// the dictionary stands for only one value. Everybody who has the rules can then tell the value from the result.
func (m *mapping) fill(c transform.Column, a *treatment.Args) (distinct int, readable bool) {
	values, ok := a.Value("values").(map[string]any)
	if !ok || len(values) == 0 {
		a.Fail("values", "map needs a dictionary: values: {value: result}, or a file")
		return 0, true
	}
	var listed []string
	for from := range values {
		listed = append(listed, from)
	}
	slices.Sort(listed) // sorted, so that a rule always gives the same error
	spellings := map[[2]string]bool{}
	results := map[string]int{} // how many values have each result
	for i, from := range listed {
		text, err := literal.Typed(c.Type, from)
		if err != nil {
			a.Fail("values", "value %d in order of the alphabet %s", i+1, err)
			return 0, true
		}
		to, err := literal.Of(c.Type, values[from])
		if err != nil {
			a.Fail("values", "the result of value %d in order of the alphabet %s", i+1, err)
			return 0, true
		}
		key, result := m.canonical(text), m.canonical(to)
		if _, twice := m.entries[key]; twice || key == result {
			a.Fail("values", "value %d in order of the alphabet is %s", i+1, map[bool]string{true: "equal to another", false: "its own result; a value that may stay unchanged needs {keep: reason}"}[twice])
			return 0, true
		}
		m.entries[key] = to
		same := [2]string{result, spelling(c.Type.Family, from)}
		if !spellings[same] {
			spellings[same] = true
			results[result]++
		}
	}
	distinct = len(results)
	if !m.otherwise.stop {
		results[m.canonical(m.otherwise.text)] += 2 // the result of all values that are not listed
	}
	for _, values := range results {
		readable = readable || values == 1
	}
	return distinct, readable
}

// spelling returns the letters and digits of a text or of an enum's label, without case. A reader sees texts with the
// same spelling as one value. Values of other types stay unchanged.
func spelling(f catalog.Family, value string) string {
	if f != catalog.Text && f != catalog.Enum {
		return value
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, value)
	return cmp.Or(letters, value)
}

type mapping struct {
	typ       catalog.Type
	entries   map[string]string // results by the canonical form of the value
	otherwise otherwise
	canon     []byte // scratch memory
}

// worker returns a copy of m with its own scratch.
func (m *mapping) worker() *mapping {
	return &mapping{typ: m.typ, entries: m.entries, otherwise: m.otherwise}
}

// results returns the results of the dictionary, and of a value that is not listed.
func (m *mapping) results() []string {
	all := slices.Sorted(maps.Values(m.entries))
	if !m.otherwise.stop {
		all = append(all, m.otherwise.text)
	}
	return slices.Compact(all)
}

func (m *mapping) canonical(text string) string {
	return string(canon.Append(nil, &m.typ, []byte(text)))
}

func (m *mapping) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	m.canon = canon.Append(m.canon[:0], &m.typ, in)
	if to, listed := m.entries[string(m.canon)]; listed {
		return append(dst, to...), nil
	}
	if m.otherwise.stop {
		return dst, &transform.Error{Code: "not-listed", Text: "the value is not in the dictionary; list it, or state a default"}
	}
	return append(dst, m.otherwise.text...), nil
}
