package provenance

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// State is the state of a marked database.
type State string

// The states.
const (
	Shadow    State = "shadow"    // the database is being built. If its run is dead, nobody needs the database any more
	Published State = "published" // the database is the target
	Previous  State = "previous"  // the database was the target until Run replaced it
	Template  State = "template"  // the database is a closed copy of the target's shadow, for branches
	Branching State = "branching" // the database is a branch that is being made. If its maker is dead, nobody needs the database any more
	Branch    State = "branch"    // the database is a branch of the target
)

// Mark is the line in a database's comment that says that masker made or replaced the database. A mark proves nothing,
// because anybody can write it into the comment of their own database.
type Mark struct {
	State  State     `json:"state"`
	Target string    `json:"target"` // the name of the target database
	Run    string    `json:"run"`
	Ledger string    `json:"ledger,omitempty"`
	At     time.Time `json:"at"`
}

const markPrefix = "masker: "

// Line returns the mark as a line of a comment.
func (m Mark) Line() string {
	data, err := json.Marshal(m)
	if err != nil {
		panic("provenance: a mark is strings and a time and always marshals")
	}
	return markPrefix + string(data)
}

// In returns a database's comment with this mark as its first line. It removes older marks and empty lines, and keeps
// the other lines.
func (m Mark) In(comment string) string {
	lines := []string{m.Line()}
	for line := range strings.Lines(comment) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, markPrefix) && line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// ParseMark finds the mark in a database's comment. It looks only at the first line that begins like a mark. If that
// line is not a valid mark, ParseMark returns false.
func ParseMark(comment string) (Mark, bool) {
	for line := range strings.Lines(comment) {
		rest, ok := strings.CutPrefix(line, markPrefix)
		if !ok {
			continue
		}
		var m Mark
		if json.Unmarshal([]byte(rest), &m) != nil || !m.complete() {
			return Mark{}, false
		}
		return m, true
	}
	return Mark{}, false
}

// complete reports whether every required field is set and has a value that masker could have written. The values are
// used in messages.
func (m Mark) complete() bool {
	const longestName, longestRun = 63, 40 // largest lengths in bytes. A run's identifier is part of a database's name
	switch m.State {
	case Shadow, Published, Previous, Template, Branching, Branch:
	default:
		return false
	}
	return m.Target != "" && len(m.Target) <= longestName && m.Run != "" && len(m.Run) <= longestRun &&
		strings.Trim(m.Run, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// TemplateName returns the name of the template from which the branches of a target are made. It returns an error if
// the name is too long for PostgreSQL.
func TemplateName(target string) (string, error) {
	const suffix, longest = "_masker_template", 63
	if len(target)+len(suffix) > longest {
		return "", fmt.Errorf("the name of database %s is too long for a template: at most %d bytes", target, longest-len(suffix))
	}
	return target + suffix, nil
}
