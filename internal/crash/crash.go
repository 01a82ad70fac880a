// Package crash tells where a panic began, and nothing else of it: the panic's value and the arguments in its stack may
// quote a row.
package crash

import "strings"

// Site is the file and line at which the panic of a stack began.
func Site(stack string) string {
	_, after, found := strings.Cut(stack, "panic(")
	if !found {
		after = stack
	}
	for line := range strings.Lines(after) {
		line = strings.TrimSpace(line)
		// Go's own files have no folder before runtime in a build with -trimpath.
		if i := strings.Index(line, ".go:"); i >= 0 && !strings.Contains("/"+line, "/runtime/") {
			site, _, _ := strings.Cut(line, " ")
			return site[strings.LastIndex(site[:i], "/")+1:]
		}
	}
	return "an unknown position"
}
