package shadowtest

import (
	"testing"

	"github.com/masker-project/masker/pkg/refresh"
)

// breaking is rows that break the connection of the worker that loads them, after the first block.
type breaking struct {
	*blocks
	t     *testing.T
	do    func(*testing.T)
	block int
}

func (b *breaking) Next() ([]byte, error) {
	if b.block++; b.block == 2 {
		b.do(b.t)
	}
	return b.blocks.Next()
}

// After a worker's connection broke, nothing of the worker's extent is in the table. The same
// worker then writes the extent again.
func broken(t *testing.T, s Subject) {
	again, ok := s.Shadow.(refresh.Repeatable)
	if s.Break == nil || !ok {
		t.Skip("this shadow cannot be broken")
	}
	for index, of := range []int{1, 2} { // first the whole table, then a part of it
		e := extent(index, of)
		b := &breaking{rows("7\ta\n", "8\tb\n", "9\tc\n"), t, s.Break, 0}
		if _, err := write(t.Context(), s, 0, e, b); err == nil || !again.Again(err) {
			t.Fatalf("writing ended with %v, and that was no reason to write the extent again", err)
		}
		b.returned(t)
		arrived(t, s, "t", []string{"1\ta\n"}[:index]...)
		for range 2 {
			if n, err := write(t.Context(), s, 0, e, rows([]string{"1\ta\n", "2\ta\n"}[index])); err != nil || n != 1 {
				t.Errorf("again: %d rows, %v", n, err)
			}
		}
	}
	arrived(t, s, "t", "1\ta\n", "2\ta\n")
}
