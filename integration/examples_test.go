package integration

import (
	"go/doc"
	"slices"
	"strings"
	"testing"
)

// withoutExample returns the packages that need no Example, and why.
func withoutExample() map[string]string {
	return map[string]string{
		"pkg/approval/sshkey":       "only masker sign and masker approve look for a key",
		"pkg/branch/postgres":       "it needs a server with a target; the Example of pkg/branch shows its interface",
		"pkg/discover/look":         "it needs a ledger; the Example of pkg/discover/survey shows what it does after the record",
		"pkg/doctor":                "only masker doctor checks the machine",
		"pkg/doctor/servers":        "it needs both servers, and only masker doctor uses it",
		"pkg/external":              "movement starts the programs of treatments; a Go program only fills in a Runner",
		"pkg/fixture/coverage":      "only pkg/fixture/create and the verbs ask what rows show",
		"pkg/fixture/create":        "it needs a sanitized database; masker fixture create uses it",
		"pkg/fixture/migrations":    "it starts a server; only masker fixture create --check uses it",
		"pkg/fixture/show":          "only masker fixture show prints reports",
		"pkg/metrics":               "only the command writes figures for monitoring",
		"pkg/movement":              "it needs a source and a target; its Example is in pkg/movement/postgres",
		"pkg/movement/verification": "it needs a source and a target; the Example of pkg/verify shows what it does with the rows",
		"pkg/program":               "only settings, keysource, external and notify look for programs",
		"pkg/pull":                  "it needs two servers; masker pull uses it",
		"pkg/sides":                 "it holds data of source and target, and their Examples show it",
		"pkg/tracing":               "only the command sends traces",
		"pkg/transform/sample":      "a Go program uses the treatment through pkg/transform/library, and refresh counts the values",
	}
}

// forGoPrograms reports whether other Go programs use a package: it is under pkg, not internal, and not for tests.
func forGoPrograms(pkg string) bool {
	return inside(pkg, "pkg") && !slices.Contains(strings.Split(pkg, "/"), "internal") && !strings.HasSuffix(pkg, "test")
}

// Every package that other Go programs use has an Example with an output.
func TestEveryPackageHasAnExample(t *testing.T) {
	shows := map[string]bool{} // by package, whether it has an Example
	for _, f := range goFiles(t) {
		if !forGoPrograms(f.pkg) {
			continue
		}
		shows[f.pkg] = shows[f.pkg] || f.test && slices.ContainsFunc(doc.Examples(f.file), func(e *doc.Example) bool { return e.Output != "" })
	}
	excepted := withoutExample()
	for pkg, has := range shows {
		if why, ok := excepted[pkg]; ok && has {
			t.Errorf("%s has an Example; remove it from the exceptions (%s)", pkg, why)
		} else if !ok && !has {
			t.Errorf("%s has no Example with an output; write one that shows how a Go program uses it, or add the reason to the exceptions", pkg)
		}
	}
	for pkg := range excepted {
		if _, there := shows[pkg]; !there {
			t.Errorf("there is no package %s; remove it from the exceptions", pkg)
		}
	}
}
