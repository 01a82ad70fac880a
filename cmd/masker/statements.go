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

// The files beside the rules. Their names say what they are for people; what counts is what they say, under whatever name.
const (
	planSuffix     = ".plan.json"
	authorSuffix   = ".author"
	approvalSuffix = ".approval"
)

// approvalFiles reads every statement of a folder, in the order of their names.
func approvalFiles(dir string) ([]approval.File, error) {
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

// everyStatement reads the statements beside each of a flow's rule files: which of them stands first decides where approvals
// are looked for, and is not to decide what was approved before.
func (c *config) everyStatement(f settings.Flow) ([]approval.File, error) {
	var all []approval.File
	for _, dir := range c.approvalDirs(f) {
		files, err := approvalFiles(dir)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			file.Name = report.Clean(filepath.Join(dir, file.Name)) // for people; whoever chose it may be nobody they trust
			all = append(all, file)
		}
	}
	return all, nil
}

// approvalDirs are the folders of approvals beside a flow's rule files, the flow's own first.
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
	errPlanGone  = errors.New("it is not there, or was changed")
	errPlanOlder = errors.New("another version of masker wrote it")
)

// keptPlan finds the decisions of that digest beside the rules. That they are the ones is what their digest says, not the name of the file.
func (c *config) keptPlan(f settings.Flow, digest string) (plan.Decisions, error) {
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

// keep writes a file whole, or not at all, and never over another one: what somebody approved stays what it was.
func keep(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := atomicfile.Create(path, data, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if old, err := os.ReadFile(path); err != nil || !bytes.Equal(old, data) {
		return &coded{exitRefused, fmt.Errorf("refused: %s exists and has another content; masker never overwrites it. Restore it from version control, or move it away, and run again", path)}
	}
	return nil
}

// shortDigest makes a name of its own for each content.
func shortDigest(data []byte) string {
	sum := sha256.Sum256(data)
	return short(hex.EncodeToString(sum[:]))
}

// short is enough of a digest for a file's name.
func short(digest string) string { return digest[:min(12, len(digest))] }
