package main

import (
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/review"
)

// findings is the list of a check's findings, in the order of the flows.
type findings struct{ list []review.Finding }

func (fs *findings) add(more ...review.Finding) { fs.list = append(fs.list, more...) }

// addError adds an error to the findings. A refusal by the guard is one finding. Any other error becomes one finding
// for each position or line in it.
func (fs *findings) addError(flow string, err error) {
	var refused *guard.Refused
	found := review.Faults(err)
	switch {
	case found != nil:
	case errors.As(err, &refused):
		found = []review.Finding{{Code: review.RefusedByPolicy, Level: review.Error, Text: err.Error()}}
	case exitCode(err) == exitRefused:
		found = errorLines(review.RefusedByPolicy, err)
	case exitCode(err) == exitUsage:
		found = errorLines(review.WrongConfig, err)
	default:
		found = errorLines(review.CheckFailed, err)
	}
	for i := range found {
		found[i].Flow = flow
	}
	fs.add(found...)
}

// errorLines returns a finding for each line of an error. A line may begin with a position. An indented line belongs to
// the line above it, and is left out.
func errorLines(code string, err error) []review.Finding {
	var out []review.Finding
	for _, line := range strings.Split(movement.Words(err), "\n") {
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, " ") {
			continue
		}
		f := review.Finding{Code: code, Level: review.Error, Text: line}
		if m := positioned.FindStringSubmatch(line); m != nil {
			f.At, f.Text = review.ParsePos(m[1]), m[2]
		}
		out = append(out, f)
	}
	return out
}

// positioned matches a line with a position: "file:line:col: text" or "file:line: text".
var positioned = regexp.MustCompile(`^([^ ].*?:\d+(?::\d+)?): (.*)$`)

// write writes the findings as JSON or SARIF.
func (fs *findings) write(w io.Writer, format, config string) error {
	if format != "sarif" {
		return review.WriteFindingsJSON(w, fs.list)
	}
	root, err := repositoryRoot()
	if err != nil {
		return err
	}
	version := ""
	if v, release := strings.CutPrefix(buildVersion(), "v"); release {
		version = v
	}
	return review.WriteFindingsSARIF(w, fs.list, review.SARIF{
		Version: version, Config: filepath.ToSlash(config),
		Address: func(file string) (string, bool) { return relativeTo(root, file) },
	})
}
