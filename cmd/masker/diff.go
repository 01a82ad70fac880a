package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
)

func (a *app) diff() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what two rule sets or two plans decide differently, for the approver",
		Long: "Diff compares two plans column by column, or two rule sets without a schema. A plan is the output of\n" +
			"masker plan --format json, or a .plan.json file of masker sign. A rule set is a YAML file, several YAML\n" +
			"files joined by commas, or a folder of YAML files. /dev/null means no rules.\n\n" +
			"Each change is weaker, stronger, neutral, new or gone. Weaker means that the new side discloses more,\n" +
			"or may disclose more. The Markdown output is safe to post as a comment, whatever the names of the\n" +
			"tables are.\n\n" +
			"The exit code is 0 with or without differences, and 2 if a file cannot be read.",
		Example: "  masker diff base/rules rules --format markdown\n  masker diff rules/approvals/nightly-r7.*.plan.json plan.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			c, err := compareSides(args[0], args[1])
			if err != nil {
				return err
			}
			return showComparison(a.out, c, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "`text|json|markdown`")
	return c
}

// compareSides compares the plans or the rule sets that two arguments of masker diff name.
func compareSides(old, now string) (review.Comparison, error) {
	a, err := readSide(old)
	if err != nil {
		return review.Comparison{}, err
	}
	b, err := readSide(now)
	if err != nil {
		return review.Comparison{}, err
	}
	if a.Empty() && b.Empty() {
		return review.Comparison{}, usage("both sides are %s; give a plan or rules on one of them", os.DevNull)
	}
	c, err := review.Compare(a, b)
	if err != nil {
		return c, usage("%s and %s: a plan and rules cannot be compared; make a plan of the rules first (masker plan --format json)", old, now)
	}
	return c, nil
}

func showComparison(w io.Writer, c review.Comparison, format string) error {
	switch format {
	case "json":
		return review.WriteComparisonJSON(w, c)
	case "markdown":
		return review.WriteComparisonMarkdown(w, c)
	}
	return review.WriteComparison(w, c)
}

// readSide reads an argument of masker diff: a plan, a rule set, or /dev/null.
func readSide(name string) (review.Side, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case name == os.DevNull:
		return review.Side{}, nil
	case ext == ".json":
		d, err := readDecisions(name)
		return review.Side{Decisions: d}, err
	}
	files, err := ruleFilesAt(name)
	if err != nil {
		return review.Side{}, err
	}
	set, err := loadRules(files)
	return review.Side{Rules: set}, err
}

// ruleFilesAt returns the rule files that an argument of masker diff names. The argument is a folder, or a list of
// files with commas.
func ruleFilesAt(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return strings.Split(name, ","), nil // the error for a missing file comes when the file is read
	}
	var files []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(escapeGlob(name), pattern))
		if err != nil {
			return nil, usage("%s cannot be listed", name)
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	if len(files) == 0 {
		return nil, usage("the folder %s holds no rule files (*.yaml, *.yml)", name)
	}
	return files, nil
}

// escapeGlob escapes a folder's name for filepath.Glob.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// maxPlan is the largest size of a plan's file in bytes.
const maxPlan = 256 << 20

// readDecisions reads a file of decisions, or the output of masker plan --format json. It decides by the content of the
// file.
func readDecisions(name string) (*plan.Decisions, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPlan+1))
	if err != nil {
		return nil, usage("%w", err)
	}
	if len(data) > maxPlan {
		return nil, usage("%s is larger than %d MiB", name, maxPlan>>20)
	}
	d, err := review.ParsePlan(name, data)
	if err != nil {
		return nil, usage("%w", err)
	}
	return &d, nil
}
