package ledger_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/masker-project/masker/pkg/ledger"
)

// asNobody runs fn on a thread that accesses files as an unprivileged user. Root could write everywhere.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked, so the thread ends with this goroutine
		if os.Getuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				t.Errorf("setfsuid: %v", err)
				return
			}
		}
		fn()
	}()
	<-done
}

func TestAReadOnlyFolderStartsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		if _, err := ledger.Open(dir, ledger.Options{}); err == nil || !strings.Contains(err.Error(), "nothing is read") {
			t.Errorf("got %v", err)
		}
		if _, err := ledger.Open(filepath.Join(dir, "deeper"), ledger.Options{}); err == nil {
			t.Error("made a folder in a read-only one")
		}
	})
}

// TestAFullDiskStartsNothing runs itself again in processes that cannot write more than a few bytes to a file. Writing
// then fails as on a full disk: at the key, at the first checkpoint or at the first record. Once there is space again,
// the ledger starts.
func TestAFullDiskStartsNothing(t *testing.T) {
	if dir := os.Getenv("LEDGER_TEST_FULL"); dir != "" {
		limit, err := strconv.ParseUint(os.Getenv("LEDGER_TEST_LIMIT"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			t.Fatal(err)
		}
		l, err := ledger.Open(dir, ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second attempt finds what the first has left
			if _, err := l.Start(movement("a"), ""); err == nil || !strings.Contains(err.Error(), "free space on the disk of "+dir) {
				t.Fatalf("starting on a disk full at %d bytes: %v", limit, err)
			}
		}
		return
	}
	for limit := 30; limit <= 330; limit += 60 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskStartsNothing$")
		cmd.Env = append(os.Environ(), "LEDGER_TEST_FULL="+dir, "LEDGER_TEST_LIMIT="+strconv.Itoa(limit))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		l := open(t, dir)
		expect(t, l)
		start(t, l, "a", "")
		expect(t, l, "start")
	}
}

// TestAFullDiskLeavesARecordedLedgerAsItWas checks that a ledger with records refuses a new record
// on a full disk, and that no part of the new record remains.
func TestAFullDiskLeavesARecordedLedgerAsItWas(t *testing.T) {
	if dir := os.Getenv("LEDGER_TEST_FILLED"); dir != "" {
		for limit := uint64(0); limit < 4000; limit += 100 {
			l, err := ledger.Open(dir, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: unix.RLIM_INFINITY}); err != nil {
				t.Fatal(err)
			}
			big := movement("b")
			big.Treatments = make([]ledger.Column, 100)
			if _, err := l.Start(big, ""); err == nil || !strings.Contains(err.Error(), "free space on the disk of "+dir) {
				t.Fatalf("starting on a disk full at %d bytes: %v", limit, err)
			}
			if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	dir := t.TempDir()
	l := open(t, dir)
	start(t, l, "a", "")
	cmd := exec.Command(os.Args[0], "-test.run=^TestAFullDiskLeavesARecordedLedgerAsItWas$")
	cmd.Env = append(os.Environ(), "LEDGER_TEST_FILLED="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expect(t, open(t, dir), "start")
	verified(t, dir, l.VerifierKey())
}
