package noise

import (
	"testing"

	"github.com/masker-project/masker/pkg/transform"
)

func TestShiftCoversItsWholeRangeButZero(t *testing.T) {
	s := &shift{days: 3}
	seen := map[int64]int{}
	for i := range 6000 {
		var seed transform.Seed
		seed[0], seed[1] = byte(i*65536/6000>>8), byte(i*65536/6000)
		by, _ := s.delta(&seed)
		seen[by]++
	}
	if len(seen) != 6 || seen[0] != 0 || seen[-3] == 0 || seen[3] == 0 {
		t.Errorf("%v", seen)
	}
}
