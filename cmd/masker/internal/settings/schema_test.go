package settings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every setting has a description, and a type that the schema can name.
func TestEveryKeyIsDescribed(t *testing.T) {
	described(t, "", configShape())
}

func described(t *testing.T, at string, s *shape) {
	t.Helper()
	if s.kind == "" {
		t.Errorf("%s: its type is not known to the schema", at)
	}
	for key, below := range s.keys {
		if described(t, at+"."+key, below); below.doc == "" {
			t.Errorf("%s.%s has no doc", at, key)
		}
	}
	for mark, below := range map[string]*shape{".*": s.each, "[]": s.list} {
		if below != nil {
			described(t, at+mark, below)
		}
	}
}

// Viper can decode a file with every setting of the shape. Load refuses the file only because of its values.
func TestEveryKeyIsDecoded(t *testing.T) {
	text, err := json.Marshal(sampleOf(configShape())) // JSON is YAML
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"keep_previous":1`, `"passphrase_env":"1s"`, `"insecure":true`, `"lock_patience":"1s"`, `"retired":[{`} {
		if !strings.Contains(string(text), key) {
			t.Errorf("the sample lacks %s", key)
		}
	}
	file := filepath.Join(t.TempDir(), "masker.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(file, nil)
	if err == nil || !strings.Contains(err.Error(), `environment "name": holds: the only value is production`) {
		t.Errorf("the file was not decoded, or not checked: %v", err)
	}
	c := New(file, nil)
	if c.positions, err = readPositions(file, text); err != nil {
		t.Error(err)
	}
	for _, key := range []string{"flows.name.approvals.signers", "ledger.escrow.s3.insecure", "keys.name.passphrase_command"} {
		if c.positions[key] == "" {
			t.Errorf("%s has no position", key)
		}
	}
}

// sampleOf returns a value with every setting of a shape.
func sampleOf(s *shape) any {
	switch {
	case s.words != nil:
		return s.words[0]
	case s.keys != nil:
		keys := make(map[string]any)
		for key, below := range s.keys {
			keys[key] = sampleOf(below)
		}
		return keys
	case s.each != nil:
		return map[string]any{"name": sampleOf(s.each)}
	case s.list != nil:
		return []any{sampleOf(s.list)}
	case s.kind == "integer", s.kind == "number":
		return 1
	case s.kind == "boolean":
		return true
	}
	return "1s" // a string that is also a duration
}

// Environment variables replace the settings whose tags allow it. A variable for any other setting is an error.
func TestVariablesReplaceWhatTheTagsSay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "masker.yaml")
	if err := os.WriteFile(file, []byte("environments: {a-b: {kind: staging}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file, map[string]string{"MASKER_ENVIRONMENTS_A_B_URL": "postgres://h/d", "MASKER_KEYS_DEFAULT_FILE": "k", "MASKER_LEDGER_PATH": "l", "MASKER_EVENT": "x"})
	if err != nil || c.Environments["a-b"].URL != "postgres://h/d" || c.Keys["default"].File != "k" || c.Ledger.Path != "l" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, name := range []string{
		"MASKER_ENVIRONMENTS_A_B_KIND", "MASKER_KEYS_OTHER_FILE", "MASKER_KEYS_DEFAULT_AGE", "MASKER_LEDGER_SIGNER",
		"MASKER_ROLES", "MASKER_METRICS_LISTEN", "MASKER_PG_DUMP", "MASKER_FLOWS_NIGHTLY_WORKERS",
	} {
		if _, err := Load(file, map[string]string{name: "x"}); err == nil || !strings.Contains(err.Error(), name+" overrides nothing") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
