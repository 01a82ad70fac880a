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
		Short: "What two rule sets or plans decide differently, for whoever approves",
		Long: "Diff compares two plans (masker plan --format json, or the .plan.json that is approved) column by\n" +
			"column, or two rule sets without a schema: a YAML file, several joined by commas, or a folder of\n" +
			"them. Each change is weaker (more is disclosed, or may be), stronger, neutral, new or gone.\n" +
			"/dev/null stands for no rules at all. Markdown is safe to post as a comment, whatever tables are\n" +
			"called.\n\n" +
			"It ends with 0 whether something differs or not, and with 2 where a file cannot be read.",
		Example: "  masker diff base/rules rules --format markdown\n  masker diff rules/approvals/nightly-r7.plan.json plan.json",
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

// compareSides reads two sides and compares them.
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

// readSide reads what a side names: decisions, rules, or nothing.
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

// ruleFilesAt are the rule files a side of a comparison names.
func ruleFilesAt(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return strings.Split(name, ","), nil // reading them says what is wrong
	}
	var files []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		found, err := filepath.Glob(filepath.Join(globSafe(name), pattern))
		if err != nil {
			return nil, usage("%s cannot be listed", name)
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	if len(files) == 0 {
		return nil, usage("%s holds no rule files (*.yaml, *.yml)", name)
	}
	return files, nil
}

// globSafe takes a folder's name literally.
func globSafe(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// maxPlan bounds a plan's file.
const maxPlan = 256 << 20

// readDecisions reads decisions, or a plan as masker plan prints it, by what the file says it is.
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
