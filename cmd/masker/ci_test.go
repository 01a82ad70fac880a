package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rhysd/actionlint"
	"github.com/spf13/cobra"
)

const (
	githubCI = "../../examples/ci/github.yml"
	gitlabCI = "../../examples/ci/gitlab-ci.yml"
)

// linted returns what a linter finds in a workflow of GitHub.
func linted(t *testing.T, name string, data []byte) []*actionlint.Error {
	t.Helper()
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	problems, err := linter.Lint(name, data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// A linter for workflows of GitHub finds no mistake in the workflow of the guide for pull requests.
func TestTheWorkflowOfTheGuideIsLinted(t *testing.T) {
	block := regexp.MustCompile("(?s)```yaml\n(name: database.*?)```").FindSubmatch(fileOf(t, "../../docs/pull-requests.md"))
	if block == nil {
		t.Fatal("the guide has no workflow")
	}
	for _, p := range linted(t, "pull-requests.md", block[1]) {
		if !strings.Contains(p.Message, "is unknown") || !strings.Contains(p.Message, "label") { // labels of the reader's own runners, which the linter does not know
			t.Error(p)
		}
	}
}

func TestTheGitHubExampleIsLinted(t *testing.T) {
	data := fileOf(t, githubCI)
	for _, p := range linted(t, githubCI, data) {
		t.Error(p)
	}
	for _, m := range []mutation{
		{"runs-on: ubuntu-24.04", "runs-in: ubuntu-24.04"},
		{"runs-on: ubuntu-24.04", "runs-on: ubuntu-2404"},
		{"pull_request:", "pull_requests:"},
		{"security-events: write", "security-event: write"},
		{"contents: read", "contents: reads"},
		{"steps.check.outcome", "steps.chek.outcome"},
		{"steps.check.outcome", "steps.check.outcom"},
		{"github.event.pull_request.number", "github.evnt.pull_request.number"},
		{"!cancelled()", "!canceled()"},
		{"!= 'skipped' }}", "!= 'skipped }}"},
		{"- *masker", "- *maskers"},
	} {
		broken := bytes.Replace(data, []byte(m.old), []byte(m.new), 1)
		if bytes.Equal(broken, data) || len(linted(t, "broken", broken)) == 0 {
			t.Errorf("the linter finds nothing if %q is replaced with %q", m.old, m.new)
		}
	}
}

func fileOf(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// scripts returns the shell scripts of a pipeline: every `run` of GitHub, and every list of script lines of GitLab.
func scripts(v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			switch lines, list := e.([]any); {
			case key == "run":
				if text, ok := e.(string); ok {
					out = append(out, text)
				}
			case list && (key == "script" || key == "before_script" || key == "after_script"):
				var all []string
				for _, l := range lines {
					if text, ok := l.(string); ok {
						all = append(all, text)
					}
				}
				out = append(out, strings.Join(all, "\n"))
			default:
				out = append(out, scripts(e)...)
			}
		}
	case []any:
		for _, e := range v {
			out = append(out, scripts(e)...)
		}
	}
	return out
}

func pipeline(t *testing.T, name string) (map[string]any, []string) {
	t.Helper()
	var v map[string]any
	if err := yaml.UnmarshalWithOptions(fileOf(t, name), &v, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	found := scripts(v)
	if len(found) < 3 {
		t.Fatalf("%s: %d scripts", name, len(found))
	}
	return v, found
}

func TestTheGitLabExampleIsAPipeline(t *testing.T) {
	v, _ := pipeline(t, gitlabCI)
	for _, job := range []string{"masker:review", "masker:approved"} {
		def, ok := v[job].(map[string]any)
		if !ok {
			t.Fatalf("there is no job %s", job)
		}
		for key := range def {
			if !strings.Contains(" extends rules variables script artifacts ", " "+key+" ") {
				t.Errorf("%s: unknown key %s", job, key)
			}
		}
		if base, ok := def["extends"].(string); !ok || v[base] == nil || def["script"] == nil || def["rules"] == nil {
			t.Errorf("%s: %v", job, def)
		}
	}
}

func TestScriptsOfThePipelinesAreShell(t *testing.T) {
	for _, name := range []string{githubCI, gitlabCI} {
		_, found := pipeline(t, name)
		for _, text := range found {
			cmd := exec.CommandContext(t.Context(), "bash", "-n")
			cmd.Stdin = strings.NewReader(text)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s\n%s", name, out, text)
			}
		}
	}
}

// Every call of masker in the pipelines uses only verbs and flags that exist.
func TestPipelinesCallExistingVerbsAndFlags(t *testing.T) {
	for name, want := range map[string][]string{githubCI: {"check", "check", "diff", "diff"}, gitlabCI: {"check", "check", "diff", "diff"}} {
		_, found := pipeline(t, name)
		var verbs []string
		for _, text := range found {
			for line := range strings.Lines(text) {
				if words, ok := maskerLine(line); ok {
					verbs = append(verbs, parsedVerb(t, name, words))
				}
			}
		}
		if got := strings.Join(sortedWords(verbs), " "); got != strings.Join(want, " ") {
			t.Errorf("%s calls %s", name, got)
		}
		if bytes.Contains(fileOf(t, name), []byte("go install")) || bytes.Contains(fileOf(t, name), []byte("@latest")) {
			t.Errorf("%s installs a masker whose version is not pinned", name)
		}
	}
	root := (&app{}).root()
	for _, line := range []string{"masker chek", "masker check --onfline", "masker diff one", "masker check more"} {
		words, _ := maskerLine(line)
		if parsed(root, words) == nil {
			t.Errorf("%s has no error", line)
		}
	}
}

// maskerLine returns the arguments of a line that calls masker, up to the first redirection, pipe or further command.
func maskerLine(line string) ([]string, bool) {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "masker ") {
		return nil, false
	}
	line = regexp.MustCompile(`\s(>>?|\|\||&&|\||;).*$`).ReplaceAllString(line, "")
	return strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(line))[1:], true
}

// parsedVerb returns the verb of a call of masker, and fails the test if masker cannot parse the arguments.
func parsedVerb(t *testing.T, file string, words []string) string {
	t.Helper()
	if err := parsed((&app{}).root(), words); err != nil {
		t.Errorf("%s: masker %s: %v", file, strings.Join(words, " "), err)
	}
	return words[0]
}

// parsed returns the error of masker for these arguments. It does not run the verb.
func parsed(root *cobra.Command, words []string) error {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

func sortedWords(words []string) []string {
	set := map[string]int{}
	for _, w := range words {
		set[w]++
	}
	var out []string
	for _, w := range slices.Sorted(maps.Keys(set)) {
		for range set[w] {
			out = append(out, w)
		}
	}
	return out
}
