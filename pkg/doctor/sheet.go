// Package doctor collects findings about what a refresh needs, each with a fix. It checks this machine: files and their
// permissions, memory that can reach a disk, and free space. It opens no connection, starts no program and changes nothing.
// The package servers adds findings about the servers.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/pkg/report"
)

// Level is the severity of a finding.
type Level string

// The levels, from good to bad.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Finding is the result of one check.
type Finding struct {
	Level Level  `json:"level"`
	Area  string `json:"area"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"`
}

// Sheet has the findings in the order of the checks.
type Sheet struct{ Findings []Finding }

// OK adds a finding that something is in order.
func (s *Sheet) OK(area, format string, args ...any) {
	s.add(OK, area, "", format, args...)
}

// Warn adds a finding about something that should be corrected. The argument fix says how.
func (s *Sheet) Warn(area, fix, format string, args ...any) {
	s.add(Warning, area, fix, format, args...)
}

// Problem adds a finding about something that would stop a refresh or make it unsafe. The argument fix says how to
// correct it.
func (s *Sheet) Problem(area, fix, format string, args ...any) {
	s.add(Problem, area, fix, format, args...)
}

func (s *Sheet) add(level Level, area, fix, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	s.Findings = append(s.Findings, Finding{level, area, report.Clean(what), report.Clean(fix)})
}

// Count returns the number of findings of a level.
func (s *Sheet) Count(level Level) (n int) {
	for _, f := range s.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// Text writes the findings as text for people.
func (s *Sheet) Text(w io.Writer) error {
	var b strings.Builder
	for _, f := range s.Findings {
		fmt.Fprintf(&b, "%-8s %-9s %s\n", f.Level, f.Area, f.What)
		if f.Fix != "" {
			fmt.Fprintf(&b, "%19sfix: %s\n", "", f.Fix)
		}
	}
	fmt.Fprintf(&b, "\n%d in order, %d to look at, %d to correct before a refresh\n", s.Count(OK), s.Count(Warning), s.Count(Problem))
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes the findings as JSON for programs.
func (s *Sheet) JSON(w io.Writer) error {
	data, err := json.MarshalIndent(struct {
		Healthy  bool      `json:"healthy"`
		Findings []Finding `json:"findings"`
	}{s.Count(Problem) == 0, append([]Finding{}, s.Findings...)}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(report.ASCII(data), '\n'))
	return err
}
