// Package review puts plans into words for whoever reviews them: what each column is and
// becomes (Inventory), what somebody should know or mend (Finding), and what is decided
// differently than before (Difference). Each is plain data; text, Markdown, JSON and SARIF
// are renderers of it.
//
// It opens nothing and asks no clock: whoever calls it says which day it is. It decides
// nothing either: what a finding means for a flow is pkg/guard's to say.
package review

import (
	"regexp"
	"strconv"

	"github.com/masker-project/masker/pkg/ruleset"
)

// place takes file:line:col apart, as a plan holds it; column and line may be missing.
var place = regexp.MustCompile(`(?s)^(.*?)(?::(\d+))?(?::(\d+))?$`)

// ParsePos reads a position as ruleset.Pos writes it.
func ParsePos(text string) ruleset.Pos {
	m := place.FindStringSubmatch(text)
	line, _ := strconv.Atoi(m[2]) // digits, or nothing and so 0
	col, _ := strconv.Atoi(m[3])
	return ruleset.Pos{File: m[1], Line: line, Col: col}
}
