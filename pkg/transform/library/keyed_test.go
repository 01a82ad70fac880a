package library_test

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Every treatment that maps different values to different results must depend on the key. No treatment may be a hash
// without a key. The test lists all treatments that do not depend on the key. They keep, remove, cover, cut or round
// values, or apply a rule of the rule set or a program.
func TestC1AnotherKeyChangesEveryKeyedTreatment(t *testing.T) {
	const keys = 16
	unkeyed := []string{
		"keep", "null", "constant", "redact", "mask", "truncate",
		"generalize.number", "generalize.age", "generalize.date", "generalize.postcode", "generalize.ip", "generalize.geo",
		"regex", "map", "json", "hstore", "fields", "xml", "csv", "expr", "command",
		"fake.country", "fake.country_code", // the examples have one locale, so every value gets the same result
	}
	var same []string
	for _, spec := range library.All() {
		differs := false
		for _, e := range spec.Examples {
			r := exampleRow(t, e)
			for k := byte(1); k < keys && !differs; k++ {
				differs = resultWithKey(t, 0, e, r) != resultWithKey(t, k, e, r)
			}
		}
		if !differs {
			same = append(same, spec.Name)
		}
	}
	for _, name := range same {
		if !slices.Contains(unkeyed, name) {
			t.Errorf("%s gives the same result with every key, so it is an unkeyed treatment", name)
		}
	}
	if len(library.All())-len(same) < 40 {
		t.Errorf("only %d treatments depend on the key: the test compares too few", len(library.All())-len(same))
	}
}

// resultWithKey returns the result of an example with one of 256 keys.
func resultWithKey(t *testing.T, key byte, e transform.Example, r transform.Row) string {
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
