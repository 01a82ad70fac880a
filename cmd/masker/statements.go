package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
)

// The suffixes of the files beside the rules. Names are for people: masker judges the content of a file, not its name.
const (
	planSuffix     = ".plan.json"
	textsSuffix    = ".definitions.json"
	authorSuffix   = ".author"
	approvalSuffix = ".approval"
)

// readStatements reads all statements in a folder, in the order of their names.
func readStatements(dir string) ([]approval.File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, usage("cannot read the approvals: %w", err)
	}
	var files []approval.File
	for _, e := range entries {
		if !slices.Contains([]string{authorSuffix, approvalSuffix}, filepath.Ext(e.Name())) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, usage("cannot read an approval: %w", err)
		}
		files = append(files, approval.File{Name: e.Name(), Data: data})
	}
	return files, nil
}

// allStatements reads the statements beside every rule file of a flow. A run looks for approvals only in the folder of the first
// rule file. If the order of the rule files changes, earlier approvals are in another folder. So this function reads all folders.
func (c *config) allStatements(f settings.Flow) ([]approval.File, error) {
	var all []approval.File
	for _, dir := range c.approvalDirs(f) {
		files, err := readStatements(dir)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			file.Name = report.Clean(filepath.Join(dir, file.Name)) // messages show the name, and anybody may have chosen it
			all = append(all, file)
		}
	}
	return all, nil
}

// approvalDirs returns the folders of approvals beside a flow's rule files. The folder that a run uses comes first.
func (c *config) approvalDirs(f settings.Flow) []string {
	dirs := []string{c.ApprovalsDir(f)}
	for _, file := range c.RuleFiles(f) {
		if dir := filepath.Join(filepath.Dir(file), "approvals"); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

var (
	errPlanGone  = errors.New("it is missing, or was changed")
	errPlanOlder = errors.New("another version of masker wrote it")
)

// findPlan returns the decisions with that digest from the files beside the rules. The name of a file does not matter.
// The error is errPlanGone if there is no such file, and errPlanOlder if this version of masker cannot read it.
func (c *config) findPlan(f settings.Flow, digest string) (plan.Decisions, error) {
	why := errPlanGone
	for _, dir := range c.approvalDirs(f) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), planSuffix) {
				continue
			}
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				continue
			}
			d, err := plan.ParseDecisions(data)
			switch {
			case err == nil && d.Digest() == digest:
				return d, nil
			case err != nil && plan.FileDigest(data) == digest:
				why = errPlanOlder
			}
		}
	}
	return plan.Decisions{}, why
}

// findTexts returns the definitions of a plan with their texts, which it reads from the files beside the rules. Each
// text must match a digest of the plan. So the name of a file does not matter, and findTexts ignores files that it
// cannot read.
func (c *config) findTexts(f settings.Flow, decided plan.Decisions) ([]plan.Definition, error) {
	texts := map[string]string{}
	for _, dir := range c.approvalDirs(f) {
		files, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+textsSuffix))
		if err != nil {
			return nil, usage("cannot read the definitions: %w", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			list, _ := plan.ParseDefinitions(data)
			for _, d := range list {
				texts[d.SHA256] = d.Text
			}
		}
	}
	var all []plan.Definition
	for _, d := range decided.Definitions {
		whole := plan.Definition{DecidedDefinition: d, Text: texts[d.SHA256]}
		if !whole.Whole() {
			return nil, usage("the text of %s is missing beside the rules (…%s in %s), or was changed; restore the file, or run masker sign again", report.Clean(d.Label()), textsSuffix, c.ApprovalsDir(f))
		}
		all = append(all, whole)
	}
	return all, nil
}

// writeOnce writes a file completely or not at all. It refuses to overwrite a file with other content, so that an
// approved file never changes.
func writeOnce(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := atomicfile.Create(path, data, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if old, err := os.ReadFile(path); err != nil || !bytes.Equal(old, data) {
		return &coded{exitRefused, fmt.Errorf("refused: %s exists with other content, and masker never overwrites it; restore it from version control or move it away, and run again", path)}
	}
	return nil
}

// shortDigest returns the beginning of the SHA-256 of data, for a file's name.
func shortDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return short(hex.EncodeToString(sum[:]))
}

// short returns the first 12 characters of a digest.
func short(digest string) string { return digest[:min(12, len(digest))] }
