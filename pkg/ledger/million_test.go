package ledger

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// BenchmarkMillion opens, appends to and verifies a ledger of LEDGER_BENCH records. make bench-ledger sets a million.
func BenchmarkMillion(b *testing.B) {
	size, err := strconv.ParseInt(os.Getenv("LEDGER_BENCH"), 10, 64)
	if err != nil {
		b.Skip("make bench-ledger sets LEDGER_BENCH")
	}
	dir := b.TempDir()
	grow(b, dir, size)
	open := func(b *testing.B) *Ledger {
		l, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	began := time.Now()
	l := open(b)
	b.Logf("%d records; the index is made of all of them in %v", l.Checkpoint().Size, time.Since(began).Round(time.Millisecond))
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if err := open(b).Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			if err := l.Undelivered(Undelivered{Run: "x", Channel: "ops", Why: "timeout"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("include", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.Include(size); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if r, err := Verify(dir, l.VerifierKey()); err != nil || r.Checked < size {
				b.Fatal(r.Checked, err)
			}
		}
	})
}

// grow makes a ledger with size records. It writes the lines and hashes that appending would write, but makes them
// durable only once.
func grow(b *testing.B, dir string, size int64) {
	b.Helper()
	l, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	err = l.locked(func(g *log) error {
		if err := g.createLedger(); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(dir, activeName))
		if err != nil {
			return err
		}
		log, hashes := bufio.NewWriter(f), bufio.NewWriter(g.tree)
		next, tree := Checkpoint{Size: size, first: 1}, compactRange{}
		for seq := int64(1); seq <= size; seq++ {
			line, err := json.Marshal(sample(seq))
			if err != nil {
				return err
			}
			next.bytes += int64(len(line)) + 1
			_, _ = log.Write(append(line, '\n')) // Flush returns the error
			if err := tree.add(tlog.RecordHash(line), func(h tlog.Hash) error { _, err := hashes.Write(h[:]); return err }); err != nil {
				return err
			}
		}
		next.Root = tree.root()
		return errors.Join(log.Flush(), hashes.Flush(), f.Sync(), g.tree.Sync(), f.Close(), next.sign(g.key), g.stage(next), g.acknowledge(next))
	})
	if err != nil {
		b.Fatal(err)
	}
}

// sample returns a record: the end of a run for an odd seq, and a start with a few treatments for an even one.
func sample(seq int64) Record {
	r := Record{Seq: seq, Time: time.Unix(1e9+seq, 0).UTC(), Run: fmt.Sprintf("%012d", seq/2)}
	if seq%2 == 1 {
		r.Run, r.Event, r.Outcome = fmt.Sprintf("%012d", (seq-1)/2), EventFinish, &Outcome{Published: true, Rows: seq}
		return r
	}
	r.Event, r.Movement = EventStart, &Movement{
		Flow: "nightly", Source: Party{Environment: "production", SystemID: "7300000000000000001", Database: "shop"},
		Target: Party{Environment: "staging", SystemID: "7300000000000000002", Database: "shop"}, Treatments: make([]Column, 5),
	}
	return r
}
