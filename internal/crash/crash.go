// Package crash says where a panic began. It says nothing else about the panic, because the panic's value and the
// arguments in its stack may quote a row.
package crash

import "strings"

// Site returns the file and line where a panic began. stack is the text of debug.Stack.
func Site(stack string) string {
	_, after, found := strings.Cut(stack, "panic(")
	if !found {
		after = stack
	}
	for line := range strings.Lines(after) {
		line = strings.TrimSpace(line)
		// In a build with -trimpath, paths of Go's own files begin with runtime/.
		if i := strings.Index(line, ".go:"); i >= 0 && !strings.Contains("/"+line, "/runtime/") {
			site, _, _ := strings.Cut(line, " ")
			return site[strings.LastIndex(site[:i], "/")+1:]
		}
	}
	return "an unknown position"
}
