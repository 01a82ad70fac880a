package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
)

// The codes of remarks that are not a finding's.
const (
	remarkConfig    = "configuration-problem"
	remarkRules     = "rules-problem"
	remarkUndecided = "undecided-column"
	remarkObjects   = "undecided-objects"
	remarkRefused   = "refused-by-policy"
	remarkFailed    = "check-failed"
)

// remark is one thing check has to say, for machines.
type remark struct {
	Code   string  `json:"code"`
	Level  string  `json:"level"` // "error", "warning", "note"
	Text   string  `json:"text"`
	Flow   string  `json:"flow,omitempty"`
	File   string  `json:"file,omitempty"` // as masker names it; a pack's is none
	Line   int     `json:"line,omitempty"`
	Column int     `json:"column,omitempty"`
	Waiver *excuse `json:"waived,omitempty"`
}

// excuse says who let a finding pass.
type excuse struct {
	Owner string `json:"owner"`
	Why   string `json:"why"`
	Until string `json:"until"`
}

// remarks is what a check found, in the order of the flows.
type remarks struct{ list []remark }

func (k *remarks) add(r remark, pos string) {
	r.Text = report.Clean(r.Text)
	r.File, r.Line, r.Column = splitPos(pos)
	k.list = append(k.list, r)
}

// failed says that something is at fault, and not only remarked on.
func (k *remarks) failed() bool {
	for _, r := range k.list {
		if r.Level == "error" {
			return true
		}
	}
	return false
}

// findings takes what Waive sorted; strict makes open ones errors.
func (k *remarks) findings(flow string, strict bool, open []plan.Finding, done []plan.Waived, stale []plan.Finding) {
	level := "warning"
	if strict {
		level = "error"
	}
	for _, f := range append(open, stale...) {
		k.add(remark{Code: f.Code, Level: level, Text: f.Text, Flow: flow}, f.Pos)
	}
	for _, w := range done {
		k.add(remark{Code: w.Code, Level: "note", Text: w.Text, Flow: flow, Waiver: &excuse{w.Owner, w.Why, w.Until}}, w.Pos)
	}
}

// findings tells a plan's findings, open and waived, and counts those that refuse the flow.
func (a *app) findings(c *config, flow string, p *plan.Plan, found *remarks) {
	open, done, stale := plan.Waive(p, p.Waivers, now())
	strict := c.Flows[flow].Findings == "refuse"
	found.findings(flow, strict, open, done, stale)
	for _, f := range append(open, stale...) {
		fmt.Fprintf(a.err, "flow %s: note: %s: %s\n", flow, f.Code, report.Clean(f.String()))
	}
	for _, w := range done {
		fmt.Fprintf(a.err, "flow %s: waived until %s by %s: %s: %s\n", flow, w.Until, report.Clean(w.Owner), w.Code, report.Clean(w.Finding.String()))
	}
}

// fault takes an error apart into its places.
func (k *remarks) fault(flow string, err error) {
	var problems ruleset.Problems
	var invalid *plan.Invalid
	var undecided *plan.Undecided
	var refused *guard.Refused
	known := false
	if errors.As(err, &invalid) {
		problems = invalid.Problems
	}
	if problems != nil || errors.As(err, &problems) {
		known = true
		for _, p := range problems {
			k.add(remark{Code: remarkRules, Level: "error", Text: p.Text, Flow: flow}, p.Pos.String())
		}
	}
	if errors.As(err, &undecided) {
		known = true
		k.undecided(flow, undecided)
	}
	switch {
	case known:
	case errors.As(err, &refused):
		k.add(remark{Code: remarkRefused, Level: "error", Text: err.Error(), Flow: flow}, "")
	case exitCode(err) == exitRefused:
		k.lines(remarkRefused, flow, err)
	case exitCode(err) == exitUsage:
		k.lines(remarkConfig, flow, err)
	default:
		k.lines(remarkFailed, flow, err)
	}
}

// undecided puts each column where its decision would be added.
func (k *remarks) undecided(flow string, u *plan.Undecided) {
	pos := ""
	if len(u.Edits) > 0 {
		pos = u.Edits[0].File
	}
	for _, c := range u.Columns {
		at := pos
		for _, e := range u.Edits {
			if strings.HasPrefix(e.Under, c.Table.String()) && e.Line > 0 {
				at = e.File + ":" + strconv.Itoa(e.Line)
				break
			}
		}
		text := c.Table.String() + "." + catalog.Quote(c.Column) + " (" + c.Type + ") has no decision"
		k.add(remark{Code: remarkUndecided, Level: "error", Text: text, Flow: flow}, at)
	}
	for _, o := range u.Objects {
		k.add(remark{Code: remarkObjects, Level: "error", Text: o.Kind + ": " + strings.Join(o.Names, ", ") + " have no decision", Flow: flow}, pos)
	}
}

// lines takes an error that is one problem a line, each with its place or without; an excerpt belongs
// to the line above it.
func (k *remarks) lines(code, flow string, err error) {
	for _, line := range strings.Split(movement.Words(err), "\n") {
		switch pos, text, found := placed(line); {
		case found:
			k.add(remark{Code: code, Level: "error", Text: text, Flow: flow}, pos)
		case strings.TrimSpace(line) != "" && !strings.HasPrefix(line, " "):
			k.add(remark{Code: code, Level: "error", Text: line, Flow: flow}, "")
		}
	}
}

// placed splits "file:line:col: text".
func placed(line string) (pos, text string, found bool) {
	m := regexp.MustCompile(`^([^ ].*?:\d+(?::\d+)?): (.*)$`).FindStringSubmatch(line)
	if m == nil {
		return "", line, false
	}
	return m[1], m[2], true
}

// splitPos takes file:line:col apart; column and line may be missing.
func splitPos(pos string) (file string, line, column int) {
	m := regexp.MustCompile(`(?s)^(.*?)(?::(\d+))?(?::(\d+))?$`).FindStringSubmatch(pos)
	line, _ = strconv.Atoi(m[2]) // digits, or nothing and so 0
	column, _ = strconv.Atoi(m[3])
	return m[1], line, column
}

// write renders remarks for machines.
func (k *remarks) write(w io.Writer, format, config string) error {
	var shown any
	if format == "sarif" {
		root, err := repository()
		if err != nil {
			return err
		}
		shown = k.sarif(root, config)
	} else {
		shown = struct {
			InOrder bool     `json:"in_order"`
			Remarks []remark `json:"remarks"`
		}{!k.failed(), append([]remark{}, k.list...)}
	}
	data, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(report.ASCII(data), '\n'))
	return err
}

// repository is the folder that places are relative to: the nearest one upwards with a .git, else this one.
func repository() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return here, nil
		}
	}
}
