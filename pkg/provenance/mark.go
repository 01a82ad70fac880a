package provenance

import (
	"encoding/json"
	"strings"
	"time"
)

// State is what a marked database is to its target.
type State string

// The states.
const (
	Shadow    State = "shadow"    // being built; an orphan once its run is dead
	Published State = "published" // the target
	Previous  State = "previous"  // was the target until Run replaced it
)

// Mark is the line in a database's comment that says that masker made or replaced it. It proves nothing: a comment is
// copied by whoever may comment on a database of their own.
type Mark struct {
	State  State     `json:"state"`
	Target string    `json:"target"` // the name of the target database
	Run    string    `json:"run"`
	Ledger string    `json:"ledger,omitempty"`
	At     time.Time `json:"at"`
}

const markPrefix = "masker: "

// Line is the mark as it stands in a comment.
func (m Mark) Line() string {
	data, err := json.Marshal(m)
	if err != nil {
		panic("provenance: a mark is strings and a time and always marshals")
	}
	return markPrefix + string(data)
}

// In puts the mark above whatever else a database's comment says.
func (m Mark) In(comment string) string {
	lines := []string{m.Line()}
	for line := range strings.Lines(comment) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, markPrefix) && line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// ParseMark finds the mark in a database's comment. The first line that begins as a mark decides: where that is none,
// no later line is one.
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

// complete says whether a mark says all that one must, and nothing that no mark of masker's says: its words go into messages.
func (m Mark) complete() bool {
	const longestName, longestRun = 63, 40 // bytes; a run's ID is part of a database's name
	switch m.State {
	case Shadow, Published, Previous:
	default:
		return false
	}
	return m.Target != "" && len(m.Target) <= longestName && m.Run != "" && len(m.Run) <= longestRun &&
		strings.Trim(m.Run, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
