package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// leftover is a change of a ledger's folder, and a part of the error that Open then returns. The part is "" if Open
// accepts the folder and only Verify finds the change.
type leftover struct {
	done func(t testing.TB, dir string)
	says string
}

// without returns a change that removes files.
func without(names ...string) func(testing.TB, string) {
	return func(t testing.TB, dir string) {
		for _, n := range names {
			if err := os.Remove(filepath.Join(dir, n)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// with returns a change that replaces a file.
func with(name string, data []byte) func(testing.TB, string) {
	return func(t testing.TB, dir string) { write(t, filepath.Join(dir, name), data) }
}

// leftovers returns changes in which files are missing, too short, or from another ledger.
func leftovers(foreign func(name string) []byte) map[string]leftover {
	return map[string]leftover{
		"no checkpoint":        {without("checkpoint"), "no checkpoint"},
		"only sealed files":    {without("checkpoint", "ledger.jsonl", "hashes", "index"), "no checkpoint"},
		"only hashes":          {without("checkpoint", "ledger.jsonl", "ledger-000000000001.jsonl", "ledger-000000000010.jsonl", "index"), "no checkpoint"},
		"only a key":           {without("checkpoint", "ledger.jsonl", "ledger-000000000001.jsonl", "ledger-000000000010.jsonl", "index", "hashes"), "the ledger that it signs is missing"},
		"no log":               {without("ledger.jsonl"), "gone"},
		"empty log":            {with("ledger.jsonl", nil), "holds 0"},
		"empty checkpoint":     {with("checkpoint", nil), "not signed"},
		"foreign checkpoint":   {with("checkpoint", foreign("checkpoint")), "not signed"},
		"foreign log":          {with("ledger.jsonl", foreign("ledger.jsonl")), "restore it"},
		"no key":               {without("signer.key"), "key that signs"},
		"foreign key":          {with("signer.key", foreign("signer.key")), "not signed"},
		"no key in its file":   {with("signer.key", []byte("secret\n")), "not a ledger's signing key"},
		"a key others read":    {func(t testing.TB, dir string) { _ = os.Chmod(filepath.Join(dir, "signer.key"), 0o640) }, "chmod 600"},
		"no hashes, some gone": {without("hashes", "ledger-000000000001.jsonl"), "neither hashes nor the log"},
		"a strange file":       {with("ledger-7.jsonl", nil), ""},
	}
}

// A4: a ledger with missing, short or foreign files is refused. Its files do not change, and no new ledger begins.
func TestA4WhatIsLeftOfALedgerIsRefused(t *testing.T) {
	base, _ := archive(t)
	another, _ := archive(t)
	for name, c := range leftovers(func(name string) []byte { return read(t, filepath.Join(another, name)) }) {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, base)
			c.done(t, dir)
			before := listing(t, dir)
			l, err := ledger.Open(dir, ledger.Options{})
			if c.says == "" {
				if _, err := ledger.Verify(dir, openKey(t, base)); err == nil {
					t.Fatal("Verify finds no error")
				}
				return
			}
			if err == nil {
				_ = l.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the key: %v", err)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("a refused ledger was changed:\n%s\n%s", before, after)
			}
		})
	}
}

// A4: a checkpoint that is older than the log is refused. A ledger that was open before also refuses it.
func TestA4ACheckpointThatIsPutBackIsRefused(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	earlier := read(t, filepath.Join(dir, "checkpoint"))
	start(t, l, "b", "")
	start(t, l, "c", "")
	write(t, filepath.Join(dir, "checkpoint"), earlier)
	tampered(t, "put back", dir, l.VerifierKey(), 2)
	if _, err := ledger.Open(dir, ledger.Options{}); err == nil || !strings.Contains(err.Error(), "back") {
		t.Errorf("got %v", err)
	}
	if _, err := l.Start(movement("d"), ""); err == nil || !strings.Contains(err.Error(), "back") {
		t.Errorf("a ledger that was open: %v", err)
	}
	if n := bytes.Count(read(t, filepath.Join(dir, "ledger.jsonl")), []byte("\n")); n != 3 {
		t.Errorf("%d records are left, want 3", n)
	}
}

func openKey(t testing.TB, dir string) string { return open(t, dir).VerifierKey() }

// listing returns the names and digests of a folder's files, without the index, which is a cache.
func listing(t testing.TB, dir string) string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range found {
		if e.Name() != "index" {
			fmt.Fprintf(&b, "%s %x\n", e.Name(), sha256.Sum256(read(t, filepath.Join(dir, e.Name()))))
		}
	}
	return b.String()
}

// A4: if the ledger's folder is gone, nothing is appended, even if the key is elsewhere and still exists.
func TestA4AKeyElsewhereRemembersItsLedger(t *testing.T) {
	dir, key := filepath.Join(t.TempDir(), "ledger"), filepath.Join(t.TempDir(), "keys", "ledger.key")
	l, err := ledger.Open(dir, ledger.Options{Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.VerifierKey() != "" {
		t.Error("a key before the first record")
	}
	start(t, l, "a", "")
	verified(t, dir, l.VerifierKey())
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, ledger.Options{Signer: key}); err == nil || !strings.Contains(err.Error(), "the ledger that it signs is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := l.Start(movement("a"), ""); err == nil {
		t.Error("a new ledger began in place of the one whose folder is gone")
	}
}

// TestAKeyGetsItsNameFromTheNextProcess checks a ledger whose process died after it wrote the key, and before it
// renamed the key.
func TestAKeyGetsItsNameFromTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	key := filepath.Join(dir, "signer.key")
	if err := os.Rename(key, key+".new"); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	if again.VerifierKey() != l.VerifierKey() {
		t.Error("another key")
	}
	start(t, again, "a", "")
	write(t, key+".new", read(t, key))
	expect(t, again, "start", "recovered-abort", "start")
}

// TestDamagedHashesAreMadeAgain checks that stored hashes are made again from the log if they do not match the
// checkpoint.
func TestDamagedHashesAreMadeAgain(t *testing.T) {
	base, vkey := archive(t)
	want := read(t, filepath.Join(base, "hashes"))
	for name, data := range map[string][]byte{"none": nil, "short": want[:100], "changed": append(bytes.Repeat([]byte("x"), len(want)), 'y'), "long": append(bytes.Clone(want), want...)} {
		dir := copied(t, base)
		write(t, filepath.Join(dir, "hashes"), data)
		open(t, dir)
		if !bytes.Equal(read(t, filepath.Join(dir, "hashes")), want) {
			t.Errorf("%s: not made again", name)
		}
		verified(t, dir, vkey)
	}
}

// TestASealedFileGetsItsNameFromTheNextProcess checks a ledger whose process died after it sealed a file, and before
// it renamed the file.
func TestASealedFileGetsItsNameFromTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	if err := l.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "ledger-000000000001.jsonl"), filepath.Join(dir, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	verified(t, dir, l.VerifierKey())
	expect(t, l, "start", "sealed")
	start(t, open(t, dir), "a", "")
	expect(t, l, "start", "sealed", "recovered-abort", "start")
	verified(t, dir, l.VerifierKey())
	if len(read(t, filepath.Join(dir, "ledger-000000000001.jsonl"))) == 0 {
		t.Error("the sealed file is empty")
	}
	if err := l.Seal(); err != nil {
		t.Fatal(err)
	}
	if err := l.Seal(); err == nil {
		t.Error("sealed a file without a record")
	}
}
