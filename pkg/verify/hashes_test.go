package verify

import (
	"maps"
	"slices"
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
