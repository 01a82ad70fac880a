package snapshottest

import (
	"testing"

	"github.com/masker-project/masker/pkg/refresh"
)

// Breakable is a Snapshot with connections that a test can break. If a Snapshot implements it, Run tests that an extent
// can be read again.
type Breakable interface {
	refresh.Snapshot
	refresh.Repeatable
	// Break prepares a fault: the connection of the next reader of the table big breaks in the middle of this table.
	// The snapshot stays.
	Break()
}

// The same reader reads an extent again after its connection broke, and gets the same bytes.
func broken(t *testing.T, s refresh.Snapshot) {
	b, ok := s.(Breakable)
	if !ok {
		t.Skip("this snapshot cannot be broken")
	}
	want, c := cut(t, s, true, large)
	e := biggest(t, c)
	whole, err := read(t.Context(), reader(t, s, want, c.Handle), e)
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, s, want, c.Handle)
	for range 2 {
		b.Break()
		if _, err := read(t.Context(), r, e); err == nil || !b.Again(err) {
			t.Fatalf("the rows ended with %v, and that was no reason to read the extent again", err)
		}
		if again, err := read(t.Context(), r, e); err != nil || again != whole {
			t.Errorf("again: %d bytes, want %d: %v", len(again), len(whole), err)
		}
	}
}
