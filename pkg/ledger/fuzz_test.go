package ledger_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// FuzzCheckpoint checks that only the exact text that was signed is accepted as a checkpoint.
func FuzzCheckpoint(f *testing.F) {
	dir, vkey := archive(f)
	whole := string(read(f, filepath.Join(dir, "checkpoint")))
	f.Add(whole)
	f.Add("masker\n1\nAAAA\nactive 1 2\n\n— masker AAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ledger.ParseCheckpoint(text, vkey); err == nil && (text != whole || c.Size != 26) {
			t.Fatalf("accepted: %q", text)
		}
	})
}

// FuzzInclusion checks that an inclusion is accepted only with the line that was recorded.
func FuzzInclusion(f *testing.F) {
	dir, vkey := archive(f)
	l := open(f, dir)
	in, err := l.Include(5)
	if err != nil {
		f.Fatal(err)
	}
	data, err := json.Marshal(in)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var got ledger.Inclusion
		if json.Unmarshal(data, &got) != nil {
			return
		}
		if r, err := got.Verify(vkey); err == nil && (got.Line != in.Line || r.Seq != 5) {
			t.Fatalf("accepted: %s", data)
		}
	})
}

// FuzzFolder writes random files into a ledger's folder. Reading, verifying and opening must end, and Verify must
// report every change of the log.
func FuzzFolder(f *testing.F) {
	dir, vkey := archive(f)
	log, hashes, index := read(f, filepath.Join(dir, "ledger.jsonl")), read(f, filepath.Join(dir, "hashes")), read(f, filepath.Join(dir, "index"))
	f.Add(log, hashes, index)
	f.Add(log[:40], hashes[:100], index[:100])
	f.Add([]byte("{}\n{\"seq\":1}\n"), []byte{}, []byte("masker ledger index\n{}\n"))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		to := copied(t, dir)
		for name, data := range map[string][]byte{"ledger.jsonl": a, "hashes": b, "index": c} {
			if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := ledger.Verify(to, vkey)
		for _, err := range ledger.Read(to) {
			_ = err // the test checks only that the loop ends
		}
		l, openErr := ledger.Open(to, ledger.Options{})
		if openErr == nil {
			_ = l.Close()
			// Opening a correct ledger must not damage it.
			if _, again := ledger.Verify(to, vkey); err == nil && again != nil {
				t.Fatalf("it was correct, but not any more after it was opened: %v", again)
			}
		}
		var bad *ledger.Tampered
		if string(a[:min(len(a), len(log))]) != string(log) && !errors.As(err, &bad) {
			t.Fatalf("a changed log verifies: %v", err)
		}
	})
}
