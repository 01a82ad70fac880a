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

// withEnv adds to the environment of the site's processes.
func (s *site) withEnv(kv ...string) { s.env = append(slices.Clone(s.env), kv...) }

// override is a variable that would decide whom or what to trust, and the words it is refused with.
type override struct {
	set   func(t *testing.T, s *site)
	words []string
}

// overrides lead to a folder elsewhere, to another database, or to another time.
func overrides(elsewhere string) map[string]override {
	return map[string]override{
		"the ledger's place": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_LEDGER_PATH=" + filepath.Join(elsewhere, "ledger"))
		}, []string{"MASKER_LEDGER_PATH", "ledger.path", "masker.yaml"}},
		"pg_dump": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_PG_BIN=" + elsewhere)
		}, []string{"MASKER_PG_BIN", "pg_dump", "masker.yaml"}},
		"the database of the lock": {func(_ *testing.T, s *site) {
			s.withEnv("MASKER_ENVIRONMENTS_STAGING_MAINTENANCE=template1")
		}, []string{"MASKER_ENVIRONMENTS_STAGING_MAINTENANCE", "environments.staging.maintenance"}},
		"a part of the ledger's place": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: "${ELSEWHERE}/ledger"`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.path", "masker.yaml:5:"}},
		"the ledger's signer": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: ledger/, signer: "${ELSEWHERE}/signer.key"`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.signer", "masker.yaml:5:"}},
		"the second place of checkpoints": {func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "path: ledger/", `path: ledger/, escrow: {file: "${ELSEWHERE}"}`)
			s.withEnv("ELSEWHERE=" + elsewhere)
		}, []string{"ELSEWHERE", "ledger.escrow.file", "masker.yaml:5:"}},
		"until when a key counts": {func(t *testing.T, s *site) {
			s.edit(t, "policy/allowed_signers", "bob@example.com ", `bob@example.com valid-before="20400101" `)
			s.withEnv("TZ=Pacific/Kiritimati")
		}, []string{"TZ", "allowed_signers", "line 2", "Z"}},
	}
}

// R8: where rules need an approval, nothing in the environment of the process moves what decides trust. Every verb says so with the same words,
// and nothing is connected to.
func TestR8NoVariableMovesWhatDecidesTrust(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), unborn(t, srv, "staging")
	elsewhere := t.TempDir()
	for name, c := range overrides(elsewhere) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signed(t, src, dst)
			var connections atomic.Int32
			s.source, s.target = watched(t, src, &connections), watched(t, dst, &connections)
			files := s.approvals(t)
			c.set(t, s)
			for _, verb := range [][]string{
				{"run"},
				{"check", "--offline"},
				{"check"},
				{"sign", "--as", "alice@example.com", "--key", "people-alice"},
				{"approve", "--as", "bob@example.com", "--key", "people-bob", "--yes"},
			} {
				if name == "until when a key counts" && verb[0] == "check" && len(verb) == 1 {
					continue // it asks the source first
				}
				s.masker(t, verb...).want(t, exitUsage, c.words...)
			}
			if n := connections.Load(); n != 0 {
				t.Errorf("%d connections were opened", n)
			}
			if len(s.approvals(t)) != len(files) {
				t.Error("something was written beside the rules")
			}
			if _, err := os.Stat(filepath.Join(elsewhere, "ledger")); err == nil {
				t.Error("a ledger was begun elsewhere")
			}
		})
	}
}

// R8: verbs that name no flow do not look at, or write to, another ledger either.
func TestR8NoVerbTakesAnotherLedger(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), unborn(t, srv, "staging"))
	s.masker(t, "run").want(t, exitDone)
	s.withEnv("MASKER_LEDGER_PATH=" + filepath.Join(t.TempDir(), "ledger"))
	for _, verb := range [][]string{{"ledger", "show"}, {"ledger", "verify"}, {"ledger", "seal"}, {"ledger", "key"}, {"provenance", "staging"}} {
		s.masker(t, verb...).want(t, exitUsage, "MASKER_LEDGER_PATH", "ledger.path")
	}
	s.masker(t, "doctor").want(t, exitFailed, "MASKER_LEDGER_PATH")
}

// R8: where no approval is needed, the environment still moves things, and the ledger says which and what pg_dump it was.
func TestR8WhatWasOverriddenIsInTheLedger(t *testing.T) {
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

// R8: where rules need an approval, the pg_dump is the one masker.yaml names, or one of a well-known folder. PATH leads to none, and no
// program that a flow names is looked for there.
func TestR8ThePathOfTheCallerLeadsToNoProgram(t *testing.T) {
	t.Parallel()
	if os.Getenv("MASKER_PG_BIN") != "" {
		t.Skip("skipped: the only pg_dump of this machine may be the one that MASKER_PG_BIN names")
	}
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), unborn(t, srv, "staging"))
	evil := t.TempDir()
	for _, name := range []string{"pg_dump", "tee", "cat"} {
		if err := os.WriteFile(filepath.Join(evil, name), []byte("#!/bin/sh\necho ran >> "+evil+"/ran\necho 'pg_dump (PostgreSQL) 99.0'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.write(t, "told", "#!/bin/sh\nenv >> '"+s.dir+"/told.env'\ncat > /dev/null\n", 0o700)
	s.write(t, "keys/tell", "#!/bin/sh\nenv >> '"+s.dir+"/key.env'\ncat '"+s.dir+"/keys/default.key'\n", 0o700)
	s.edit(t, "masker.yaml", "    verify: off", "    verify: off\n    notify: [{command: [tee, -a, notified], on: [finish]}, {command: [./told], on: [finish]}]")
	s.edit(t, "masker.yaml", "ledger:", "keys: {default: {command: [keys/tell]}}\nledger:")
	s.withEnv("PATH="+evil+":"+os.Getenv("PATH"), "LD_PRELOAD=", "LD_LIBRARY_PATH="+evil, "PGAPPNAME=canary", "PYTHONPATH="+evil, "VAULT_TOKEN=theirs")
	s.masker(t, "run").want(t, exitDone)
	if data, err := os.ReadFile(filepath.Join(evil, "ran")); err == nil {
		t.Errorf("a program of the caller's PATH ran: %s", data)
	}
	const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	for file, want := range map[string]string{"told.env": "MASKER_EVENT=finish\n", "key.env": "VAULT_TOKEN=theirs\n"} {
		data, err := os.ReadFile(filepath.Join(s.dir, file))
		if err != nil {
			t.Fatal(err)
		}
		env := "\n" + string(data)
		if !strings.Contains(env, "\n"+path) || !strings.Contains(env, "\n"+want) {
			t.Errorf("%s:%s", file, env)
		}
		for _, name := range []string{"LD_", "PG", "PYTHONPATH"} {
			if strings.Contains(env, "\n"+name) {
				t.Errorf("%s holds %s:%s", file, name, env)
			}
		}
	}
	if m := s.lastMovement(t); !strings.HasPrefix(m.PGDump.Path, "/usr/") || len(m.Overridden) != 0 {
		t.Errorf("pg_dump %+v, overridden %q", m.PGDump, m.Overridden)
	}
}

// R8: masker.yaml names the pg_dump, where its changes are reviewed.
func TestR8TheConfigurationNamesThePgDump(t *testing.T) {
	t.Parallel()
	if os.Getenv("MASKER_PG_BIN") != "" {
		t.Skip("skipped: the only pg_dump of this machine may be the one that MASKER_PG_BIN names")
	}
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), unborn(t, srv, "staging"))
	text := "#!/bin/sh\nexec " + filepath.Join(srv.bin, "pg_dump") + " \"$@\"\n"
	s.write(t, "bin/reviewed", text, 0o700)
	s.edit(t, "masker.yaml", "ledger:", "pg_dump: bin/reviewed\nledger:")
	s.masker(t, "run").want(t, exitDone)
	sum := sha256.Sum256([]byte(text))
	if m := s.lastMovement(t); !strings.HasSuffix(m.PGDump.Path, "bin/reviewed") || m.PGDump.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("pg_dump: %+v", m.PGDump)
	}
	s.edit(t, "masker.yaml", "bin/reviewed", "bin/away")
	s.masker(t, "run").want(t, exitFailed, "bin/away is not a pg_dump that can be run")
}
