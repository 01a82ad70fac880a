package integration

import (
	"go/doc"
	"slices"
	"strings"
	"testing"
)

// withoutExample are the packages that need no Example, and why.
func withoutExample() map[string]string {
	return map[string]string{
		"pkg/doctor":           "only masker doctor looks at the machine it runs on",
		"pkg/doctor/servers":   "it needs both servers, and only masker doctor asks them",
		"pkg/external":         "movement starts the programs of treatments: a Go program fills in a Runner and no more",
		"pkg/metrics":          "only the command gives figures to monitoring",
		"pkg/movement":         "it needs a source and a target: its Example is in pkg/movement/postgres",
		"pkg/program":          "only settings, keysource, external and notify look for programs",
		"pkg/sides":            "it is plain data of source and target, and their Examples show it",
		"pkg/tracing":          "only the command sends traces",
		"pkg/transform/sample": "a Go program finds its treatment in pkg/transform/library, and refresh counts for it",
	}
}

// forGoPrograms are the packages under pkg that are neither internal nor for tests.
func forGoPrograms(pkg string) bool {
	return inside(pkg, "pkg") && !slices.Contains(strings.Split(pkg, "/"), "internal") && !strings.HasSuffix(pkg, "test")
}

// TestEveryPackageShowsHowItIsUsed looks for an Example with an output in each package that other Go programs use.
func TestEveryPackageShowsHowItIsUsed(t *testing.T) {
	shows := map[string]bool{} // by package
	for _, f := range goFiles(t) {
		if !forGoPrograms(f.pkg) {
			continue
		}
		shows[f.pkg] = shows[f.pkg] || f.test && slices.ContainsFunc(doc.Examples(f.file), func(e *doc.Example) bool { return e.Output != "" })
	}
	excepted := withoutExample()
	for pkg, has := range shows {
		if why, ok := excepted[pkg]; ok && has {
			t.Errorf("%s has an Example: take it out of the exceptions (%s)", pkg, why)
		} else if !ok && !has {
			t.Errorf("%s has no Example with an output: show in one how a Go program uses it, or say in the exceptions why not", pkg)
		}
	}
	for pkg := range excepted {
		if _, there := shows[pkg]; !there {
			t.Errorf("there is no package %s: take it out of the exceptions", pkg)
		}
	}
}
