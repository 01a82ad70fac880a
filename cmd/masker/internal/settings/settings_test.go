package settings

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{"": 0, "7": 7, "7B": 7, "64MB": 64 << 20, "1 gb": 1 << 30, "2kB": 2048} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"0", "-1MB", "lots", "1.5GB", "9999999999GB", "MB"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestExpandNamesMissingVariablesAndNoValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		c := New("masker.yaml", map[string]string{"SET": value})
		if got, err := c.Expand("url", "a${SET}b"); err != nil || got != "a"+value+"b" {
			t.Fatalf("%q, %v", got, err)
		}
	})
	const secret = "4111-1111-1111-1111"
	c := New("masker.yaml", map[string]string{"SET": secret})
	_, err := c.Expand("url", "${SET} ${MISSING} ${ALSO}")
	if err == nil || !strings.Contains(err.Error(), "MISSING and ALSO") || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}

// A variable may hold an absolute path. The folder of the configuration file must not come before it.
func TestExpandPathReplacesVariablesFirst(t *testing.T) {
	c := New("site/masker.yaml", map[string]string{"ABSOLUTE": "/var/ledger", "RELATIVE": "ledger"})
	for in, want := range map[string]string{"${ABSOLUTE}": "/var/ledger", "${ABSOLUTE}/a": "/var/ledger/a", "${RELATIVE}": "site/ledger", "ledger": "site/ledger", "/x": "/x"} {
		if got, err := c.ExpandPath("ledger.path", in); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
	if _, err := c.ExpandPath("ledger.path", "${MISSING}"); err == nil || !strings.Contains(err.Error(), "ledger.path: environment variable MISSING is not set") {
		t.Errorf("%v", err)
	}
}

// Masker can read the lines that masker keys rotate prints, when they are written into the configuration.
func TestALocationAsYAMLReadsBack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "masker.yaml")
	for _, l := range []KeyLocation{
		{File: `keys/it's "mine".key`},
		{Age: "k.age", PassphraseCommand: []string{"pass", "a, b: c"}, Timeout: 90 * time.Second},
		{Age: "k.age", PassphraseEnv: "PASS"},
		{Command: []string{"vault", "kv", "get", "-field=key"}, Timeout: time.Minute},
	} {
		if err := os.WriteFile(file, []byte("keys: {k: {"+l.YAML()+"}}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Load(file, nil); err != nil || !reflect.DeepEqual(c.Keys["k"].KeyLocation, l) {
			t.Errorf("%s: %v", l.YAML(), err)
		}
	}
}

func TestATabIsExplained(t *testing.T) {
	_, err := readPositions("masker.yaml", []byte("environments:\n  a: {kind: local}\n\tb: {kind: local}\n"))
	if want := "masker.yaml:3:1: this is not YAML: YAML does not allow tabs for indentation; use spaces"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A day can be written without quotes, and an approval covers it.
func TestTheLastDaysOfWaivers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "masker.yaml")
	load := func(until string) (*Config, error) {
		text := "environments: {a: {kind: staging, url: x}, b: {kind: staging, url: y, adopt: 1/b}}\n" +
			"flows: {f: {from: a, to: b, rules: [r.yaml], approvals: {required: 0}, verify: off, allow: [superuser-target], until: " + until + "}}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Load(file, nil)
	}
	for _, until := range []string{"{superuser-target: 2026-12-24, adopt: 2027-01-01}", `{superuser-target: "2026-12-24", adopt: "2027-01-01"}`} {
		c, err := load(until)
		if err != nil {
			t.Errorf("%s: %v", until, err)
			continue
		}
		f := c.Flows["f"]
		if got := c.GuardFlow("f", f).Until; got["superuser-target"] != "2026-12-24" || got["adopt"] != "2027-01-01" {
			t.Errorf("%s: %v", until, got)
		}
		if got := c.Policy("f", f)["until"]; got != "adopt 2027-01-01, superuser-target 2026-12-24" {
			t.Errorf("%s: the policy has %q", until, got)
		}
	}
	for until, want := range map[string]string{
		"{superuser-target: 2026-13-01}": "superuser-target: want a day", "{superuser: 2026-12-24}": "masker.yaml:2:", "{equal-credentials: 2026-12-24}": `flow "f": until: the flow does not waive "equal-credentials"`,
		"{adopt: 2026-12-24T10:00:00Z}": "adopt: want a day",
	} {
		if _, err := load(until); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", until, err, want)
		}
	}
}
