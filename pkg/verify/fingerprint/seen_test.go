package fingerprint

import "testing"

// A writer knows which values it has added, and which of them are common.
func TestAWriterKnowsCommonValues(t *testing.T) {
	key, w := NewKey(), NewStore(0, nil).Writer()
	hash := hashOf(key, 1)
	for subjects := range uint64(Rare + 3) {
		if seen, common := w.Seen(hash, 7); seen != (subjects > 0) || common != (subjects > Rare) {
			t.Errorf("after %d subjects: seen %v, common %v", subjects, seen, common)
		}
		w.Add(hash, subjects+1, 7)
		w.Add(hash, subjects+1, 7) // a subject counts once
	}
	if seen, common := w.Seen(hash, 8); seen || common {
		t.Error("the value of another label counts")
	}
	if seen, common := w.Seen(hashOf(key, 2), 7); seen || common {
		t.Error("another value counts")
	}
}

// A label with a new value in each row does not push out the frequent values of other labels. Otherwise the store would
// get these values again for nearly every row.
func TestUniqueValuesLeaveRoomForFrequentOnes(t *testing.T) {
	const rows, frequent, columns = 400_000, 2000, 8
	key, store := NewKey(), NewStore(1<<30, nil)
	w := store.Writer()
	for row := range uint64(rows) {
		w.Add(hashOf(key, row%frequent), row, 0)
		for label := range uint32(columns) {
			w.Add(hashOf(key, frequent+row*columns+uint64(label)), row, label+1)
		}
	}
	w.Flush()
	n := -rows * columns
	for i := range store.parts {
		n += store.parts[i].n
	}
	if n > rows/4 {
		t.Errorf("%d entries for %d frequent values in %d rows", n, frequent, rows)
	}
}

// A label rests while its values do not come again. When values of the label come again later, the writer remembers
// them.
func TestALabelDoesNotRestForEver(t *testing.T) {
	key, w := NewKey(), NewStore(1<<30, nil).Writer()
	for n := range uint64(3 * triesOfLabel) {
		w.Add(hashOf(key, n), n, 0)
	}
	hash := hashOf(key, 0)
	w.Add(hash, 1, 0)
	if seen, _ := w.Seen(hash, 0); seen {
		t.Fatal("a label without repeated values does not rest")
	}
	for n := range uint64(rest + Rare + 2) {
		w.Add(hash, n, 0)
	}
	if _, common := w.Seen(hash, 0); !common {
		t.Error("the value is not common after the label has rested")
	}
}
