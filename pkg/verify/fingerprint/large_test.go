package fingerprint

import (
	"encoding/binary"
	"testing"
)

// The caller gets all memory whose size depends on the number of values: the entries, and the filters of the set.
func TestLargeMemoryIsShown(t *testing.T) {
	shown := 0
	key, store := NewKey(), NewStore(64<<20, func(memory []byte) { shown += len(memory) })
	w := store.Writer()
	const values = 1_000_000
	var text [8]byte
	for i := range uint64(values) {
		binary.LittleEndian.PutUint64(text[:], i)
		w.Add(key.Hash(text[:]), i, 0)
	}
	w.Flush()
	if entries := int(store.Peak()); shown < entries {
		t.Errorf("%d bytes were shown, want the %d bytes of the entries", shown, entries)
	}
	shown = 0
	if set := store.Seal(Rules{Classes: []int{0}}); set.Len() != values || shown < values*filterBytes {
		t.Errorf("a set of %d values, and %d bytes of filters were shown", set.Len(), shown)
	}
}
