package ledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

func publish(t testing.TB, l *ledger.Ledger, flow string, revision int) *ledger.Run {
	t.Helper()
	m := movement(flow)
	m.Flow, m.Revision, m.Digests.Plan, m.Waivers = flow, revision, "d", []string{"w"}
	r, err := l.Start(m, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(ledger.Outcome{}); err != nil {
		t.Fatal(err)
	}
	return r
}

// R5: the last published movement of a flow is known even if the index is missing or damaged. The index is a cache.
func TestTheIndexIsMadeAgainWhereItDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	publish(t, l, "nightly", 3)
	path := filepath.Join(dir, "index")
	older := read(t, path)
	if err := l.Seal(); err != nil {
		t.Fatal(err)
	}
	fork := copied(t, dir)
	publish(t, open(t, fork), "nightly", 9)
	last := publish(t, l, "nightly", 7)
	want := l.Checkpoint()
	publish(t, l, "weekly", 1)
	if err := start(t, l, "x", "").Abort(ledger.Outcome{}); err != nil {
		t.Fatal(err)
	}
	newest := read(t, path)
	foreignDir := t.TempDir()
	publish(t, open(t, foreignDir), "nightly", 2)
	for name, data := range map[string][]byte{
		"as it is": newest, "none": nil, "older": older, "torn": newest[:len(newest)/2],
		"lowered":  bytes.Replace(newest, []byte(`"revision":7`), []byte(`"revision":1`), 1),
		"foreign":  read(t, filepath.Join(foreignDir, "index")),
		"a fork's": read(t, filepath.Join(fork, "index")), // signed by the same key
	} {
		write(t, path, data)
		if data == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
		f, ok := open(t, dir).Flow("nightly")
		if !ok || f.Revision != 7 || f.Plan != "d" || !slices.Equal(f.Policy, []string{"w"}) || f.Run != last.ID() || f.At.IsZero() {
			t.Errorf("%s: %v %+v", name, ok, f)
		}
		if f.Checkpoint.Size != want.Size || f.Checkpoint.Root != want.Root || l.Extends(f.Checkpoint) != nil {
			t.Errorf("%s: its checkpoint is %+v, want %+v", name, f.Checkpoint, want)
		}
		if !bytes.Equal(read(t, path), newest) {
			t.Errorf("%s: the index differs from the one that was written with the records", name)
		}
	}
	if _, ok := l.Flow("never"); ok {
		t.Error("a flow that never ran has a last movement")
	}
}

func TestARunThatOnlyItsMarkerShowsAsPublishedIsItsFlowsLast(t *testing.T) {
	l := open(t, t.TempDir())
	dead := start(t, l, "a", "")
	if dead.Seq() != 1 {
		t.Errorf("start is record %d", dead.Seq())
	}
	start(t, l, "a", dead.ID())
	if f, ok := l.Flow("nightly"); !ok || f.Run != dead.ID() {
		t.Errorf("%v %+v", ok, f)
	}
}

func TestEveryEventHasItsRecord(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	for _, err := range []error{
		l.Refuse(ledger.Refusal{Flow: "nightly", Why: "not approved"}),
		l.Approve(ledger.Approval{Flow: "nightly", Rules: "r", Plan: "p", Principal: "alice@example.com"}),
		l.Weaken(ledger.Weakening{Flow: "nightly", Now: []string{"equal-credentials"}}),
		l.Undelivered(ledger.Undelivered{Run: "x", Channel: "ops", Why: "timeout"}),
		l.Reveal(ledger.Reveal{Flow: "nightly"}),
		l.Rotate(ledger.Rotation{Key: "default"}),
		l.Verify("x", ledger.Recheck{Flow: "nightly"}),
		l.Verified("x", ledger.Verification{Level: "strict"}),
		l.Explain(ledger.Explained{Flow: "nightly"}),
		l.Preview(ledger.Previewed{Flow: "nightly", Table: "public.t"}),
		l.Discover(ledger.Discovered{Tables: 3, Rows: 1000}),
		l.Fixture(ledger.Fixture{Schema: "sha256:0"}),
		l.RolledBack("x", ledger.Rollback{Run: "y"}),
		l.Retired("x", ledger.Retirement{Reason: "z"}),
		l.Template("x", ledger.Database{Name: "t", OID: 3}),
		l.DroppedBranches("x", ledger.Retirement{Reason: "z"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	expect(t, l, "refused", "approved", "weakened", "notify-failed", "reveal", "key-rotated", "verify", "verified", "explain", "preview", "discover", "fixture", "rolled-back", "retired", "template", "branch-dropped")
	verified(t, dir, l.VerifierKey())
}
