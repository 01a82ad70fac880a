package ledger_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
)

// TestMain lets the test binary also run as another process that writes to a ledger.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LEDGER_TEST_WRITER"); dir != "" {
		if err := writeRuns(dir, os.Getenv("LEDGER_TEST_TARGET"), 20); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv("LEDGER_TEST_FOREVER"); dir != "" {
		fmt.Fprintln(os.Stderr, writeForever(dir, os.Getenv("LEDGER_TEST_TARGET")))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeRuns starts runs, and prints the identifier of each run whose start was acknowledged.
func writeRuns(dir, target string, n int) error {
	l, err := ledger.Open(dir, ledger.Options{})
	if err != nil {
		return err
	}
	for range n {
		run, err := l.Start(movement(target), "")
		if err != nil {
			return err
		}
		fmt.Println(run.ID())
		if err := run.Finish(ledger.Outcome{Rows: 1}); err != nil {
			return err
		}
	}
	return l.Close()
}

// killWriters is how many processes write at the same time in TestA1.
const killWriters = 4

// writeForever writes events and prints each when it is acknowledged, until the process is killed.
func writeForever(dir, target string) error {
	for {
		l, err := ledger.Open(dir, ledger.Options{})
		if err != nil {
			return err
		}
		for range 5 {
			run, err := l.Start(movement(target), "")
			if err != nil {
				return err
			}
			fmt.Println(run.ID(), "start")
			if err := run.Learned([]ledger.Learned{{Table: "t", Column: target, Epsilon: 1}}); err != nil {
				return err
			}
			fmt.Println(run.ID(), "learned")
			if err := run.Finish(ledger.Outcome{Rows: 1}); err != nil {
				return err
			}
			fmt.Println(run.ID(), "finish")
		}
		if target == "t0" {
			_ = l.Seal() // there may be nothing to seal
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
}

// A1: in each round, processes write to one ledger and are killed with SIGKILL at a random moment. The ledger must be
// correct before and after its repair, and hold every event that was acknowledged. LEDGER_KILL_ROUNDS sets the number
// of rounds.
func TestA1AnAcknowledgedEventSurvivesKill(t *testing.T) {
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("LEDGER_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, %d rounds, %d writers", seed, rounds, killWriters)
	random := rand.New(rand.NewPCG(seed, 0))
	const perLedger = 10 // rounds for each ledger, so that processes are also killed while they make a new ledger
	var dir, vkey string
	acked := map[string]bool{}
	total, cuts := 0, 0
	for round := range rounds {
		if round%perLedger == 0 {
			dir, vkey, acked = t.TempDir(), "", map[string]bool{}
		}
		for _, e := range killRound(t, dir, random) {
			acked[e] = true
			total++
		}
		if vkey != "" {
			verified(t, dir, vkey)
		}
		l := open(t, dir)
		if vkey = l.VerifierKey(); vkey == "" && len(acked) == 0 {
			continue // all processes died before the first record
		}
		r := verified(t, dir, vkey)
		there := map[string]bool{}
		for r, err := range ledger.Read(dir) {
			if err != nil {
				t.Fatal(err)
			}
			there[r.Run+" "+string(r.Event)] = true
			if r.Event == ledger.EventRecovered {
				cuts++
			}
		}
		for e := range acked {
			if !there[e] {
				t.Fatalf("round %d: %s was acknowledged and is not among %d records", round+1, e, r.Checkpoint.Size)
			}
		}
	}
	t.Logf("%d events were acknowledged, none lost; torn tails cut so far in each ledger, summed over rounds: %d", total, cuts)
}

// killRound starts the writers, and kills each after a number of events and a short time. It returns the events that
// were acknowledged.
func killRound(t *testing.T, dir string, random *rand.Rand) (acked []string) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range killWriters {
		events, moment := random.IntN(12), time.Duration(random.IntN(3_000_000))
		wg.Go(func() {
			list, err := killedWriter(dir, fmt.Sprintf("t%d", i), events, moment)
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
			mu.Lock()
			defer mu.Unlock()
			acked = append(acked, list...)
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return acked
}

func killedWriter(dir, target string, events int, moment time.Duration) ([]string, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_TEST_FOREVER="+dir, "LEDGER_TEST_TARGET="+target)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	kill := func() { time.AfterFunc(moment, func() { _ = cmd.Process.Kill() }) }
	var acked []string
	for r := bufio.NewReader(out); ; {
		if len(acked) == events {
			kill()
		}
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return acked, err
		}
		acked = append(acked, strings.TrimSpace(line))
	}
	_ = cmd.Wait() // it was killed, so there is always an error
	if complaint.Len() > 0 {
		return acked, fmt.Errorf("%s", complaint.String())
	}
	return acked, nil
}
