package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// keyForms returns all forms in which a file could hold the bytes of a key: raw, hexadecimal and base64. A key inside a
// longer encoded text can have three different base64 forms. Only their inner characters belong to the key alone.
func keyForms(t *testing.T, key []byte) []string {
	t.Helper()
	forms := []string{string(key), hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key))}
	for shift := range 3 {
		padded := append(make([]byte, shift), key...)
		text := base64.StdEncoding.EncodeToString(padded)
		inner := text[4 : len(text)-4]
		forms = append(forms, inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner))
	}
	for _, form := range forms {
		if len(form) < 32 {
			t.Fatalf("%q is so short that it can occur by chance", form)
		}
	}
	return forms
}

// C6, C5: staging never holds the key. The test refreshes with a key from an environment variable. Afterwards no form
// of the key is in the target's data directory with its write-ahead log (WAL) and its log of messages. No form is in
// the environment variables, arguments or input of a child process, or in the ledger, the provenance, a notification
// or masker's output. The ledger names the key by its fingerprint.
func TestC6C5TheKeyIsInItsLocationOnly(t *testing.T) {
	t.Parallel()
	target, files := ownServer(t, pglocal.Options{Settings: map[string]string{"log_statement": "all", "log_min_messages": "debug1", "log_connections": "on"}})
	src := database(t, Server(t), "prod", "CREATE TABLE t (id int PRIMARY KEY, mail text, token text, badge text); INSERT INTO t SELECT i, i || '@corp.test', 'tok' || i, 'b' || i FROM generate_series(1, 500) i")
	s := newSite(t, src, target.url("staging")).rules(t, `
revision: 1
packs: [baseline]
tables:
  public.t:
    columns:
      id: {keep: number}
      mail: {class: email}
      token: {treat: reversible}
      badge: {treat: token}
`)
	raw := []byte{0x91, 0x0f, 0xd2, 0x5a, 0x37, 0xee, 0x08, 0xb4, 0x6c, 0xc1, 0xf9, 0x13, 0x7d, 0xa6, 0x4b, 0xe0, 0x22, 0x95, 0x5f, 0xda, 0x81, 0x3c, 0xb7, 0x06, 0xf4, 0x69, 0xae, 0x1b, 0xd0, 0x43, 0x98, 0xe7}
	forms := keyForms(t, raw)
	if err := os.Remove(filepath.Join(s.dir, "keys/default.key")); err != nil {
		t.Fatal(err)
	}
	s.noKey, s.extra = true, "keys: {default: {env: MASKER_TEST_SECRET}}\n"
	s.write(t, "notify", "#!/bin/sh\n(env; echo \"$@\"; cat) >> "+s.dir+"/notify.out\n", 0o700)
	s.flow["notify"] = "[{command: [./notify], on: [start, finish, refusal, failure]}]"
	s.write(t, "bin/pg_dump", "#!/bin/sh\n(env; echo \"$@\") >> "+s.dir+"/dump.out\nexec "+filepath.Join(target.bin, "pg_dump")+" \"$@\"\n", 0o700)
	s.env = append(s.env, "MASKER_TEST_SECRET="+base64.StdEncoding.EncodeToString(raw), "MASKER_PG_BIN="+filepath.Join(s.dir, "bin"))

	look := func(o outcome) {
		t.Helper()
		for _, out := range []string{"notify.out", "dump.out"} {
			if data, err := os.ReadFile(filepath.Join(s.dir, out)); err != nil || !bytes.Contains(data, []byte("PATH=")) {
				t.Fatalf("%s does not hold the program's environment: %v", out, err)
			}
		}
		for _, found := range canariesIn([]byte(o.stdout+o.stderr), forms) {
			t.Errorf("the output holds the key as %q", found)
		}
		do(t, target.url("postgres"), "CHECKPOINT")
		for _, dir := range []string{s.dir, files.DataDir(), filepath.Dir(files.LogFile())} {
			sweepFolder(t, dir, forms)
		}
	}
	look(s.mustRefresh(t))
	if got := ask(t, target.url("staging"), "SELECT count(*) FROM t WHERE mail NOT LIKE '%@corp.test' AND token LIKE 'rv1.%'"); got != "500" {
		t.Fatalf("the key was not used: %s rows are treated", got)
	}
	if got := ask(t, target.url("staging"), "SELECT count(*) FROM masker.provenance"); got != "1" {
		t.Errorf("%s steps of provenance", got)
	}
	log, err := os.ReadFile(filepath.Join(s.dir, "ledger/ledger.jsonl"))
	if err != nil || !bytes.Contains(log, []byte(`"key_name":"default"`)) {
		t.Errorf("the ledger does not name the key: %v", err)
	}

	s.write(t, "fail.sql", "SELECT badge::int FROM t;\n", 0o600) // the next refresh fails at a treated value
	s.edit(t, "rules.yaml", "tables:", "hooks: {before_publish: [fail.sql]}\ntables:")
	failed := s.refresh(t)
	failed.want(t, exitFailed)
	look(failed)
}
