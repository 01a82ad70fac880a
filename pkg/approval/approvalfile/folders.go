// Package approvalfile reads and writes the files of approvals, which are beside the rules: the statements of authors
// and approvers, the plans that the statements are about, and the texts of definitions. It also finds the earlier plan
// with which an approver compares a new plan.
//
// Package approval judges the statements. This package signs nothing, and does not decide whether a run is allowed.
package approvalfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/plan"
)

// The suffixes of the files beside the rules. The rest of a name is for people: masker judges the content of a file.
const (
	PlanSuffix     = ".plan.json"
	TextsSuffix    = ".definitions.json"
	AuthorSuffix   = ".author"
	ApprovalSuffix = ".approval"
)

var (
	// ErrPlanMissing says that no file has the plan with a digest.
	ErrPlanMissing = errors.New("it is missing, or was changed")
	// ErrPlanOlder says that a file has the plan, and that this version of masker cannot read it.
	ErrPlanOlder = errors.New("another version of masker wrote it")
)

// RefusedError says that the files or the ledger forbid to sign or to approve.
type RefusedError struct{ err error }

func (e *RefusedError) Error() string { return "refused: " + e.err.Error() }
func (e *RefusedError) Unwrap() error { return e.err }

func refuse(format string, args ...any) error { return &RefusedError{fmt.Errorf(format, args...)} }

// Statements reads all statements in a folder, in the order of their names. A folder that does not exist has none.
func Statements(dir string) ([]approval.File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the approvals: %w", err)
	}
	var files []approval.File
	for _, e := range entries {
		if !slices.Contains([]string{AuthorSuffix, ApprovalSuffix}, filepath.Ext(e.Name())) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("cannot read an approval: %w", err)
		}
		files = append(files, approval.File{Name: e.Name(), Data: data})
	}
	return files, nil
}

// Folders are the folders of approvals beside the rule files of a flow. A run looks for approvals only in the first.
// The methods read all folders, because earlier approvals are in another folder if the order of the rule files has
// changed.
type Folders []string

// Beside returns the folders beside the rule files. The folder that a run uses is first.
func Beside(first string, ruleFiles []string) Folders {
	dirs := Folders{first}
	for _, file := range ruleFiles {
		if dir := filepath.Join(filepath.Dir(file), "approvals"); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// Statements reads the statements in all folders. The name of a statement is its path, which is safe to print.
func (f Folders) Statements() ([]approval.File, error) {
	var all []approval.File
	for _, dir := range f {
		files, err := Statements(dir)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			file.Name = visible.Text(filepath.Join(dir, file.Name)) // anybody may have chosen the name
			all = append(all, file)
		}
	}
	return all, nil
}

// contents returns the contents of all files with that suffix. The names of the files do not matter. Files that cannot
// be read are left out.
func (f Folders) contents(suffix string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, dir := range f {
			entries, err := os.ReadDir(dir)
			if err != nil {
				continue
			}
			for _, e := range entries {
				if !strings.HasSuffix(e.Name(), suffix) {
					continue
				}
				if data, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil && !yield(data) {
					return
				}
			}
		}
	}
}

// Plan returns the decisions with that digest. The error is ErrPlanMissing or ErrPlanOlder.
func (f Folders) Plan(digest string) (plan.Decisions, error) {
	why := ErrPlanMissing
	for data := range f.contents(PlanSuffix) {
		d, err := plan.ParseDecisions(data)
		switch {
		case err == nil && d.Digest() == digest:
			return d, nil
		case err != nil && plan.FileDigest(data) == digest:
			why = ErrPlanOlder
		}
	}
	return plan.Decisions{}, why
}

// Definitions returns the definitions of a plan with their texts. Each text must match a digest of the plan. A missing
// text is an error.
func (f Folders) Definitions(decided plan.Decisions) ([]plan.Definition, error) {
	texts := map[string]string{}
	for data := range f.contents(TextsSuffix) {
		list, _ := plan.ParseDefinitions(data)
		for _, d := range list {
			texts[d.SHA256] = d.Text
		}
	}
	var all []plan.Definition
	for _, d := range decided.Definitions {
		whole := plan.Definition{DecidedDefinition: d, Text: texts[d.SHA256]}
		if !whole.Whole() {
			return nil, fmt.Errorf("the text of %s is missing beside the rules (…%s in %s), or was changed; restore the file, or run masker sign again", visible.Text(d.Label()), TextsSuffix, f[0])
		}
		all = append(all, whole)
	}
	return all, nil
}

// WriteOnce writes a file completely or not at all. It refuses to overwrite a file with other content, so that an
// approved file never changes.
func WriteOnce(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	err := atomicfile.Create(path, data, 0o644)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if old, err := os.ReadFile(path); err != nil || !bytes.Equal(old, data) {
		return refuse("%s exists with other content, and masker never overwrites it; restore it from version control or move it away, and run again", path)
	}
	return nil
}

// DigestOf returns the beginning of the SHA-256 of data, for a file's name.
func DigestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return Short(hex.EncodeToString(sum[:]))
}

// Short returns the first 12 characters of a digest, for a file's name.
func Short(digest string) string { return digest[:min(12, len(digest))] }
