package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// withEnv adds environment variables for masker.
func (s *site) withEnv(kv ...string) { s.env = append(slices.Clone(s.env), kv...) }

// override sets an environment variable that changes a setting of trust, and holds the words of the refusal. A setting
// of trust decides what masker trusts, such as the ledger's folder or the file of pg_dump.
type override struct {
	set   func(t *testing.T, s *site)
	words []string
}

// overrides returns environment variables that name another folder, another database or another time zone.
func overrides(elsewhere string) map[string]override {
	return map[string]override{
		"the ledger's folder": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_LEDGER_PATH=" + filepath.Join(elsewhere, "ledger"))
		}, []string{"MASKER_LEDGER_PATH", "ledger.path", "masker.yaml"}},
		"pg_dump": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_PG_BIN=" + elsewhere)
		}, []string{"MASKER_PG_BIN", "pg_dump", "masker.yaml"}},
		"the database of the lock": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_ENVIRONMENTS_STAGING_MAINTENANCE=template1")
		}, []string{"MASKER_ENVIRONMENTS_STAGING_MAINTENANCE", "environments.staging.maintenance"}},
		"a part of the ledger's path": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: "${ELSEWHERE}/ledger"`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.path", "masker.yaml:5:"}},
		"the ledger's signer": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: ledger/, signer: "${ELSEWHERE}/signer.key"`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.signer", "masker.yaml:5:"}},
		"the checkpoint copy": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: ledger/, escrow: {file: "${ELSEWHERE}"}`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.escrow.file", "masker.yaml:5:"}},
		"the end of a key": {func(t *testing.T, s *site) {
			s.edit(t, "policy/allowed_signers", "bob@example.com ", `bob@example.com valid-before="20400101" `)
			s.withEnv("TZ=Pacific/Kiritimati")
		}, []string{"TZ", "allowed_signers", "line 2", "Z"}},
	}
}

// R8: if rules need an approval, no environment variable can change a setting of trust. Every verb refuses such a
// variable with the same words, and opens no connection.
func TestR8NoVariableChangesASettingOfTrust(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	elsewhere := t.TempDir()
	for name, c := range overrides(elsewhere) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signed(t, src, dst)
			var connections atomic.Int32
			s.source, s.target = countingURL(t, src, &connections), countingURL(t, dst, &connections)
			files := s.approvals(t)
			c.set(t, s)
			for _, verb := range [][]string{
				{"run"},
				{"check", "--offline"},
				{"check"},
				{"sign", "--as", "alice@example.com", "--key", "people-alice"},
				{"approve", "--as", "bob@example.com", "--key", "people-bob", "--yes"},
			} {
				if name == "the end of a key" && verb[0] == "check" && len(verb) == 1 {
					continue // check connects to the source before it reads the approvals
				}
				s.masker(t, verb...).want(t, exitUsage, c.words...)
			}
			if n := connections.Load(); n != 0 {
				t.Errorf("%d connections were opened", n)
			}
			if len(s.approvals(t)) != len(files) {
				t.Error("masker wrote a file beside the rules")
			}
			if _, err := os.Stat(filepath.Join(elsewhere, "ledger")); err == nil {
				t.Error("masker began a ledger in the other folder")
			}
		})
	}
}

// R8: verbs without a flow do not read or write another ledger either.
func TestR8NoVerbUsesAnotherLedger(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.masker(t, "run").want(t, exitDone)
	s.withEnv("MASKER_LEDGER_PATH=" + filepath.Join(t.TempDir(), "ledger"))
	for _, verb := range [][]string{{"ledger", "show"}, {"ledger", "verify"}, {"ledger", "seal"}, {"ledger", "key"}, {"provenance", "staging"}} {
		s.masker(t, verb...).want(t, exitUsage, "MASKER_LEDGER_PATH", "ledger.path")
	}
	s.masker(t, "doctor").want(t, exitFailed, "MASKER_LEDGER_PATH")
}

// R8: in a flow that needs no approval, environment variables can change settings. The ledger names these settings, and
// the pg_dump that was used.
func TestR8TheLedgerNamesOverriddenSettings(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	bin := t.TempDir()
	text := "#!/bin/sh\nexec " + filepath.Join(Server(t).bin, "pg_dump") + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "pg_dump"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	s.withEnv("MASKER_LEDGER_PATH="+filepath.Join(s.dir, "ledger"), "MASKER_PG_BIN="+bin, "MASKER_FLOWS_NIGHTLY_WORKERS=2", "MASKER_ENVIRONMENTS_PRODUCTION_URL="+s.source)
	s.mustRefresh(t)
	m := s.lastMovement(t)
	if want := []string{"environments.production.url", "flows.nightly.workers", "ledger.path", "pg_dump"}; !slices.Equal(m.Overridden, want) {
		t.Errorf("overridden: %q, want %q", m.Overridden, want)
	}
	sum := sha256.Sum256([]byte(text))
	if m.PGDump.Path != filepath.Join(bin, "pg_dump") || m.PGDump.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("pg_dump: %+v", m.PGDump)
	}
}

// R8: if rules need an approval, masker uses the pg_dump that masker.yaml names, or one in a well-known folder. It does
// not search the caller's PATH for pg_dump or for the programs of a flow.
func TestR8ProgramsAreNotFoundInTheCallersPath(t *testing.T) {
	t.Parallel()
	if os.Getenv("MASKER_PG_BIN") != "" {
		t.Skip("skipped: the only pg_dump of this machine may be the one that MASKER_PG_BIN names")
	}
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	evil := t.TempDir()
	for _, name := range []string{"pg_dump", "tee", "cat"} {
		if err := os.WriteFile(filepath.Join(evil, name), []byte("#!/bin/sh\necho ran >> "+evil+"/ran\necho 'pg_dump (PostgreSQL) 99.0'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.write(t, "notify", "#!/bin/sh\nenv >> '"+s.dir+"/notify.env'\ncat > /dev/null\n", 0o700)
	s.write(t, "keys/print", "#!/bin/sh\nenv >> '"+s.dir+"/key.env'\ncat '"+s.dir+"/keys/default.key'\n", 0o700)
	s.edit(t, "masker.yaml", "    verify: off", "    verify: off\n    notify: [{command: [tee, -a, notified], on: [finish]}, {command: [./notify], on: [finish]}]")
	s.edit(t, "masker.yaml", "ledger:", "keys: {default: {command: [keys/print]}}\nledger:")
	s.approveAgain(t)
	s.withEnv("PATH="+evil+":"+os.Getenv("PATH"), "LD_PRELOAD=", "LD_LIBRARY_PATH="+evil, "PGAPPNAME=canary", "PYTHONPATH="+evil, "VAULT_TOKEN=theirs")
	s.masker(t, "run").want(t, exitDone)
	if data, err := os.ReadFile(filepath.Join(evil, "ran")); err == nil {
		t.Errorf("a program of the caller's PATH ran: %s", data)
	}
	const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	for file, want := range map[string]string{"notify.env": "MASKER_EVENT=finish\n", "key.env": "VAULT_TOKEN=theirs\n"} {
		data, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		env := "\n" + string(data)
		if !strings.Contains(env, "\n"+path) || !strings.Contains(env, "\n"+want) {
			t.Errorf("%s has an unexpected environment:%s", file, env)
		}
		for _, name := range []string{"LD_", "PG", "PYTHONPATH"} {
			if strings.Contains(env, "\n"+name) {
				t.Errorf("%s has %s:%s", file, name, env)
			}
		}
	}
	if m := s.lastMovement(t); !strings.HasPrefix(m.PGDump.Path, "/usr/") || len(m.Overridden) != 0 {
		t.Errorf("pg_dump %+v, overridden %q", m.PGDump, m.Overridden)
	}
}

// R8: masker.yaml, which people review, can name the pg_dump.
func TestR8TheConfigurationNamesThePgDump(t *testing.T) {
	t.Parallel()
	if os.Getenv("MASKER_PG_BIN") != "" {
		t.Skip("skipped: the only pg_dump of this machine may be the one that MASKER_PG_BIN names")
	}
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	text := "#!/bin/sh\nexec " + filepath.Join(srv.bin, "pg_dump") + " \"$@\"\n"
	s.write(t, "bin/reviewed", text, 0o700)
	s.edit(t, "masker.yaml", "ledger:", "pg_dump: bin/reviewed\nledger:")
	s.masker(t, "run").want(t, exitRefused, "policy.pg_dump: bin/reviewed now; before not set (weaker)")
	s.approveAgain(t)
	s.masker(t, "run").want(t, exitDone)
	sum := sha256.Sum256([]byte(text))
	if m := s.lastMovement(t); !strings.HasSuffix(m.PGDump.Path, "bin/reviewed") || m.PGDump.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("pg_dump: %+v", m.PGDump)
	}
	s.edit(t, "masker.yaml", "bin/reviewed", "bin/away")
	s.masker(t, "run").want(t, exitFailed, "bin/away is not a pg_dump that can be run")
}
