package ledger

import (
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// A2: a verification sees the log of one checkpoint, even if records are appended and files are sealed meanwhile.
func TestA2ASnapshotIsNotDisturbed(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Rotate(Rotation{}); err != nil {
		t.Fatal(err)
	}
	s, err := sharedSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := l.Rotate(Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := l.Rotate(Rotation{}); err != nil {
		t.Fatal(err)
	}
	v := verification{}
	if v.key, err = note.NewVerifier(l.VerifierKey()); err != nil {
		t.Fatal(err)
	}
	if err := v.open(dir); err != nil {
		t.Fatal(err)
	}
	defer v.close()
	if err := v.run(s); err != nil || v.report.Checked != 1 || v.report.Unacknowledged != 0 {
		t.Errorf("checked %d, %d bytes behind: %v", v.report.Checked, v.report.Unacknowledged, err)
	}
}
