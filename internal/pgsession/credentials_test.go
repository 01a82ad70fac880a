package pgsession_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pgsession"
)

// L7: SameCredentials finds equal credentials in every source that pgx reads.
func TestL7EqualCredentialsAreFound(t *testing.T) {
	dir := t.TempDir()
	passwords, services := filepath.Join(dir, "pgpass"), filepath.Join(dir, "services")
	if err := os.WriteFile(passwords, []byte("prod:*:*:app:one\nstag:*:*:app:one\nother:*:*:app:two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(services, []byte("[staging]\nhost=stag\nuser=app\npassword=one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGPASSFILE", passwords)
	t.Setenv("PGSERVICEFILE", services)
	t.Setenv("PGUSER", "app")
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"postgres://app:one@prod/d", "postgres://app:one@stag/e", true},
		{"postgres://app:one@prod/d", "postgres://app:two@stag/d", false},
		{"postgres://app:one@prod/d", "postgres://web:one@stag/d", false},
		{"postgres://app:one@prod/d", "host=stag user=app password='one'", true},
		{"postgres://app:one@prod/d", "postgres://app:%6fne@stag/d", true},
		{"postgres://app@prod/d", "postgres://app@stag/d", true},             // the same password, from the password file
		{"postgres://app@prod/d", "postgres://app@other/d", false},           // different passwords, from the password file
		{"postgres://app:one@prod/d", "postgres:///d?service=staging", true}, // the password is in the service file
		{"postgres://prod/d", "postgres://app:one@stag/d", true},             // the user is in PGUSER
		{"postgres://app@far/d", "postgres://app@near/d", true},              // neither has a password
		{"postgres://app@far/d", "postgres://app:one@near/d", false},
	} {
		if got, err := pgsession.SameCredentials(c.a, c.b); err != nil || got != c.want {
			t.Errorf("%s and %s: got %v, %v", c.a, c.b, got, err)
		}
	}
	if _, err := pgsession.SameCredentials("postgres://app:canary%zz@h/d", "postgres://h/d"); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}

// L7: Accepts distinguishes the server's yes and no from a server that does not answer.
func TestL7CredentialsAreTriedOnce(t *testing.T) {
	admin := connect(t, server.URL("postgres"), pgsession.Options{})
	exec(t, admin, `CREATE ROLE tried LOGIN PASSWORD 'right'`)
	for password, want := range map[string]bool{"right": true, "wrong": false} {
		got, err := pgsession.Accepts(t.Context(), server.URL("postgres"), "postgres://tried:"+password+"@nowhere.invalid/d")
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v", password, got, err)
		}
	}
	_, err := pgsession.Accepts(t.Context(), "postgres://127.0.0.1:9/d", "postgres://tried:canary@h/d")
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
}
