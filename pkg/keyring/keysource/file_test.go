package keysource

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/keyring"
)

// secret is a fixed key for tests.
func secret() []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func ring(t testing.TB) *keyring.Ring {
	t.Helper()
	r, err := keyring.New(secret())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKeyFileForms(t *testing.T) {
	want := ring(t).Fingerprint()
	forms := map[string]string{
		"base64":        base64.StdEncoding.EncodeToString(secret()) + "\n",
		"base64 raw":    base64.RawStdEncoding.EncodeToString(secret()),
		"base64 url":    base64.URLEncoding.EncodeToString(secret()),
		"hex":           hex.EncodeToString(secret()),
		"hex uppercase": "  " + strings.ToUpper(hex.EncodeToString(secret())) + "\r\n",
		"raw":           string(secret()),
	}
	for name, content := range forms {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Load(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Fingerprint() != want {
			t.Errorf("%s: another key", name)
		}
		if name == "raw" {
			continue
		}
		if r, err := FromEnv(content); err != nil || r.Fingerprint() != want {
			t.Errorf("%s from the environment: %v", name, err)
		}
	}
}

func TestBadKeyFilesAreRefusedWithoutQuotingThem(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(secret())
	cases := []struct {
		name, content string
		mode          os.FileMode
		say           string
	}{
		{"readable by the group", good, 0o640, "chmod 600"},
		{"readable by all", good, 0o604, "chmod 600"},
		{"empty", "", 0o600, "empty"},
		{"blank", " \n", 0o600, "empty"},
		{"128 bits of hex, 32 characters", "00112233445566778899aabbccddeeff", 0o600, "128 bits"},
		{"192 bits of base64", base64.StdEncoding.EncodeToString(secret()[:24]), 0o600, "192 bits"},
		{"a passphrase", "correct horse battery staple, and more of it", 0o600, "not a key"},
		{"zeros", base64.StdEncoding.EncodeToString(make([]byte, 32)), 0o600, "not random"},
		{"huge", strings.Repeat("A", maxFile+1), 0o600, "longer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k")
			if err := os.WriteFile(path, []byte(c.content), c.mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil { // the mode must not depend on the umask
				t.Fatal(err)
			}
			_, err := Load(path)
			if err == nil || !strings.Contains(err.Error(), c.say) || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v, want it to name the file and say %q", err, c.say)
			}
			if text := strings.TrimSpace(c.content); len(text) > 8 && strings.Contains(err.Error(), text[:8]) {
				t.Fatal("the error quotes the key")
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder was read as a key file")
	}
}

func TestKeyOfAnotherUserIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "k")
	if err := Generate(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "belongs to user") {
		t.Fatalf("got %v", err)
	}
}

func TestGenerateNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := Generate(path); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", st.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	if err := Generate(path); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Fatalf("got %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Fatal("the key changed")
	}
	if _, err := Load(path); err != nil {
		t.Fatal(err)
	}
}
