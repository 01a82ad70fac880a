package library_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// The examples are part of the reference of the treatments. Each treatment must give the result that its example
// states.
func TestExamplesOfTheLibrary(t *testing.T) {
	for _, spec := range library.All() {
		if len(spec.Examples) == 0 || spec.Summary == "" || spec.Doc == "" || spec.Discloses == "" {
			t.Errorf("%s is not documented", spec.Name)
		}
		for i, e := range spec.Examples {
			out, null, err := transformtest.Compile(t, e.Type, e.Use).Append(nil, transform.Cell{Text: []byte(e.In)}, exampleRow(t, e))
			if err != nil || null != e.Null || string(out) != e.Out {
				t.Errorf("%s, example %d: %q became %q (null %v, %v); the reference says %q (null %v)",
					spec.Name, i, e.In, out, null, err, e.Out, e.Null)
			}
			if e.Use.Treatment != spec.Name {
				t.Errorf("%s, example %d shows %s", spec.Name, i, e.Use.Treatment)
			}
		}
	}
}

// exampleRow returns the row that an example's treatment reads.
func exampleRow(t testing.TB, e transform.Example) transform.Row {
	t.Helper()
	traits, err := library.Check(transformtest.Column(e.Type), e.Use)
	if err != nil {
		t.Fatalf("%s: %v", e.Use.Treatment, err)
	}
	var cells transformtest.Siblings
	for _, need := range traits.Needs {
		text, ok := e.Row[need]
		switch {
		case ok:
			cells = append(cells, []byte(text))
		case need == e.Use.Subject:
			cells = append(cells, []byte(e.Subject))
		default:
			cells = append(cells, nil)
		}
	}
	return cells
}

func TestLibraryNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range library.All() {
		if seen[s.Name] || s.Name != strings.ToLower(s.Name) {
			t.Errorf("%q is taken or not lower-case", s.Name)
		}
		seen[s.Name] = true
	}
}
