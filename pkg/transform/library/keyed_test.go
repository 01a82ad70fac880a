package library_test

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// C1: no treatment is an unkeyed hash. What a value becomes depends on the key for every treatment that tells values
// apart; the others are listed here one by one, and none of them is a function that could be tabulated to find a value again:
// they remove, cover, cut, round, or apply what the rule set itself spells out.
func TestC1AnotherKeyChangesEveryKeyedTreatment(t *testing.T) {
	const keys = 16
	unkeyed := []string{
		"keep", "null", "constant", "redact", "mask", "truncate",
		"generalize.number", "generalize.age", "generalize.date", "generalize.postcode", "generalize.ip", "generalize.geo",
		"regex", "map", "json", "hstore", "fields", "xml", "csv", "expr", "command",
		"fake.country", "fake.country_code", // of the examples' one locale: the same for every value
	}
	var same []string
	for _, spec := range library.All() {
		differs := false
		for _, e := range spec.Examples {
			r := exampleRow(t, e)
			for k := byte(1); k < keys && !differs; k++ {
				differs = under(t, 0, e, r) != under(t, k, e, r)
			}
		}
		if !differs {
			same = append(same, spec.Name)
		}
	}
	for _, name := range same {
		if !slices.Contains(unkeyed, name) {
			t.Errorf("%s gives the same result whatever the key: an unkeyed treatment of values", name)
		}
	}
	if len(library.All())-len(same) < 40 {
		t.Errorf("only %d treatments depend on the key: the test does not look", len(library.All())-len(same))
	}
}

// under is what an example becomes with one of many keys.
func under(t *testing.T, key byte, e transform.Example, r transform.Row) string {
	t.Helper()
	tr, err := library.Compile(transformtest.Column(e.Type), e.Use, transformtest.KeysFor(t, key, "example"))
	if err != nil {
		t.Fatalf("%s: %v", e.Use.Treatment, err)
	}
	out, _, err := tr.Append(nil, transform.Cell{Text: []byte(e.In)}, r)
	if err != nil {
		t.Fatalf("%s: %v", e.Use.Treatment, err)
	}
	return string(out)
}
