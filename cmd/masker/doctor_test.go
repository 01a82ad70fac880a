package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// examined runs doctor and returns its output without the lines that depend on this machine.
func examined(t *testing.T, env []string, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(t.Context(), append([]string{"doctor"}, args...), env, stdio{strings.NewReader(""), &out, &errs}); got != code {
		t.Errorf("exit code %d, want %d\n%s%s", got, code, &out, &errs)
	}
	if strings.Contains(out.String()+errs.String(), "hunter2") {
		t.Errorf("the output holds a password:\n%s%s", &out, &errs)
	}
	var kept []string
	machine := false
	for _, line := range strings.Split(out.String(), "\n") {
		if !strings.HasPrefix(line, "      ") {
			machine = regexp.MustCompile(`^\w+ +(memory|disk) |free on the server's disk|^\d+ in order`).MatchString(line)
		}
		if !machine {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// L7, C4, R4: doctor finds roles and files with too many rights, on a real server, and prints no password.
func TestL7C4R4DoctorTellsLeastRightsFromTooMany(t *testing.T) {
	server, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	admin := server.URL("postgres")
	for _, q := range []string{
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"CREATE ROLE reader LOGIN PASSWORD 'hunter2-reader'; ALTER ROLE reader SET statement_timeout = '5min'",
		"CREATE ROLE writer LOGIN PASSWORD 'hunter2-writer'",
		"CREATE ROLE mover LOGIN CREATEDB PASSWORD 'hunter2-mover'; GRANT pg_signal_backend TO mover",
		"CREATE ROLE guest LOGIN PASSWORD 'hunter2-guest'",
		"CREATE DATABASE shop", "CREATE DATABASE staging OWNER mover",
	} {
		if a := psqlRun(admin, server.BinDir(), q); a.err != nil {
			t.Fatalf("%s: %s", q, a.out)
		}
	}
	shop := "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE TABLE t (id int PRIMARY KEY); GRANT SELECT ON t TO reader; GRANT ALL ON t TO writer; GRANT SELECT ON t TO guest"
	if a := psqlRun(server.URL("shop"), server.BinDir(), shop); a.err != nil {
		t.Fatal(a.out)
	}
	id := psqlRun(admin, server.BinDir(), "SELECT system_identifier FROM pg_control_system()").out
	dir := doctorFolder(t, id)
	env := []string{
		"PATH=" + server.BinDir(), "READER=" + server.URLFor("reader", "hunter2-reader", "shop"), "WRITER=" + server.URLFor("writer", "hunter2-writer", "shop"),
		"MOVER=" + server.URLFor("mover", "hunter2-mover", "staging"), "GUEST=" + server.URLFor("guest", "hunter2-guest", "staging"),
		"AWAY=postgres://reader:hunter2@127.0.0.1:1/shop", "KEY=" + strings.Repeat("ab", 32),
	}
	config := filepath.Join(dir, "masker.yaml")
	var page bytes.Buffer
	for _, c := range []struct {
		flow string
		code int
	}{{"good", 0}, {"bad", 1}, {"away", 1}} {
		page.WriteString("== " + c.flow + "\n" + examined(t, env, c.code, "-c", config, "--flow", c.flow))
	}
	steady := strings.NewReplacer(dir, "DIR", id, "SYSTEM_ID").Replace(page.String())
	steady = regexp.MustCompile(`PostgreSQL \d+\.\d+`).ReplaceAllString(steady, "PostgreSQL N")
	steady = regexp.MustCompile(`\([0-9a-f]{16}\)`).ReplaceAllString(steady, "(FINGERPRINT)")
	sameAsFile(t, "testdata/doctor.golden", steady)

	var sheet struct {
		Healthy  bool
		Findings []struct{ Level, Area, What, Fix string }
	}
	var out bytes.Buffer
	run(t.Context(), []string{"doctor", "-c", config, "--flow", "bad", "--format", "json"}, env, stdio{strings.NewReader(""), &out, &bytes.Buffer{}})
	if err := json.Unmarshal(out.Bytes(), &sheet); err != nil || sheet.Healthy || len(sheet.Findings) < 10 {
		t.Errorf("the output as JSON: %v\n%s", err, &out)
	}
}

// doctorFolder makes a configuration with three flows. The first has no problems. The files of the second have all
// problems that files can have. The source of the third does not answer.
func doctorFolder(t *testing.T, systemID string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"masker.yaml": `environments:
  production: {kind: production, url: "${READER}"}
  exposed: {kind: production, url: "${WRITER}"}
  gone: {kind: production, url: "${AWAY}"}
  staging: {kind: staging, url: "${MOVER}", adopt: "` + systemID + `/staging"}
  guest: {kind: staging, url: "${GUEST}"}
keys:
  default: {file: keys/default.key}
  other: {env: KEY}
ledger: {path: ledger, signer: signer/ledger.key}
roles: []
flows:
  good: {from: production, to: staging, rules: [rules/r.yaml], approvals: {required: 0, signers: policy/allowed_signers}, verify: off, notify: [{command: [/bin/true]}]}
  bad: {from: exposed, to: guest, rules: [open/r.yaml], approvals: {required: 0, signers: policy-open/allowed_signers}, verify: off, allow: [target-reads-source]}
  away: {from: gone, to: staging, rules: [rules/r.yaml], approvals: {signers: policy/allowed_signers}, verify: off, notify: [{command: [/bin/true]}]}
`,
		"rules/r.yaml":                "revision: 3\ntables:\n  public.t:\n    columns:\n      id: {keep: number}\n",
		"open/r.yaml":                 "revision: 3\ntables:\n  public.t:\n    columns:\n      id: {keep: number}\n",
		"policy-open/allowed_signers": "",
		"policy/allowed_signers": "alice@example.com ssh-ed25519 " +
			"AAAAC3NzaC1lZDI1NTE5AAAAIGZkRXF/T4d1ciaBWPt6qQjdzLu9ROkmp5OpR5N2MdIg\n",
		"keys/default.key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"open/r.yaml", "policy-open", "policy-open/allowed_signers"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func sameAsFile(t *testing.T, file, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != have {
		t.Errorf("%s differs (-update writes the file):\n%s", file, have)
	}
}
