package target

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// maxIdent is the longest identifier PostgreSQL keeps, in bytes (NAMEDATALEN - 1).
const maxIdent = 63

// The states a marked database can be in.
const (
	stateShadow    = "shadow"    // being built; an orphan once its run is dead
	statePublished = "published" // the target
	statePrevious  = "previous"  // was the target until Run replaced it
)

// marker is the line in a database's comment that says masker made or replaced it.
type marker struct {
	State  string    `json:"state"`
	Target string    `json:"target"`
	Run    string    `json:"run"`
	Ledger string    `json:"ledger,omitempty"`
	At     time.Time `json:"at"`
}

const markerPrefix = "masker: "

func (m marker) line() string {
	data, err := json.Marshal(m)
	if err != nil {
		panic("target: a marker is strings and a time and always marshals")
	}
	return markerPrefix + string(data)
}

// in puts the marker above whatever else a database's comment says.
func (m marker) in(comment string) string {
	lines := []string{m.line()}
	for line := range strings.Lines(comment) {
		if line = strings.TrimRight(line, "\n"); !strings.HasPrefix(line, markerPrefix) && line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// parseMarker finds the marker in a database's comment.
func parseMarker(comment string) (marker, bool) {
	for line := range strings.Lines(comment) {
		rest, ok := strings.CutPrefix(line, markerPrefix)
		if !ok {
			continue
		}
		var m marker
		if json.Unmarshal([]byte(rest), &m) != nil || m.State == "" || m.Target == "" || m.Run == "" {
			return marker{}, false
		}
		return m, true
	}
	return marker{}, false
}

// derivedName is target + infix + run within PostgreSQL's 63 bytes. A long target is cut, never the
// run: the run keeps names of different refreshes apart, and the marker says the target in full.
func derivedName(target, infix, run string) (string, error) {
	room := maxIdent - len(infix) - len(run)
	if run == "" || room < 1 {
		return "", errors.New("the run's id does not fit a database name; want 1 to 40 bytes")
	}
	return truncate(target, room) + infix + run, nil
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

const (
	shadowInfix   = "_masker_"
	previousInfix = "_previous_"
)

// ShadowName is the name of the database a run builds for a target; the ledger's start record
// names it, so that recovery knows it even where the run died before marking it.
func ShadowName(target, run string) (string, error) { return derivedName(target, shadowInfix, run) }

// runOf is the inverse of ShadowName for one target: the run a database name claims.
func runOf(target, database string) (run string, ok bool) {
	for i := 1; i < len(database); i++ {
		if !strings.HasPrefix(database[i:], shadowInfix) {
			continue
		}
		run := database[i+len(shadowInfix):]
		if name, err := ShadowName(target, run); err == nil && name == database {
			return run, true
		}
	}
	return "", false
}

// Published is the run that made the target as it is, "" where no run did. It tells the ledger
// whether a run that died had published before.
func (p *Postgres) Published() string {
	if p.old == nil {
		return ""
	}
	m, ok := parseMarker(p.old.comment)
	if !ok || m.State != statePublished {
		return ""
	}
	return m.Run
}
