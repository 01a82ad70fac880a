package fingerprint

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// hashOf returns a well spread hash of a number.
func hashOf(k Key, n uint64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	return k.Hash(b[:])
}

// A set has the values with at most three subjects in the class. The test counts the subjects with maps, and compares.
func TestSetKeepsRareValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := []int{0, 0, 1, 2}
		type entry struct {
			value, subject uint64
			label          uint32
		}
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) entry {
			// A writer may take the subjects 0 and 1 for one, so no entry has the subject 0.
			return entry{rapid.Uint64Range(0, 30).Draw(t, "value"), rapid.Uint64Range(1, 7).Draw(t, "subject"), rapid.Uint32Range(0, 3).Draw(t, "label")}
		}), 0, 400).Draw(t, "entries")
		hash := func(n uint64) uint64 { return (n + 1) * 0xd6e8feb86659fd93 } // the same partitions in each example
		exempt := hash(7)
		store := NewStore(0, nil)
		writers := []*Writer{store.Writer(), store.Writer()}
		subjects, labels := map[[2]uint64]map[uint64]bool{}, map[uint64]map[uint32]bool{}
		for i, e := range entries {
			writers[i%2].Add(hash(e.value), e.subject, e.label)
			key := [2]uint64{e.value, uint64(classes[e.label])}
			if subjects[key] == nil {
				subjects[key] = map[uint64]bool{}
			}
			subjects[key][e.subject] = true
			if labels[e.value] == nil {
				labels[e.value] = map[uint32]bool{}
			}
			labels[e.value][e.label] = true
		}
		for _, w := range writers {
			w.Flush()
		}
		set := store.Seal(Rules{Classes: classes, Exempt: func(h uint64) bool { return h == exempt }, Workers: 2})
		outcomes := make([]Outcome, len(classes))
		for value := range uint64(31) {
			var want []uint32
			for label := range uint32(4) {
				switch n := len(subjects[[2]uint64{value, uint64(classes[label])}]); {
				case !labels[value][label]:
				case value == 7:
					outcomes[label].Exempt++
				case n > Rare:
					outcomes[label].Common++
				default:
					outcomes[label].Rare++
					want = append(want, label)
				}
			}
			if got := set.Find(nil, hash(value)); !slices.Equal(got, want) {
				t.Fatalf("value %d has labels %v, want %v", value, got, want)
			}
		}
		if !slices.Equal(set.Outcomes, outcomes) {
			t.Fatalf("outcomes %v, want %v", set.Outcomes, outcomes)
		}
	})
}

func TestFewAreFoundThatAreNotThere(t *testing.T) {
	key, store := NewKey(), NewStore(DefaultForTests, nil)
	w := store.Writer()
	const n = 300_000
	for i := range uint64(n) {
		w.Add(hashOf(key, i), i, 0)
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}, Workers: 2})
	if set.Len() != n || set.Sampling() != 0 {
		t.Fatalf("%d values, sampling %d", set.Len(), set.Sampling())
	}
	wrong := 0
	for i := range uint64(n) {
		if len(set.Find(nil, hashOf(key, i))) != 1 {
			t.Fatal("a value is not found")
		}
		other := hashOf(key, i+n)
		if len(set.Find(nil, other)) != 0 {
			t.Fatal("a value is found that is not there")
		}
		if set.Has(other) {
			wrong++
		}
	}
	if wrong > n/100 {
		t.Errorf("the filter is wrong for %d of %d", wrong, n)
	}
}

// DefaultForTests has room for the entries of small tests without sampling.
const DefaultForTests = 64 << 20

// When the memory is full, the store keeps a part of all values, and Samples reports true for the same part.
func TestSamplingGrowsWhileValuesArrive(t *testing.T) {
	const n, memory = 1_500_000, 6 << 20
	key, store := NewKey(), NewStore(memory, nil)
	var wait sync.WaitGroup
	for worker := range uint64(4) {
		wait.Go(func() {
			w := store.Writer()
			for i := worker; i < n; i += 4 {
				w.Add(hashOf(key, i), i, 0)
			}
			w.Flush()
		})
	}
	wait.Wait()
	set := store.Seal(Rules{Classes: []int{0}, Workers: 2})
	if set.Sampling() < 2 || set.Sampling() > 4 {
		t.Fatalf("sampling %d", set.Sampling())
	}
	if set.Peak() > memory*5/4 {
		t.Errorf("%d bytes at the peak, may use %d", set.Peak(), memory)
	}
	sampled := 0
	for i := range uint64(n) {
		hash := hashOf(key, i)
		if found := len(set.Find(nil, hash)) == 1; found != set.Samples(hash) {
			t.Fatalf("found %v, in the sample %v", found, set.Samples(hash))
		} else if found {
			sampled++
		}
	}
	expected := float64(n) / float64(int(1)<<set.Sampling())
	if math.Abs(float64(sampled)-expected) > 6*math.Sqrt(expected) {
		t.Errorf("%d values are sampled, expected about %.0f", sampled, expected)
	}
}

func TestOneValueOfAMillionSubjectsCostsNothing(t *testing.T) {
	key, store := NewKey(), NewStore(DefaultForTests, nil)
	w := store.Writer()
	common := hashOf(key, 1)
	for i := range uint64(1_000_000) {
		w.Add(common, i, 0)
		w.Add(hashOf(key, 2), 7, 0) // one subject with a million rows
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}})
	if set.Outcomes[0] != (Outcome{Rare: 1, Common: 1}) {
		t.Errorf("%+v", set.Outcomes[0])
	}
	if set.Peak() > 16*chunkSize*entryBytes {
		t.Errorf("%d bytes", set.Peak())
	}
}

// The subjects of one value can arrive with many other values between them. All of these subjects are still counted,
// and sorting does not take too long.
func TestOneValueAmongMany(t *testing.T) {
	key, store := NewKey(), NewStore(0, nil)
	for range 2000 { // writers that never remember the value
		w := store.Writer()
		w.Add(hashOf(key, 1), rand.Uint64(), 0)
		w.Flush()
	}
	set := store.Seal(Rules{Classes: []int{0}})
	if set.Outcomes[0] != (Outcome{Common: 1}) || set.Len() != 0 {
		t.Errorf("%+v", set.Outcomes[0])
	}
}

func TestKeysDiffer(t *testing.T) {
	a, b := NewKey(), NewKey()
	if a.Hash([]byte("anna")) == b.Hash([]byte("anna")) {
		t.Error("two keys give one hash")
	}
}

// Sampling uses the low bits of a hash, and partitions use the high bits. Each bit has to be spread evenly, even if the
// values are similar. No byte of a value may be ignored.
func TestHashesAreSpread(t *testing.T) {
	key := NewKey()
	const n = 200_000
	var ones [64]int
	for i := range n {
		h := key.Hash(fmt.Appendf(nil, "anna%dexamplecom", i))
		for b := range ones {
			ones[b] += int(h >> b & 1)
		}
	}
	for b, got := range ones {
		if math.Abs(float64(got)-n/2) > 6*math.Sqrt(n)/2 {
			t.Errorf("bit %d is 1 in %d of %d hashes", b, got, n)
		}
	}
	value := []byte("annaschmidtexamplecom")
	whole := key.Hash(value)
	for i := range value {
		value[i] ^= 1
		if key.Hash(value) == whole {
			t.Errorf("byte %d is ignored", i)
		}
		value[i] ^= 1
	}
}

func TestAddingAndFindingCostNoAllocation(t *testing.T) {
	key, store := NewKey(), NewStore(DefaultForTests, nil)
	w := store.Writer()
	i := uint64(0)
	add := func() {
		w.Add(hashOf(key, i), i, 0)
		i++
	}
	if n := testing.AllocsPerRun(20_000, add); n != 0 { // a chunk for a thousand values is less than 1
		t.Errorf("%v allocations for each value that is added", n)
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}})
	found := make([]uint32, 0, 8)
	if n := testing.AllocsPerRun(1000, func() { found = set.Find(found[:0], hashOf(key, 5)) }); n != 0 || len(found) != 1 {
		t.Errorf("%v allocations for each value that is looked up, %d labels", n, len(found))
	}
}

// TestMemoryOfTenMillion checks what DefaultMemory promises: room for ten million rare values without sampling.
func TestMemoryOfTenMillion(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 256 MB")
	}
	const n, memory = 10_000_000, 240 << 20
	key, store := NewKey(), NewStore(memory, nil)
	w := store.Writer()
	for i := range uint64(n) {
		w.Add(hashOf(key, i), i, 0)
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}, Workers: 2})
	if set.Sampling() != 0 || set.Len() != n {
		t.Errorf("sampling %d, %d values", set.Sampling(), set.Len())
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%.1f bytes for each value in the heap, %d MB of entries at the peak", float64(m.HeapInuse)/n, set.Peak()>>20)
	if m.HeapInuse > 256<<20 {
		t.Errorf("%d MB in the heap", m.HeapInuse>>20)
	}
	runtime.KeepAlive(set)
}

// A sample of one in 2^k finds at least one of n leaked values with the probability 1 - (1 - 2^-k)^n. The size of the
// sample depends on the number of values for each byte of memory. So a test with a small store is valid for a large
// store, and a small store can be filled often.
func TestSampledLeaksAreFoundAsOftenAsPromised(t *testing.T) {
	const values, rounds = 1_200_000, 100
	leaks := []int{1, 10, 100}
	var noticed, found [3]int
	var promised, variance [3]float64
	for range rounds {
		key, store := NewKey(), NewStore(6<<20, nil)
		w := store.Writer()
		for i := range uint64(values) {
			w.Add(hashOf(key, i), i, 0)
		}
		w.Flush()
		set := store.Seal(Rules{Classes: []int{0}, Workers: 2})
		for i, leaked := range leaks {
			n := 0
			for v := range uint64(leaked) {
				n += len(set.Find(nil, hashOf(key, v*7919%values)))
			}
			found[i] += n
			if n > 0 {
				noticed[i]++
			}
			p := 1 - math.Pow(1-math.Ldexp(1, -set.Sampling()), float64(leaked))
			promised[i] += p
			variance[i] += p * (1 - p)
		}
	}
	for i, leaked := range leaks {
		t.Logf("%3d leaked values: noticed in %d of %d rounds, promised %.1f; %.1f of them found on average", leaked, noticed[i], rounds, promised[i], float64(found[i])/rounds)
		if math.Abs(float64(noticed[i])-promised[i]) > 1+5*math.Sqrt(variance[i]) {
			t.Errorf("%d leaked values: noticed in %d of %d rounds, promised %.1f", leaked, noticed[i], rounds, promised[i])
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	key, store := NewKey(), NewStore(256<<20, nil)
	w := store.Writer()
	i := uint64(0)
	for b.Loop() {
		w.Add(hashOf(key, i), i, 0)
		i++
	}
}

func BenchmarkFind(b *testing.B) {
	key, store := NewKey(), NewStore(256<<20, nil)
	w := store.Writer()
	for i := range uint64(10_000_000) {
		w.Add(hashOf(key, i), i, 0)
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}, Workers: 2})
	found := make([]uint32, 0, 8)
	for name, from := range map[string]uint64{"hit": 0, "miss": 1 << 40} {
		b.Run(name, func(b *testing.B) {
			i := uint64(0)
			for b.Loop() {
				found = set.Find(found[:0], hashOf(key, from+i*7919%10_000_000))
				i++
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		key, store := NewKey(), NewStore(256<<20, nil)
		w := store.Writer()
		for i := range uint64(10_000_000) {
			w.Add(hashOf(key, i), i, 0)
		}
		w.Flush()
		b.StartTimer()
		store.Seal(Rules{Classes: []int{0}, Workers: 2})
	}
}
