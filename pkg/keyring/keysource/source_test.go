package keysource

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

func envOf(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func text(secret []byte) string { return base64.StdEncoding.EncodeToString(secret) }

func put(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// encrypted writes the test key to an age file, and returns its path.
func encrypted(t *testing.T, to age.Recipient) string {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text(secret()) + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return put(t, "k.age", b.String())
}

func identity(t *testing.T) (*age.X25519Identity, string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id, put(t, "identity.txt", "# a comment\n"+id.String()+"\n")
}

func passphrase(t *testing.T, s string) age.Recipient {
	t.Helper()
	r, err := age.NewScryptRecipient(s)
	if err != nil {
		t.Fatal(err)
	}
	r.SetWorkFactor(10)
	return r
}

// C4: a key can come from a file, an environment variable, an age file or a command. Each source gives the same key.
func TestC4_EverySourceGivesTheSameKey(t *testing.T) {
	id, idFile := identity(t)
	plain := put(t, "k", text(secret())+"\n")
	for name, s := range map[string]Source{
		"file":                   {File: plain},
		"env":                    {Env: "KEY"},
		"age, identity":          {Age: encrypted(t, id.Recipient()), Identity: idFile},
		"age, passphrase":        {Age: encrypted(t, passphrase(t, "correct horse")), PassphraseEnv: "PASS"},
		"age, passphrase prints": {Age: encrypted(t, passphrase(t, "correct horse")), PassphraseCommand: []string{"echo", "correct horse"}},
		"command":                {Command: []string{"cat", plain}},
	} {
		r, err := s.Open(t.Context(), envOf("KEY", text(secret()), "PASS", "correct horse"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Fingerprint() != ring(t).Fingerprint() {
			t.Errorf("%s: another key", name)
		}
		if (s.Warning() != "") != (name == "env") {
			t.Errorf("%s: warning %q", name, s.Warning())
		}
	}
}

func TestBadSourcesAreRefusedWithoutQuotingAKey(t *testing.T) {
	id, idFile := identity(t)
	other, _ := identity(t)
	open := put(t, "open", id.String())
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	key := text(secret())
	for _, c := range []struct {
		s   Source
		say string
	}{
		{Source{}, "exactly one"},
		{Source{File: "a", Env: "B"}, "exactly one"},
		{Source{Age: "a"}, "identity, passphrase_env"},
		{Source{Age: "a", Identity: "b", PassphraseEnv: "C"}, "exactly one of identity"},
		{Source{File: "a", Identity: "b"}, "belong to age"},
		{Source{File: key}, "looks like a key"},
		{Source{Env: strings.Repeat("0f", 32)}, "looks like a key"},
		{Source{Command: []string{"echo", key}}, "looks like a key"},
		{Source{Env: "NOT-A-NAME"}, "name of an environment variable"},
		{Source{Env: "UNSET"}, "UNSET is not set"},
		{Source{Env: "SHORT"}, "not a key"},
		{Source{Age: put(t, "x", "age-encryption.org/v1\nbroken"), Identity: idFile}, "not a file that age can decrypt"},
		{Source{Age: encrypted(t, other.Recipient()), Identity: idFile}, "cannot be opened with"},
		{Source{Age: encrypted(t, id.Recipient()), Identity: open}, "chmod 600"},
		{Source{Age: encrypted(t, passphrase(t, "right")), PassphraseEnv: "SHORT"}, "cannot be opened with"},
		{Source{Age: filepath.Join(t.TempDir(), "none"), Identity: idFile}, "does not exist"},
		{Source{Command: []string{"false"}}, "exit status 1"},
		{Source{Command: []string{"true"}}, "empty"},
		{Source{Command: []string{"no-such-program-here"}}, "PATH"},
		{Source{Command: []string{"head", "-c", "9999", "/dev/zero"}}, "more than"},
		{Source{Command: []string{"sleep", "60"}, Timeout: 50 * time.Millisecond}, "did not end"},
		{Source{Command: []string{"sh", "-c", "echo " + key[:20] + " >&2; exit 3"}}, "exit status 3"},
	} {
		_, err := c.s.Open(t.Context(), envOf("SHORT", "hunter2"))
		if err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: got %v, want it to say %q", c.s, err, c.say)
			continue
		}
		for _, kept := range []string{key[:16], "hunter2", id.String()} {
			if strings.Contains(err.Error(), kept) {
				t.Errorf("%s: the error quotes a secret", c.s)
			}
		}
	}
}

// If masker ends a program, it also ends the program's child processes.
func TestACommandIsEndedWithItsGroup(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "alive")
	began := time.Now()
	_, err := Source{Command: []string{"sh", "-c", "(sleep 2; echo x > " + mark + ") & sleep 60"}, Timeout: 100 * time.Millisecond}.Open(t.Context(), envOf())
	if err == nil || time.Since(began) > 2*time.Second {
		t.Fatalf("%v after %s", err, time.Since(began))
	}
	time.Sleep(2200*time.Millisecond - time.Since(began))
	if _, err := os.Stat(mark); err == nil {
		t.Error("a child process of the program still runs")
	}
}

// C5: a new key has no relation to the key before it. The new key is stored in the same way as the key before it.
func TestC5_TheNextKeyIsKeptAsTheOneBefore(t *testing.T) {
	id, idFile := identity(t)
	env := envOf("PASS", "correct horse")
	for name, s := range map[string]Source{
		"file":            {File: put(t, "k", text(secret()))},
		"age, identity":   {Age: encrypted(t, id.Recipient()), Identity: idFile},
		"age, passphrase": {Age: encrypted(t, passphrase(t, "correct horse")), PassphraseEnv: "PASS"},
	} {
		path := filepath.Join(t.TempDir(), "next")
		if err := s.Next(context.Background(), path, env); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		next := s
		if s.File != "" {
			next.File = path
		} else {
			next.Age = path
			if data, _ := os.ReadFile(path); !bytes.HasPrefix(data, []byte("age-encryption.org/")) {
				t.Errorf("%s: the next key is not encrypted", name)
			}
		}
		a, errA := s.Open(t.Context(), env)
		b, errB := next.Open(t.Context(), env)
		if errA != nil || errB != nil {
			t.Errorf("%s: %v, %v", name, errA, errB)
			continue
		}
		x, y := a.For("staging").Seeder("email").Seed([]byte("ada")), b.For("staging").Seeder("email").Seed([]byte("ada"))
		if a.Fingerprint() == b.Fingerprint() || x == y {
			t.Errorf("%s: the next key gives the same results as the one before", name)
		}
		if err := s.Next(t.Context(), path, env); err == nil || !strings.Contains(err.Error(), "exists already") {
			t.Errorf("%s: overwritten: %v", name, err)
		}
	}
	if err := (Source{Env: "KEY"}).Next(t.Context(), filepath.Join(t.TempDir(), "k"), env); err == nil {
		t.Error("a key was put into an environment variable")
	}
}

func TestAKeyMadeForARecipientOpensForThemOnly(t *testing.T) {
	id, idFile := identity(t)
	_, otherFile := identity(t)
	path := filepath.Join(t.TempDir(), "k.age")
	if err := GenerateFor(path, id.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	if _, err := (Source{Age: path, Identity: idFile}).Open(t.Context(), envOf()); err != nil {
		t.Error(err)
	}
	if _, err := (Source{Age: path, Identity: otherFile}).Open(t.Context(), envOf()); err == nil {
		t.Error("another identity opens it")
	}
	if err := GenerateFor(filepath.Join(t.TempDir(), "k"), "somebody"); err == nil {
		t.Error("a key was encrypted without a recipient")
	}
}

func TestResemblesAKey(t *testing.T) {
	for s, want := range map[string]bool{
		text(secret()): true, " " + text(secret()) + "\n": true, strings.Repeat("0F", 32): true,
		"keys/default.key": false, "": false, strings.Repeat("a", 43): false, "rv1.0c0579ec._mQEQHXMTlNW5QKdtTHYRQi2mmj2Tno": false,
	} {
		if Resembles(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
