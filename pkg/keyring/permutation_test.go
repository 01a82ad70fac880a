package keyring

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestTableIsABijection(t *testing.T) {
	k := ring(t).For("staging")
	for _, n := range []uint64{1, 2, 3, 10, 255, 256, 1000, 99_991, 100_000, maxTable} {
		bijective(t, k.Permutation("id", n), n)
	}
}

// TestLargeIsABijection checks every number of a permutation that is a little too large for a table. Some numbers
// need more than one step.
func TestLargeIsABijection(t *testing.T) {
	n := uint64(maxTable + 7)
	bijective(t, ring(t).For("staging").Permutation("id", n), n)
}

func bijective(t *testing.T, p *Permutation, n uint64) {
	t.Helper()
	seen := make([]bool, n)
	for x := range n {
		y := p.Apply(x)
		if y >= n || seen[y] {
			t.Fatalf("n=%d: %d goes to %d, which is outside or taken", n, x, y)
		}
		seen[y] = true
	}
}

// TestLargeCanBeUndone checks that a permutation can be inverted. It permutes too many numbers to check every one of
// them.
func TestLargeCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(maxTable+1, math.MaxUint64).Draw(t, "n")
		x := rapid.Uint64Range(0, n-1).Draw(t, "x")
		p := newLarge(secret(), n)
		y := p.Apply(x)
		if y >= n {
			t.Fatalf("%d is outside [0, %d)", y, n)
		}
		if back := p.invert(y); back != x {
			t.Fatalf("n=%d: %d came back as %d", n, x, back)
		}
	})
}

// invert inverts Apply. Only tests need it.
func (p *Permutation) invert(y uint64) uint64 {
	m := p.ff1.modV.lo
	for {
		a, b := p.ff1.unhalves(uint128{lo: y / m}, uint128{lo: y % m})
		if y = a.lo*m + b.lo; y < p.n {
			return y
		}
	}
}

func TestDomainIsBarelyLargerThanAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Min(maxTable+1).Draw(t, "n")
		p := newLarge(secret(), n)
		strings := float64(p.ff1.modU.lo) * float64(p.ff1.modV.lo)
		if ratio := strings / float64(n); p.ff1.modU != p.ff1.modV || ratio < 1 || ratio > 1.02 {
			t.Fatalf("%v strings for %d numbers", strings, n)
		}
	})
}

func TestLargestDomains(t *testing.T) {
	for _, n := range []uint64{maxTable, maxTable + 1, math.MaxUint32, 1 << 32, 1<<32 + 1, math.MaxInt64, math.MaxUint64 - 1, math.MaxUint64} {
		p := ring(t).For("staging").Permutation("id", n)
		seen := map[uint64]bool{}
		for _, x := range []uint64{0, 1, 2, n / 2, n - 2, n - 1} {
			y := p.Apply(x)
			if y >= n || seen[y] {
				t.Fatalf("n=%d: %d goes to %d", n, x, y)
			}
			seen[y] = true
		}
	}
}

// The results of consecutive numbers must look random: each of 16 buckets gets about the same number of results.
func TestLargeSpreads(t *testing.T) {
	const n, draws, buckets = 1 << 40, 16_000, 16
	p := ring(t).For("staging").Permutation("id", n)
	var count [buckets]float64
	for x := range uint64(draws) {
		count[p.Apply(x)/(n/buckets)]++
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - draws/buckets) * (c - draws/buckets) / (draws / buckets)
	}
	if chi > 50 { // 15 degrees of freedom: one key in 10^5 exceeds this. The key here is fixed
		t.Errorf("chi square %.1f", chi)
	}
}

func TestShuffleIsUnbiased(t *testing.T) {
	count := map[[3]uint32]int{}
	const draws = 6000
	key := secret()
	for i := range draws {
		key[0], key[1] = byte(i), byte(i>>8)
		count[[3]uint32(shuffle(key, 3))]++
	}
	for order, c := range count {
		if c < 850 || c > 1150 { // 1000 ± 5 standard deviations
			t.Errorf("%v came %d times of %d", order, c, draws)
		}
	}
	if len(count) != 6 {
		t.Errorf("%d orders of 6", len(count))
	}
}

func TestApplyDoesNotAllocate(t *testing.T) {
	for _, n := range []uint64{1000, math.MaxUint64} {
		p := ring(t).For("staging").Permutation("id", n)
		if a := testing.AllocsPerRun(100, func() { p.Apply(17) }); a != 0 {
			t.Errorf("n=%d: %v allocations", n, a)
		}
	}
}

func BenchmarkPermutation(b *testing.B) {
	for name, n := range map[string]uint64{"table": 1 << 20, "FF1": 1 << 62} {
		b.Run(name, func(b *testing.B) {
			p := ring(b).For("staging").Permutation("id", n)
			b.ReportAllocs()
			x := uint64(0)
			for b.Loop() {
				x = p.Apply(x % n)
			}
		})
	}
}
