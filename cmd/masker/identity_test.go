package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

// An approval covers the digest. So it must not matter in which folder masker is started.
func TestTheDigestOfRulesIsTheSameFromEveryFolder(t *testing.T) {
	top := t.TempDir()
	site := filepath.Join(top, "a", "site")
	if err := os.MkdirAll(site, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"masker.yaml": "environments: {production: {kind: production, url: '${P}'}, staging: {kind: staging, url: '${S}'}}\nledger: {path: ledger/}\nflows: {nightly: {from: production, to: staging, rules: [rules.yaml], verify: counts, approvals: {required: 0}}}\n",
		"rules.yaml":  "revision: 1\npacks: [baseline]\ntables: {public.t: {columns: {id: {keep: number}}}}\n",
	} {
		if err := os.WriteFile(filepath.Join(site, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	digests := map[string]string{}
	for folder, file := range map[string]string{site: "masker.yaml", filepath.Dir(site): "site/masker.yaml", top: filepath.Join(site, "masker.yaml")} {
		t.Chdir(folder)
		c, err := loadConfig(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		set, err := rulefile.Load(c.RuleFiles(c.Flows["nightly"]))
		if err != nil {
			t.Fatal(err)
		}
		digests[c.rulesDigest(set)] += " " + file
	}
	if len(digests) != 1 {
		t.Errorf("the digests differ: %v", digests)
	}
}

// A8: on a CI machine, all jobs run as the same user. So the actor also names the person, from the CI's environment
// variables.
func TestA8TheActorIsThePersonAndTheirCI(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "shop/data", "GITHUB_RUN_ID": "17", "GITHUB_ACTOR": "alice"}, "github shop/data run 17 by alice"},
		{map[string]string{"GITLAB_CI": "true", "CI_PROJECT_PATH": "shop/data", "CI_JOB_ID": "18", "GITLAB_USER_LOGIN": "bob"}, "gitlab shop/data job 18 by bob"},
		{map[string]string{"BUILD_URL": "https://ci:s3cret@ci.example.com/job/19/"}, "build https://ci.example.com/job/19/"},
		{map[string]string{"BUILD_URL": "https://ci:s3cret@ci.example.com/\x00"}, "build at a malformed address"},
	} {
		if a := actor(c.env); a.CI != c.want || a.User == "" {
			t.Errorf("%v: %+v", c.env, a)
		}
	}
}
