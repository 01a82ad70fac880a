package ledger_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/ledger"
)

func movement(target string) ledger.Movement {
	return ledger.Movement{Flow: "nightly", Target: ledger.Party{SystemID: "7", Database: target}}
}

func open(t testing.TB, dir string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func start(t testing.TB, l *ledger.Ledger, target, published string) *ledger.Run {
	t.Helper()
	r, err := l.Start(movement(target), published)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// story returns the events of the log in order: "start", "finish", …
func story(t testing.TB, l *ledger.Ledger) []string {
	t.Helper()
	records, err := l.Records()
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for i, r := range records {
		if r.Seq != int64(i)+1 {
			t.Fatalf("record %d has number %d", i+1, r.Seq)
		}
		events = append(events, string(r.Event))
	}
	return events
}

func expect(t testing.TB, l *ledger.Ledger, want ...string) {
	t.Helper()
	if got := story(t, l); !slices.Equal(got, want) {
		t.Fatalf("the log says %v, want %v", got, want)
	}
}

func TestARunStartsAndEnds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "ledger")
	l := open(t, dir)
	if err := start(t, l, "a", "").Finish(ledger.Outcome{Tables: []ledger.Table{{Table: "public.t", Rows: 3}}}); err != nil {
		t.Fatal(err)
	}
	aborted := start(t, l, "a", "")
	if err := aborted.Abort(ledger.Outcome{Reason: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	if aborted.Finish(ledger.Outcome{}) == nil {
		t.Error("a run ended twice")
	}
	expect(t, open(t, dir), "start", "finish", "start", "abort")
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "ledger.jsonl"): 0o600, filepath.Join(dir, "checkpoint"): 0o600, filepath.Join(dir, "signer.key"): 0o600, filepath.Join(dir, "hashes"): 0o600} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want mode %v", filepath.Base(path), st.Mode().Perm(), err, want)
		}
	}
}

func TestADeadRunIsClosedByTheNextOnItsTarget(t *testing.T) {
	l := open(t, t.TempDir())
	dead := start(t, l, "a", "")
	other := start(t, l, "b", "")
	start(t, l, "a", "")
	expect(t, l, "start", "start", "recovered-abort", "start")
	records, _ := l.Records()
	if r := records[2]; r.Run != dead.ID() || r.Outcome.Published {
		t.Errorf("closed %s (published %v), want %s unpublished", r.Run, r.Outcome.Published, dead.ID())
	}
	start(t, l, "b", other.ID())
	records, _ = l.Records()
	if r := records[4]; r.Run != other.ID() || !r.Outcome.Published {
		t.Errorf("closed %s (published %v), want %s, which the mark names as published", r.Run, r.Outcome.Published, other.ID())
	}
}

// A3: a writer that dies can leave bytes after the checkpoint. These bytes are cut off, and a record says so.
func TestA3ATailTornAtAnyByteIsCut(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	run := start(t, l, "a", "")
	path, checkpoint := filepath.Join(dir, "ledger.jsonl"), filepath.Join(dir, "checkpoint")
	before, beforeCheckpoint := read(t, path), read(t, checkpoint)
	if err := run.Finish(ledger.Outcome{Rows: 42}); err != nil {
		t.Fatal(err)
	}
	after := read(t, path)
	for end := len(before); end <= len(after); end++ {
		write(t, path, after[:end])
		write(t, checkpoint, beforeCheckpoint) // the process died before it acknowledged
		l := open(t, dir)
		if end == len(before) {
			expect(t, l, "start")
		} else {
			expect(t, l, "start", "recovered")
			records, _ := l.Records()
			if cut := records[1].Cut; cut != int64(end-len(before)) {
				t.Fatalf("torn at byte %d: %d bytes cut, want %d", end, cut, end-len(before))
			}
		}
		next := start(t, l, "b", "")
		if events := story(t, open(t, dir)); events[len(events)-1] != "start" || next.ID() == "" {
			t.Fatalf("torn at byte %d: the next record is not on a line of its own: %v", end, events)
		}
		verified(t, dir, l.VerifierKey())
	}
}

func verified(t testing.TB, dir, vkey string, saved ...string) ledger.Report {
	t.Helper()
	r, err := ledger.Verify(dir, vkey, saved...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnUnacknowledgedLineOfGarbageIsCut(t *testing.T) {
	dir := t.TempDir()
	start(t, open(t, dir), "a", "")
	path := filepath.Join(dir, "ledger.jsonl")
	write(t, path, append(read(t, path), "\x00\x00\x00\n"...))
	expect(t, open(t, dir), "start", "recovered")
}

// A4: a log that lost or changed acknowledged records is refused.
func TestA4ALogThatLostOrChangedAcknowledgedRecordsIsRefused(t *testing.T) {
	for name, damage := range map[string]func(string) string{
		"empty":           func(string) string { return "" },
		"short":           func(s string) string { return s[:strings.Index(s, "\n")+1] },
		"torn acked":      func(s string) string { return s[:len(s)-2] },
		"a line gone":     func(s string) string { return s[strings.Index(s, "\n")+1:] },
		"a line twice":    func(s string) string { return s[:strings.Index(s, "\n")+1] + s },
		"not JSON":        func(s string) string { return "x" + s[1:] },
		"an unknown word": func(s string) string { return strings.Replace(s, `"seq"`, `"Seq"`, 1) },
		"two swapped":     func(s string) string { a, b, _ := strings.Cut(s, "\n"); return b + a + "\n" },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, dir)
			start(t, l, "a", "")
			start(t, l, "b", "")
			path := filepath.Join(dir, "ledger.jsonl")
			damaged := damage(string(read(t, path)))
			write(t, path, []byte(damaged))
			if _, err := ledger.Open(dir, ledger.Options{}); err == nil {
				t.Fatal("opened")
			}
			if _, err := l.Start(movement("c"), ""); err == nil {
				t.Fatal("written to by a ledger that was open")
			}
			if got := string(read(t, path)); got != damaged {
				t.Fatal("a refused log was changed")
			}
		})
	}
}

// A2: processes and goroutines write at the same time, while the ledger is verified and its files are sealed. The
// ledger must lose no acknowledged record.
func TestA2ManyProcessesAndGoroutinesNeitherForkNorLose(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	acked := make([][]string, 6)
	for i := range 3 {
		wg.Go(func() { acked[i] = writeInAProcess(t, dir, fmt.Sprintf("p%d", i)) })
	}
	shared := open(t, dir)
	for i := 3; i < 6; i++ {
		wg.Go(func() { acked[i] = runTen(t, shared, fmt.Sprintf("g%d", i)) })
	}
	wg.Go(func() {
		start(t, shared, "first", "")
		for range 50 {
			if _, err := ledger.Verify(dir, shared.VerifierKey()); err != nil {
				t.Errorf("while it is written to: %v", err)
			}
		}
	})
	wg.Go(func() {
		for range 10 {
			_ = shared.Seal() // there may be nothing to seal
		}
	})
	wg.Wait()
	verified(t, dir, shared.VerifierKey())
	starts, ends := startsAndEnds(t, shared)
	if len(starts) != 3*20+3*10+1 {
		t.Errorf("%d runs started, want 91", len(starts))
	}
	for _, id := range slices.Concat(acked...) {
		if starts[id] != 1 || ends[id] != 1 {
			t.Errorf("run %s was acknowledged; started %d times, ended %d times", id, starts[id], ends[id])
		}
	}
}

// writeInAProcess writes twenty runs in another process. It returns those that were acknowledged.
func writeInAProcess(t *testing.T, dir, target string) []string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_TEST_WRITER="+dir, "LEDGER_TEST_TARGET="+target)
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("writer: %v", err)
	}
	return strings.Fields(string(out))
}

// runTen starts and ends ten runs, and returns those that were acknowledged.
func runTen(t *testing.T, l *ledger.Ledger, target string) (acked []string) {
	for range 10 {
		run, err := l.Start(movement(target), "")
		if err != nil {
			t.Error(err)
			return acked
		}
		acked = append(acked, run.ID())
		if err := run.Finish(ledger.Outcome{}); err != nil {
			t.Error(err)
		}
	}
	return acked
}

// startsAndEnds counts the start and finish events of each run. The test fails if the log holds any other event except
// sealed, or if the sequence numbers have a gap.
func startsAndEnds(t *testing.T, l *ledger.Ledger) (starts, ends map[string]int) {
	t.Helper()
	records, err := l.Records()
	if err != nil {
		t.Fatal(err)
	}
	starts, ends = map[string]int{}, map[string]int{}
	for i, r := range records {
		if r.Seq != int64(i)+1 {
			t.Fatalf("record %d has number %d", i+1, r.Seq)
		}
		switch r.Event {
		case ledger.EventStart:
			starts[r.Run]++
		case ledger.EventFinish:
			ends[r.Run]++
		case ledger.EventSealed:
		default:
			t.Errorf("unexpected %s", r.Event)
		}
	}
	return starts, ends
}

// TestEveryStartEnds starts runs, ends some of them, lets others die, and reopens the ledger, at random. Only runs
// that are still alive may have no end in the log.
func TestEveryStartEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "ledger")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		live := map[string]*ledger.Run{} // by target, the run that is alive
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			l, err := ledger.Open(dir, ledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			target := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "target")
			if run := live[target]; run != nil && rapid.Bool().Draw(t, "ends") {
				end := rapid.SampledFrom([]func(ledger.Outcome) error{run.Finish, run.Abort}).Draw(t, "how")
				if err := end(ledger.Outcome{}); err != nil {
					t.Fatal(err)
				}
				delete(live, target)
			}
			run, err := l.Start(movement(target), "")
			if err != nil {
				t.Fatal(err)
			}
			live[target] = run
			records, err := l.Records()
			if err != nil {
				t.Fatal(err)
			}
			open := map[string]string{} // run → target
			for _, r := range records {
				if r.Event == ledger.EventStart {
					open[r.Run] = r.Movement.Target.Database
				} else {
					if _, ok := open[r.Run]; !ok {
						t.Fatalf("%s ends and was not open", r.Run)
					}
					delete(open, r.Run)
				}
			}
			if len(open) != len(live) {
				t.Fatalf("%d runs are open, want %d", len(open), len(live))
			}
		}
	})
}

func TestRunIDsSortAndFitADatabaseName(t *testing.T) {
	l := open(t, t.TempDir())
	shape := regexp.MustCompile(`^[0-9a-z]{12}$`)
	var last string
	for range 50 {
		id := start(t, l, "a", "").ID()
		if !shape.MatchString(id) {
			t.Fatalf("%q", id)
		}
		if last != "" && id[:9] < last[:9] {
			t.Fatalf("%s comes after %s", id, last)
		}
		last = id
	}
}

func TestARecordIsOneLineOfJSON(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	m := movement("line\nbreak")
	m.Treatments = []ledger.Column{{Table: "public.\"a\nb\"", Column: "c", Treatment: "token", Discloses: "pseudonymised"}}
	if _, err := l.Start(m, ""); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	n := 0
	for ; lines.Scan(); n++ {
		if !json.Valid(lines.Bytes()) {
			t.Errorf("line %d is not JSON", n+1)
		}
	}
	if n != 1 {
		t.Errorf("%d lines, want 1", n)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
