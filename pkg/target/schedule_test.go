package target

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"pgregory.net/rapid"
)

func TestJobsKeepOrderAndLocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "jobs")
		var mu sync.Mutex
		done, holders := map[int]bool{}, map[lockable]int{}
		var jobs []job
		for id := range n {
			j := job{id: id, locks: map[lockable]bool{}, weight: rapid.Int64Range(0, 5).Draw(t, "weight")}
			if id > 0 {
				j.deps = rapid.SliceOfN(rapid.IntRange(0, id-1), 0, 3).Draw(t, "deps")
			}
			for _, table := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2).Draw(t, "tables") {
				j.locks[lockable{catalog.Name{Name: table}, false}] = rapid.Bool().Draw(t, "alone")
			}
			enter := func(by int) {
				mu.Lock()
				defer mu.Unlock()
				for _, d := range j.deps {
					if !done[d] {
						t.Errorf("job %d ran before %d", id, d)
					}
				}
				for l, alone := range j.locks {
					if by > 0 && (holders[l] < 0 || alone && holders[l] != 0) {
						t.Errorf("job %d shares %v with another", id, l)
					}
					if alone {
						by = -by
					}
					holders[l] += by
					if alone {
						by = -by
					}
				}
			}
			j.do = func(context.Context, int) error {
				enter(1)
				runtime.Gosched()
				enter(-1)
				mu.Lock()
				done[id] = true
				mu.Unlock()
				return nil
			}
			jobs = append(jobs, j)
		}
		if err := runJobs(context.Background(), 3, jobs); err != nil || len(done) != n {
			t.Fatalf("%d of %d done, %v", len(done), n, err)
		}
	})
}

func TestAFailedJobStopsTheRest(t *testing.T) {
	boom := errors.New("boom")
	later := false
	err := runJobs(context.Background(), 2, []job{
		{id: 1, do: func(context.Context, int) error { return boom }},
		{id: 2, deps: []int{1}, do: func(context.Context, int) error { later = true; return nil }},
	})
	if !errors.Is(err, boom) || later {
		t.Errorf("got %v, dependent ran: %t", err, later)
	}
}
