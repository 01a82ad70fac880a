package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// A2, A6: an older copy of the ledger is complete and its signature is valid. Masker refuses the older copy, because
// the checkpoint copy or the target has a newer checkpoint.
func TestA2A6ARolledBackLedgerIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, escrow, words string
	}{
		{"by the checkpoint copy", `, escrow: {file: "second"}`, "the checkpoint copy holds a checkpoint that this ledger does not continue"},
		{"by the target", "", "the target keeps a checkpoint that this ledger does not continue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := smallSite(t)
			s.write(t, "masker.yaml", s.config(), 0o600)
			s.edit(t, "masker.yaml", "ledger: {path: ledger/", "ledger: {path: ledger/"+c.escrow)
			s.drafted = true
			if err := os.Mkdir(filepath.Join(s.dir, "second"), 0o700); err != nil {
				t.Fatal(err)
			}
			s.mustRefresh(t)
			before := filepath.Join(s.dir, "before")
			if err := os.CopyFS(before, os.DirFS(filepath.Join(s.dir, "ledger"))); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(before, "signer.key"), 0o600); err != nil {
				t.Fatal(err)
			}
			s.mustRefresh(t)
			if kept, err := os.ReadDir(filepath.Join(s.dir, "second")); err != nil || c.escrow != "" && len(kept) < 2 {
				t.Fatalf("the checkpoint copy has %d checkpoints, %v", len(kept), err)
			}
			if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(before, filepath.Join(s.dir, "ledger")); err != nil {
				t.Fatal(err)
			}
			if c.escrow == "" {
				s.masker(t, "check").want(t, exitRefused, c.words, "restore the ledger")
			}
			s.refresh(t).want(t, exitRefused, c.words, "restore the ledger")
		})
	}
}
