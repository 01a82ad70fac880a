package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// guideStep is a step of a workflow of GitHub.
type guideStep struct{ If, Run string }

// guideSteps returns the steps of the job that runs masker in the guide for pull requests.
func guideSteps(t *testing.T) []guideStep {
	t.Helper()
	text, err := os.ReadFile("../docs/pull-requests.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(name: database.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("the guide has no workflow")
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []guideStep }
	}
	if err := yaml.Unmarshal(block[1], &workflow); err != nil {
		t.Fatal(err)
	}
	return workflow.Jobs["branch"].Steps
}

// The workflow of the guide makes a branch for a pull request, makes it anew after a push, and drops it at the end. The
// jobs of GitHub start in another folder than the site's.
func TestTheGuideForPullRequestsWorks(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	bin := t.TempDir()
	if err := os.Symlink(masker(t), filepath.Join(bin, "masker")); err != nil {
		t.Fatal(err)
	}
	event := func(action string) {
		t.Helper()
		for _, step := range guideSteps(t) {
			if step.If != "" && step.If != "github.event.action != 'closed'" {
				t.Fatalf("the test does not know the condition %q", step.If)
			}
			if step.If != "" && action == "closed" {
				continue
			}
			run := strings.NewReplacer("${{ github.event.action }}", action, "${{ github.event.number }}", "4711").Replace(step.Run)
			cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", run)
			cmd.Dir = t.TempDir()
			cmd.Env = append(append(cleanEnv(), s.env...), "PATH="+bin+":"+os.Getenv("PATH"), "BRANCH="+name, "CONFIG="+filepath.Join(s.dir, "masker.yaml"),
				"STAGING_URL="+s.target, "GITHUB_ACTOR=jane")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", action, err, out)
			}
		}
	}
	event("closed") // this must succeed without a branch, too
	event("opened")
	was := oidOf(t, srv.url("postgres"), name)
	do(t, srv.url(name), "CREATE TABLE mine ()")
	event("synchronize")
	if now := oidOf(t, srv.url("postgres"), name); now == was {
		t.Error("a push has not made the branch anew")
	}
	if b := list(t, s)[0]; !b.Trusted || b.Owner != "jane" || b.Purpose != "pull request 4711" {
		t.Errorf("the branch is %+v", b)
	}
	event("closed")
	event("closed")
	if left := family(t, srv, name); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	reasons := []string{}
	for _, r := range s.ledger(t) {
		if r.Event == "branch-dropped" {
			reasons = append(reasons, r.Retirement.Reason)
		}
	}
	if want := []string{"pull request synchronize", "pull request closed"}; !slices.Equal(reasons, want) {
		t.Errorf("the ledger has the reasons %q", reasons)
	}
}
