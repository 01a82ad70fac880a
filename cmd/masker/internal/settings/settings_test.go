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
