package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
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
			d, err := compareSides(args[0], args[1])
			if err != nil {
				return err
			}
			return d.show(a.out, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "`text|json|markdown`")
	return c
}

// difference is what diff shows.
type difference struct {
	What    string        `json:"compared"` // "plans", "rules"
	Changes []plan.Change `json:"changes"`
}

// side is one of the two things compared: exactly one of decisions and rules, or neither for nothing.
type side struct {
	decisions *plan.Decisions
	rules     *ruleset.Set
}

func compareSides(old, now string) (*difference, error) {
	a, err := readSide(old)
	if err != nil {
		return nil, err
	}
	b, err := readSide(now)
	if err != nil {
		return nil, err
	}
	d := &difference{}
	switch {
	case (a.rules != nil || b.rules != nil) && a.decisions == nil && b.decisions == nil:
		d.What, d.Changes = "rules", plan.DiffRules(orNoRules(a.rules), orNoRules(b.rules))
	case (a.decisions != nil || b.decisions != nil) && a.rules == nil && b.rules == nil:
		d.What, d.Changes = "plans", plan.Diff(orNoDecisions(a.decisions, b.decisions), orNoDecisions(b.decisions, a.decisions))
	case a.rules == nil && b.rules == nil:
		return nil, usage("both sides are %s; give a plan or rules on one of them", os.DevNull)
	default:
		return nil, usage("%s and %s: a plan and rules cannot be compared; make a plan of the rules first (masker plan --format json)", old, now)
	}
	d.Changes = plan.WeakerFirst(d.Changes)
	return d, nil
}

func orNoRules(s *ruleset.Set) *ruleset.Set {
	if s == nil {
		return &ruleset.Set{}
	}
	return s
}

// orNoDecisions is a plan of nothing, made as the other one was.
func orNoDecisions(d, other *plan.Decisions) plan.Decisions {
	if d == nil {
		return plan.Decisions{
			Version: other.Version, Library: other.Library, TargetKind: other.TargetKind,
			Tables: []plan.DecidedTable{}, Objects: []plan.DecidedObject{}, Hooks: []string{}, Waivers: []plan.DecidedWaiver{},
		}
	}
	return *d
}

func readSide(name string) (side, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case name == os.DevNull:
		return side{}, nil
	case ext == ".json":
		d, err := readDecisions(name)
		return side{decisions: d}, err
	}
	files, err := ruleFilesAt(name)
	if err != nil {
		return side{}, err
	}
	set, err := loadRules(files)
	return side{rules: set}, err
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
	var head struct {
		Digest *string `json:"digest"`
	}
	if err := json.Unmarshal(data, &head); err == nil && head.Digest != nil {
		return planDecisions(name, data, *head.Digest)
	}
	d, err := plan.ParseDecisions(data)
	if err != nil {
		return nil, usage("%s: %w", name, err)
	}
	return &d, nil
}

// planDecisions reads a plan; its digest says whether it means today what it meant when it was made.
func planDecisions(name string, data []byte, digest string) (*plan.Decisions, error) {
	var shown shownPlan
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&shown); err != nil || dec.More() || shown.Plan == nil {
		return nil, usage("%s is no plan as masker plan --format json prints it", name)
	}
	d := shown.Plan.Decisions()
	if d.Digest() != digest {
		return nil, usage("%s: its digest is not that of what it says; it was changed, or made by another version of masker: make it again", name)
	}
	return &d, nil
}

func (d *difference) show(w io.Writer, format string) error {
	var out []byte
	switch format {
	case "json":
		data, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			return err
		}
		out = append(report.ASCII(data), '\n')
	case "markdown":
		out = d.markdown()
	default:
		out = d.text()
	}
	_, err := w.Write(out)
	return err
}

// counted is "3 changes: 1 weaker, 2 new".
func (d *difference) counted() string {
	if len(d.Changes) == 0 {
		return "no decision differs"
	}
	text := fmt.Sprintf("%d changes", len(d.Changes))
	if len(d.Changes) == 1 {
		text = "1 change"
	}
	sep := ": "
	for _, e := range []plan.Effect{plan.Weaker, plan.New, plan.Gone, plan.Neutral, plan.Stronger} {
		n := 0
		for _, c := range d.Changes {
			if c.Effect == e {
				n++
			}
		}
		if n > 0 {
			text += fmt.Sprintf("%s%d %s", sep, n, e)
			sep = ", "
		}
	}
	return text
}

func (d *difference) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %s\n", d.What, d.counted())
	for _, c := range d.Changes {
		fmt.Fprintf(&b, "  %-8s  %s: %s\n", c.Effect, report.Clean(c.Where), report.Clean(c.Text))
	}
	return b.Bytes()
}

// maxComment keeps the comment below what hosts take (65,536 characters at GitHub).
const maxComment = 60_000

// markdown is a list whose entries are code: nothing in a name or a text is a mention, a link, markup or
// the end of a cell there.
func (d *difference) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "### masker: what the %s decide differently\n\n%s\n\n", d.What, strings.ToUpper(d.counted()[:1])+d.counted()[1:]+".")
	for i, c := range d.Changes {
		line := fmt.Sprintf("- **%s** %s: %s\n", c.Effect, literal(c.Where), literal(c.Text))
		if b.Len()+len(line) > maxComment {
			fmt.Fprintf(&b, "\n%d more changes do not fit here; run `masker diff` to see them.\n", len(d.Changes)-i)
			break
		}
		b.WriteString(line)
	}
	return b.Bytes()
}

// literal is text as a code span, fenced by more backticks than are in it.
func literal(text string) string {
	text = report.Clean(text)
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if longest > 0 || strings.TrimSpace(text) != text || text == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}
