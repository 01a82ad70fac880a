package verify

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// TestHashesAreASet compares hashes with a map, also for fingerprints that have all low or all high bits in common.
func TestHashesAreASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, got := map[uint64]bool{}, hashes{}
		shift := rapid.SampledFrom([]uint{0, 24, 56}).Draw(t, "shift")
		check := func() {
			if all := slices.Sorted(got.all()); got.n != len(want) || !slices.Equal(all, slices.Sorted(maps.Keys(want))) {
				t.Fatalf("%d: %v, want %v", got.n, all, want)
			}
		}
		for _, n := range rapid.SliceOfN(rapid.Uint64Range(1, 200), 0, 400).Draw(t, "values") {
			hash := n << shift
			if got.has(hash) != want[hash] || got.add(hash) == want[hash] {
				t.Fatalf("%x: has and add do not agree with a map", hash)
			}
			want[hash] = true
		}
		check()
		copied := got.clone()
		odd := func(hash uint64) bool { return hash>>shift&1 == 1 }
		got.keep(odd)
		if copied.n != len(want) {
			t.Fatalf("the copy has %d, want %d", copied.n, len(want))
		}
		maps.DeleteFunc(want, func(hash uint64, _ bool) bool { return !odd(hash) })
		check()
	})
}

// Goroutines ask a shared set while one adds fingerprints and drops some. They see each fingerprint that stays.
func TestSharedHashesMayBeAskedWhileTheyChange(t *testing.T) {
	const all = 20_000
	kept := func(hash uint64) bool { return hash%4 == 0 }
	var s shared
	var wait sync.WaitGroup
	var last atomic.Uint64
	for range 2 {
		wait.Go(func() {
			for last.Load() < all {
				if n := last.Load() &^ 3; n > 0 && !s.has(n) || s.has(all+1) {
					t.Errorf("%d: has does not say what was added", n)
					return
				}
			}
		})
	}
	for n := uint64(1); n <= all; n++ {
		if !s.add(n) || s.add(n) || !s.has(n) {
			t.Errorf("%d: add does not say what is new", n)
		}
		if last.Store(n); n%3000 == 0 {
			s.keep(kept)
		}
	}
	wait.Wait()
	if s.clear(); s.has(all) {
		t.Error("an empty set has a fingerprint")
	}
}
