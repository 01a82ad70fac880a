// Package doctor says what around a refresh is in order and what is not, with what to do about it. It looks at
// this machine: files and their rights, memory that could reach a disk, free space. It opens no connection, starts
// no program and changes nothing; what servers answer is told to it.
package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/masker-project/masker/pkg/report"
)

// Level says how bad a finding is.
type Level string

// The levels, from good to bad.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Problem Level = "problem"
)

// Finding is one thing that was looked at.
type Finding struct {
	Level Level  `json:"level"`
	Area  string `json:"area"`
	What  string `json:"what"`
	Fix   string `json:"fix,omitempty"`
}

// Sheet is everything that was looked at, in that order.
type Sheet struct{ Findings []Finding }

// OK notes what is in order.
func (s *Sheet) OK(area, format string, args ...any) {
	s.add(OK, area, "", format, args...)
}

// Warn notes what should be mended, and how.
func (s *Sheet) Warn(area, fix, format string, args ...any) {
	s.add(Warning, area, fix, format, args...)
}

// Problem notes what would stop a refresh or make it unsafe, and how to mend it.
func (s *Sheet) Problem(area, fix, format string, args ...any) {
	s.add(Problem, area, fix, format, args...)
}

func (s *Sheet) add(level Level, area, fix, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	s.Findings = append(s.Findings, Finding{level, area, report.Clean(what), report.Clean(fix)})
}

// Count is how many findings have a level.
func (s *Sheet) Count(level Level) (n int) {
	for _, f := range s.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// Text is the page for people.
func (s *Sheet) Text(w io.Writer) error {
	var b strings.Builder
	for _, f := range s.Findings {
		fmt.Fprintf(&b, "%-8s %-9s %s\n", f.Level, f.Area, f.What)
		if f.Fix != "" {
			fmt.Fprintf(&b, "%19sfix: %s\n", "", f.Fix)
		}
	}
	fmt.Fprintf(&b, "\n%d in order, %d to look at, %d to mend before a refresh\n", s.Count(OK), s.Count(Warning), s.Count(Problem))
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON is the page for machines.
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
