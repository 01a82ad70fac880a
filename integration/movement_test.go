package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// A8, R4: a movement in the ledger records who ran it, the source, the target, the program, the rules and the
// approvals. The test compares the record with the databases and the files.
func TestA8R4AMovementRecordsWhoWhatAndHow(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	s := signed(t, src, dst)
	s.masker(t, "run").want(t, exitDone)

	var m *ledger.Movement
	var end *ledger.Outcome
	for r, err := range ledger.Read(filepath.Join(s.dir, "ledger")) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Event == ledger.EventStart {
			m = r.Movement
		}
		if r.Event == ledger.EventFinish {
			end = r.Outcome
		}
	}
	if m == nil || end == nil {
		t.Fatal("the ledger lacks the start or the end of the movement")
	}
	binary, err := os.ReadFile(s.binary)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(binary)
	id := ask(t, src, "SELECT system_identifier::text FROM pg_control_system()")
	user := ask(t, src, "SELECT current_user::text")
	for what, c := range map[string][2]string{
		"flow": {m.Flow, "nightly"}, "source": {m.Source.Environment, "production"}, "target": {m.Target.Environment, "staging"},
		"source's kind": {m.Source.Kind, "production"}, "target's kind": {m.Target.Kind, "staging"},
		"source's system": {m.Source.SystemID, id}, "target's system": {m.Target.SystemID, id},
		"source's database": {m.Source.Database, databaseName(t, src)}, "target's database": {m.Target.Database, databaseName(t, dst)},
		"source's role": {m.Source.Role, user}, "target's role": {m.Target.Role, user},
		"author": {m.Author, "alice@example.com"}, "binary": {strings.TrimPrefix(m.Digests.Binary, "sha256:"), hex.EncodeToString(sum[:])},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, want %q", what, c[0], c[1])
		}
	}
	for what, text := range map[string]string{
		"actor": m.Actor.User, "snapshot": m.SnapshotID, "LSN": m.LSN, "rules": m.Digests.Rules, "schema": m.Digests.Schema,
		"plan": m.Digests.Plan, "signers": m.Digests.Signers, "key": m.KeyID,
	} {
		if text == "" {
			t.Errorf("the movement lacks the %s", what)
		}
	}
	if len(m.Approvers) != 1 || m.Approvers[0].Principal != "bob@example.com" || !strings.HasPrefix(m.Approvers[0].Fingerprint, "SHA256:") {
		t.Errorf("approvers: %+v", m.Approvers)
	}
	if m.Revision != 1 || len(m.Waivers) == 0 || len(m.Treatments) != 2 {
		t.Errorf("revision %d, waivers %q, treatments %+v", m.Revision, m.Waivers, m.Treatments)
	}
	if !end.Published || end.Rows != 50 || len(end.Tables) != 1 || end.Tables[0].Rows != 50 || end.DurationMS <= 0 {
		t.Errorf("%+v", end)
	}
}
