// Package review describes plans to reviewers. An Inventory says what each column is and becomes. A Finding is
// something that a reviewer should look at or that somebody has to correct. A Difference is a decision that
// changed. All three are plain data, and functions render them as text, Markdown, JSON and SARIF.
//
// The package opens no files and reads no clock: the caller passes the day. It does not decide whether a
// flow may run with a finding. Package guard does.
package review

import (
	"regexp"
	"strconv"

	"github.com/masker-project/masker/pkg/ruleset"
)

// posPattern matches file:line:col. Line and column may be missing.
var posPattern = regexp.MustCompile(`(?s)^(.*?)(?::(\d+))?(?::(\d+))?$`)

// ParsePos reads a position that ruleset.Pos.String wrote.
func ParsePos(text string) ruleset.Pos {
	m := posPattern.FindStringSubmatch(text)
	line, _ := strconv.Atoi(m[2]) // only digits, or "", which gives 0
	col, _ := strconv.Atoi(m[3])
	return ruleset.Pos{File: m[1], Line: line, Col: col}
}
