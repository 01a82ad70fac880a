package settings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/guard"
)

// loadVerify loads a configuration of one flow with this value of verify. The value "" leaves the setting out.
func loadVerify(t *testing.T, value string, env map[string]string) (*Config, error) {
	t.Helper()
	if value != "" {
		value = ", verify: " + value
	}
	text := fmt.Sprintf("environments: {production: {kind: production}, staging: {kind: staging}}\n"+
		"flows:\n  nightly: {from: production, to: staging, rules: [rules/shop.yaml], approvals: {required: 0}%s}\n", value)
	file := filepath.Join(t.TempDir(), "masker.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, env)
}

func TestVerifyIsALevelOrAMapping(t *testing.T) {
	for value, want := range map[string]Verify{
		"off":             {Level: "off"},
		"counts":          {Level: "counts"},
		`"strict"`:        {Level: "strict"},
		"{level: strict}": {Level: "strict"},
		"{level: strict, memory: 64MB, keep_failed: 2h}": {Level: "strict", Memory: "64MB", KeepFailed: 2 * time.Hour},
	} {
		c, err := loadVerify(t, value, nil)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		f := c.Flows["nightly"]
		if f.Verify != want || c.GuardFlow("nightly", f).Verify != guard.Verification(want.Level) {
			t.Errorf("%s: %+v", value, f.Verify)
		}
	}
	for value, want := range map[string]string{
		"":                                   `flow "nightly" does not say how masker verifies the result; write verify: strict`,
		"{memory: 64MB}":                     `flow "nightly" does not say how masker verifies the result`,
		"strikt":                             `verify: "strikt" (did you mean strict?); want one of off, counts, strict`,
		"{level: all}":                       `verify: "all"; want one of off, counts, strict`,
		"{level: strict, memory: big}":       "memory: want a size such as 64MB or 1GB",
		"{level: strict, keep_failed: -2h}":  "keep_failed must be a duration such as 2h",
		"{level: strict, keep_failed: soon}": "a value has the wrong type: Flows[nightly].Verify.keep_failed",
		"{level: strict, waive: all}":        `unknown setting "waive"`,
		"[strict]":                           "a value has the wrong type: Flows[nightly].Verify",
	} {
		if _, err := loadVerify(t, value, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}

// An approval covers the level and the limits of the verification, and no environment variable changes them.
func TestV4VerificationIsPolicy(t *testing.T) {
	c, err := loadVerify(t, "{level: strict, memory: 64MB, keep_failed: 90m}", nil)
	if err != nil {
		t.Fatal(err)
	}
	policy := c.Policy("nightly", c.Flows["nightly"])
	maps.DeleteFunc(policy, func(key, _ string) bool { return !strings.HasPrefix(key, "verify") })
	want := map[string]string{"verify": "strict", "verify.memory": "64MB", "verify.keep_failed": "1h30m0s"}
	if !maps.Equal(policy, want) {
		t.Errorf("the policy has %v, want %v", policy, want)
	}
	for _, variable := range []string{"VERIFY", "VERIFY_LEVEL", "VERIFY_MEMORY", "VERIFY_KEEP_FAILED"} {
		name := "MASKER_FLOWS_NIGHTLY_" + variable
		for _, value := range []string{"strict", "{level: strict, memory: 64MB}"} {
			_, err := loadVerify(t, value, map[string]string{name: "off"})
			if err == nil || !strings.Contains(err.Error(), name+" overrides nothing") {
				t.Errorf("%s over %s: %v", name, value, err)
			}
		}
	}
}
