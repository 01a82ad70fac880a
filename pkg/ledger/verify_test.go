package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/masker-project/masker/pkg/ledger"
)

// archive makes a ledger with three files of records: two sealed files and the active file.
func archive(t testing.TB) (dir, vkey string) {
	t.Helper()
	dir = t.TempDir()
	l := open(t, dir)
	for range 3 {
		for range 4 {
			if err := start(t, l, "a", "").Finish(ledger.Outcome{Rows: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if l.Checkpoint().Size < 18 {
			if err := l.Seal(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir, l.VerifierKey()
}

// copied copies a folder's files to a new folder.
func copied(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "signer.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// files returns the files of the archive's log, with the number of the first record in each.
func files() map[string]int64 {
	return map[string]int64{"ledger-000000000001.jsonl": 1, "ledger-000000000010.jsonl": 10, "ledger.jsonl": 19}
}

// damages returns functions that change a log, and return the number of the first wrong line.
func damages() map[string]func(*rand.Rand, []byte) ([]byte, int64) {
	lineOf := func(data []byte, at int) int64 { return int64(bytes.Count(data[:at], []byte("\n"))) + 1 }
	return map[string]func(*rand.Rand, []byte) ([]byte, int64){
		"edit": func(r *rand.Rand, data []byte) ([]byte, int64) {
			at := r.IntN(len(data))
			changed := bytes.Clone(data)
			changed[at] ^= byte(1 + r.IntN(255))
			return changed, lineOf(data, at)
		},
		"insert": func(r *rand.Rand, data []byte) ([]byte, int64) {
			at := r.IntN(len(data) - 1)
			return append(append(bytes.Clone(data[:at]), data[at]^1), data[at:]...), lineOf(data, at)
		},
		"delete": func(r *rand.Rand, data []byte) ([]byte, int64) {
			lines := bytes.SplitAfter(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
			at := r.IntN(len(lines) - 1)
			return append(bytes.Join(append(append([][]byte{}, lines[:at]...), lines[at+1:]...), nil), '\n'), int64(at) + 1
		},
		"swap": func(r *rand.Rand, data []byte) ([]byte, int64) {
			lines := bytes.SplitAfter(data, []byte("\n"))
			lines = lines[:len(lines)-1]
			i := r.IntN(len(lines) - 1)
			j := i + 1 + r.IntN(len(lines)-i-1)
			lines[i], lines[j] = lines[j], lines[i]
			return bytes.Join(lines, nil), int64(i) + 1
		},
		"repeat": func(r *rand.Rand, data []byte) ([]byte, int64) {
			lines := bytes.SplitAfter(data, []byte("\n"))
			lines = lines[:len(lines)-1]
			at := r.IntN(len(lines) - 1)
			return bytes.Join(append(append(append([][]byte{}, lines[:at+1]...), lines[at]), lines[at+1:]...), nil), int64(at) + 2
		},
		"truncate": func(r *rand.Rand, data []byte) ([]byte, int64) {
			at := r.IntN(len(data))
			return data[:at], lineOf(data, at)
		},
	}
}

// A5: Verify finds each of many random changes of a log, and names the first wrong record.
func TestA5EveryChangeOfALogIsFoundWithItsNumber(t *testing.T) {
	base, vkey := archive(t)
	verified(t, base, vkey)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	const each = 10
	found := 0
	for kind, damage := range damages() {
		for name, first := range files() {
			for range each {
				dir := copied(t, base)
				path := filepath.Join(dir, name)
				changed, at := damage(random, read(t, path))
				write(t, path, changed)
				want := first + at - 1
				tampered(t, fmt.Sprintf("seed %d: %s of %s", seed, kind, name), dir, vkey, want)
				found++
			}
		}
	}
	t.Logf("seed %d: %d changes, every one found with its number", seed, found)
}

func tampered(t testing.TB, what, dir, vkey string, want int64, saved ...string) {
	t.Helper()
	_, err := ledger.Verify(dir, vkey, saved...)
	var bad *ledger.Tampered
	if !errors.As(err, &bad) {
		t.Fatalf("%s: got %v, want record %d", what, err, want)
	}
	if bad.Seq != want {
		t.Fatalf("%s: first bad record %d (%s), want %d", what, bad.Seq, bad.Why, want)
	}
}

// A5: Verify also finds every change of the checkpoint and of the stored hashes.
func TestA5EveryChangeOfCheckpointOrHashesIsFound(t *testing.T) {
	base, vkey := archive(t)
	dir := copied(t, base)
	path := filepath.Join(dir, "checkpoint")
	checkpoint := read(t, path)
	for i := range checkpoint {
		for _, flip := range []byte{1, 4, 32} {
			changed := bytes.Clone(checkpoint)
			changed[i] ^= flip
			write(t, path, changed)
			tampered(t, fmt.Sprintf("checkpoint byte %d by %d", i, flip), dir, vkey, 0)
		}
		write(t, path, checkpoint[:i])
		tampered(t, fmt.Sprintf("checkpoint of %d bytes", i), dir, vkey, 0)
	}
	last := bytes.LastIndexByte(checkpoint, '=') - 1 // some bits of this base64 digit are not used
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		if changed := bytes.Clone(checkpoint); c != changed[last] {
			changed[last] = c
			write(t, path, changed)
			tampered(t, fmt.Sprintf("checkpoint's last letter %c", c), dir, vkey, 0)
		}
	}
	write(t, path, checkpoint)
	path = filepath.Join(dir, "hashes")
	hashes := read(t, path)
	for i := 0; i < len(hashes); i += 7 {
		changed := bytes.Clone(hashes)
		changed[i]++
		write(t, path, changed)
		level, n := tlog.SplitStoredHashIndex(int64(i / tlog.HashSize))
		want := (n + 1) << level // the record that completed this node
		tampered(t, fmt.Sprintf("hashes byte %d", i), dir, vkey, want)
		write(t, path, hashes[:i])
		tampered(t, fmt.Sprintf("hashes of %d bytes", i), dir, vkey, want)
	}
	write(t, path, hashes)
	verified(t, dir, vkey)
}

// A5: somebody with the disk but without the key rewrites the log and the stored hashes together. Verify finds this.
// With a saved checkpoint, the record that Verify names is closer to the change.
func TestA5LogAndHashesRewrittenTogether(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	saved := l.Checkpoint().Note
	start(t, l, "b", "")
	start(t, l, "c", "")
	path := filepath.Join(dir, "ledger.jsonl")
	lines := strings.SplitAfter(strings.Replace(string(read(t, path)), `"database":"b"`, `"database":"x"`, 1), "\n")[:3]
	write(t, path, []byte(strings.Join(lines, "")))
	var stored []tlog.Hash
	for i, line := range lines {
		more, err := tlog.StoredHashes(int64(i), []byte(strings.TrimSuffix(line, "\n")), tlog.HashReaderFunc(func(at []int64) (hs []tlog.Hash, err error) {
			for _, n := range at {
				hs = append(hs, stored[n])
			}
			return hs, nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
	}
	var data []byte
	for _, h := range stored {
		data = append(data, h[:]...)
	}
	write(t, filepath.Join(dir, "hashes"), data)
	tampered(t, "without a saved checkpoint", dir, l.VerifierKey(), 1)
	tampered(t, "with one", dir, l.VerifierKey(), 2, saved)
	if _, err := ledger.Open(dir, ledger.Options{}); err == nil {
		t.Error("opened")
	}
}

// A5: somebody with the disk and the key can rewrite everything except checkpoints that are kept elsewhere.
func TestA5SavedCheckpointsShowForksAndRollbacks(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	common, vkey := l.Checkpoint(), l.VerifierKey()
	before := copied(t, dir)
	start(t, l, "b", "")
	start(t, l, "c", "")
	kept := l.Checkpoint()
	if r := verified(t, dir, vkey, common.Note, kept.Note); r.Saved != 2 {
		t.Errorf("the ledger continues %d saved checkpoints, want 2", r.Saved)
	}
	tampered(t, "rolled back", before, vkey, 2, common.Note, kept.Note)
	other := open(t, before)
	start(t, other, "x", "")
	start(t, other, "y", "")
	start(t, other, "z", "")
	tampered(t, "fork", before, vkey, 2, common.Note, kept.Note)
	tampered(t, "fork, nothing else known", before, vkey, 1, kept.Note)

	if err := other.Extends(common); err != nil {
		t.Error(err)
	}
	var fork *ledger.ForkError
	if err := other.Extends(kept); !errors.As(err, &fork) {
		t.Errorf("a fork extends: %v", err)
	}
	if err := l.Extends(other.Checkpoint()); !errors.As(err, &fork) || fork.Size != 4 {
		t.Errorf("a longer fork is extended: %v", err)
	}
	if err := l.Extends(kept); err != nil {
		t.Error(err)
	}
	if _, err := ledger.Verify(dir, vkey, strings.Replace(kept.Note, "\n3\n", "\n2\n", 1)); err == nil {
		t.Error("a saved checkpoint that was changed is accepted")
	}
}

func TestASealedFileMayBeArchived(t *testing.T) {
	dir, vkey := archive(t)
	away := filepath.Join(t.TempDir(), "ledger-000000000001.jsonl")
	if err := os.Rename(filepath.Join(dir, filepath.Base(away)), away); err != nil {
		t.Fatal(err)
	}
	r := verified(t, dir, vkey)
	if r.Checked != 17 || len(r.Archived) != 1 || r.Archived[0] != (ledger.Range{First: 1, Last: 9}) {
		t.Errorf("checked %d, archived %v", r.Checked, r.Archived)
	}
	l := open(t, dir)
	start(t, l, "a", "")
	if _, err := l.Include(3); err == nil || !strings.Contains(err.Error(), "archived") {
		t.Errorf("proof of an archived record: %v", err)
	}
	if in, err := l.Include(20); err != nil {
		t.Error(err)
	} else if _, err := in.Verify(vkey); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, "ledger-000000000010.jsonl")); err != nil {
		t.Fatal(err)
	}
	if r := verified(t, dir, vkey); len(r.Archived) != 1 || r.Archived[0].Last != 18 {
		t.Errorf("archived %v", r.Archived)
	}
	changed := read(t, filepath.Join(dir, "hashes"))
	changed[0]++
	write(t, filepath.Join(dir, "hashes"), changed)
	if _, err := ledger.Verify(dir, vkey); err == nil {
		t.Error("Verify does not find changed hashes of archived records")
	}
}

func TestAnInclusionIsCheckedWithoutTheLedger(t *testing.T) {
	dir, vkey := archive(t)
	l := open(t, dir)
	for seq := int64(1); seq <= l.Checkpoint().Size; seq++ {
		in, err := l.Include(seq)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := in.Verify(vkey); err != nil || r.Seq != seq {
			t.Fatalf("record %d: %v", seq, err)
		}
		for what, bad := range map[string]func(*ledger.Inclusion){
			"line":  func(in *ledger.Inclusion) { in.Line = strings.Replace(in.Line, `"event":"`, `"event":"x`, 1) },
			"seq":   func(in *ledger.Inclusion) { in.Seq++ },
			"proof": func(in *ledger.Inclusion) { in.Proof = in.Proof[1:] },
			"hash":  func(in *ledger.Inclusion) { in.Proof = append([]string{in.Proof[len(in.Proof)-1]}, in.Proof[1:]...) },
			"root":  func(in *ledger.Inclusion) { in.Checkpoint = strings.Replace(in.Checkpoint, "\n26\n", "\n25\n", 1) },
		} {
			in, _ := l.Include(seq)
			bad(&in)
			if _, err := in.Verify(vkey); err == nil {
				t.Errorf("record %d: a changed %s is accepted", seq, what)
			}
		}
	}
	_, other := archive(t)
	in, _ := l.Include(1)
	if _, err := in.Verify(other); err == nil {
		t.Error("another ledger's key verifies it")
	}
}

// A5: a sealed file without its last records does not count as archived.
func TestA5ASealedFileThatWasCutIsNotArchived(t *testing.T) {
	base, vkey := archive(t)
	lines := bytes.SplitAfter(read(t, filepath.Join(base, "ledger-000000000010.jsonl")), []byte("\n"))
	for n := range 9 {
		dir := copied(t, base)
		write(t, filepath.Join(dir, "ledger-000000000010.jsonl"), bytes.Join(lines[:n], nil))
		tampered(t, fmt.Sprintf("%d of 9 lines", n), dir, vkey, 10+int64(n))
	}
	dir := copied(t, base)
	write(t, filepath.Join(dir, "ledger-000000000010.jsonl"), append(bytes.Join(lines, nil), lines[8]...))
	tampered(t, "a line more", dir, vkey, 19)
	next, _, _ := bytes.Cut(read(t, filepath.Join(base, "ledger.jsonl")), []byte("\n"))
	write(t, filepath.Join(dir, "ledger-000000000010.jsonl"), append(bytes.Join(lines, nil), append(next, '\n')...))
	tampered(t, "the next file's first line as well", dir, vkey, 19)
	dir = copied(t, base)
	if err := os.Rename(filepath.Join(dir, "ledger-000000000010.jsonl"), filepath.Join(dir, "ledger-000000000011.jsonl")); err != nil {
		t.Fatal(err)
	}
	tampered(t, "renamed", dir, vkey, 11)
	if err := os.Remove(filepath.Join(base, "ledger.jsonl")); err != nil {
		t.Fatal(err)
	}
	tampered(t, "no active file", base, vkey, 19)
}
