package fingerprint

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// More returns entries after the rare values are known. The set has each of these entries once, if the entry is in the
// sample. The set keeps the entries that it had before.
func TestMoreEntriesAreAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := func(n uint64) uint64 { return (n + 1) * 0xd6e8feb86659fd93 }
		numbers := rapid.SliceOfN(rapid.Uint64Range(0, 5000), 0, 3000)
		values, added := numbers.Draw(t, "values"), numbers.Draw(t, "added")
		store, want := NewStore(0, nil), map[uint64][]uint32{}
		w := store.Writer()
		for _, n := range values {
			w.Add(hash(n), n, 0)
			want[n] = []uint32{0}
		}
		w.Flush()
		set := store.Seal(Rules{Classes: []int{0, 0}, Workers: 2, Room: len(added), More: func(rare func(uint64, uint32) bool) [][]Entry {
			lists := [][]Entry{nil, nil, nil}
			for i, n := range added {
				if got := rare(hash(n), 0); got != slices.Contains(values, n) || rare(hash(n), 1) {
					t.Fatalf("value %d is rare: %v", n, got)
				}
				lists[i%3] = append(lists[i%3], Entry{hash(n), NewMark(0, 1)})
			}
			return lists
		}})
		slices.Sort(added)
		added = slices.Compact(added)
		for _, n := range added {
			want[n] = append(want[n], 1)
		}
		for n := range uint64(5001) {
			if got := set.Find(nil, hash(n)); !slices.Equal(got, want[n]) {
				t.Fatalf("value %d has labels %v, want %v", n, got, want[n])
			}
		}
		if n := set.Outcomes[1].Rare; n != int64(len(added)) {
			t.Fatalf("%d entries were added, want %d", n, len(added))
		}
	})
}

// HasEach returns for each of many hashes what Has returns for it, also for hashes of parts that have no entry.
func TestManyHashesAreAskedForTogether(t *testing.T) {
	key, store := NewKey(), NewStore(0, nil)
	w := store.Writer()
	for i := range uint64(100) { // many of the parts have no entry
		w.Add(hashOf(key, i), i, 0)
	}
	w.Flush()
	set := store.Seal(Rules{Classes: []int{0}, Workers: 1})
	var hashes []uint64
	want := []bool{true}
	for i := range uint64(1000) {
		hash := hashOf(key, i*i)
		hashes, want = append(hashes, hash), append(want, set.Has(hash))
	}
	for n := range hashes {
		if got := set.HasEach([]bool{true}, hashes[:n]); !slices.Equal(got, want[:n+1]) {
			t.Fatalf("%d hashes: %v, want %v", n, got, want[:n+1])
		}
	}
}

// The memory of the entries that are added is part of the store's memory.
func TestThereIsRoomForMore(t *testing.T) {
	const memory, n = 16 << 20, 450_000
	key, store := NewKey(), NewStore(memory, nil)
	w := store.Writer()
	for i := range uint64(n) {
		w.Add(hashOf(key, i), i, 0)
	}
	w.Flush()
	if store.Sampling() != 0 {
		t.Fatal("the store is full before")
	}
	set := store.Seal(Rules{Classes: []int{0, 0}, Workers: 2, Room: n, More: func(func(uint64, uint32) bool) [][]Entry {
		var list []Entry
		for i := range uint64(n) {
			list = append(list, Entry{hashOf(key, n+i), NewMark(0, 1)})
		}
		return [][]Entry{list}
	}})
	if set.Sampling() != 1 || set.Peak() > memory*5/4 {
		t.Errorf("one in 2^%d values needs %d bytes", set.Sampling(), set.Peak())
	}
	for i := range uint64(2 * n) {
		hash := hashOf(key, i)
		if found := len(set.Find(nil, hash)) == 1; found != set.Samples(hash) {
			t.Fatalf("found %v, in the sample %v", found, set.Samples(hash))
		}
	}
}
