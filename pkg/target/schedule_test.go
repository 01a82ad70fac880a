package target

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func table(name string) lockable { return lockable{catalog.Name{Schema: "s", Name: name}, false} }

// A job that waits for an exclusive lock gets it before lighter jobs that need only a shared lock.
func TestJobThatWaitsForALockIsNotOvertaken(t *testing.T) {
	var mu sync.Mutex
	var order []string
	do := func(name string) work {
		return func(context.Context, turn) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			return nil
		}
	}
	shared := map[lockable]bool{table("t"): false}
	jobs := []job{
		{id: 1, weight: 100, locks: shared, do: do("index")},
		{id: 2, weight: 50, locks: map[lockable]bool{table("t"): true}, do: do("key")},
		{id: 3, weight: 10, locks: shared, do: do("late index")},
	}
	if err := runJobs(t.Context(), 2, jobs); err != nil {
		t.Fatal(err)
	}
	if want := []string{"index", "key", "late index"}; !slices.Equal(order, want) {
		t.Errorf("ran %v, want %v", order, want)
	}
}

func TestEveryJobRunsOnceAfterWhatItNeedsAndNeverBesideAConflict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var mu sync.Mutex
		done, running := map[int]bool{}, map[int]*job{}
		var faults []string
		jobs := make([]job, rapid.IntRange(1, 25).Draw(t, "jobs"))
		for i := range jobs {
			j := job{id: i + 1, weight: int64(rapid.IntRange(0, 9).Draw(t, "weight")), locks: map[lockable]bool{}}
			for d := 1; d <= i; d++ {
				if rapid.IntRange(0, 9).Draw(t, "dep") == 0 {
					j.deps = append(j.deps, d)
				}
			}
			for _, name := range []string{"a", "b", "c"} {
				switch rapid.IntRange(0, 3).Draw(t, "lock") {
				case 0:
					j.locks[table(name)] = true
				case 1:
					j.locks[table(name)] = false
				}
			}
			j.do = func(context.Context, turn) error {
				mu.Lock()
				for _, d := range j.deps {
					if !done[d] {
						faults = append(faults, fmt.Sprintf("%d ran before %d", j.id, d))
					}
				}
				for _, other := range running {
					for l, alone := range j.locks {
						if theirs, ok := other.locks[l]; ok && (alone || theirs) {
							faults = append(faults, fmt.Sprintf("%d ran beside %d", j.id, other.id))
						}
					}
				}
				running[j.id] = &j
				mu.Unlock()
				mu.Lock()
				defer mu.Unlock()
				delete(running, j.id)
				if done[j.id] {
					faults = append(faults, fmt.Sprintf("%d ran twice", j.id))
				}
				done[j.id] = true
				return nil
			}
			jobs[i] = j
		}
		if err := runJobs(context.Background(), rapid.IntRange(1, 4).Draw(t, "sessions"), jobs); err != nil {
			t.Fatal(err)
		}
		if len(done) != len(jobs) || len(faults) > 0 {
			t.Fatalf("%d of %d jobs ran; %v", len(done), len(jobs), faults)
		}
	})
}

// A job gets its share of the sessions that are idle when the job starts.
func TestJobGetsTheNumberOfIdleSessions(t *testing.T) {
	var mu sync.Mutex
	spare := map[string]int{}
	do := func(name string) work {
		return func(_ context.Context, t turn) error {
			mu.Lock()
			defer mu.Unlock()
			spare[name] = t.spare
			return nil
		}
	}
	jobs := []job{
		{id: 1, weight: 9, do: do("key")},
		{id: 2, weight: 5, deps: []int{1}, do: do("index")},
		{id: 3, weight: 5, deps: []int{1}, do: do("other index")},
		{id: 4, weight: 1, deps: []int{2, 3}, do: do("foreign key")},
	}
	if err := runJobs(t.Context(), 4, jobs); err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"key": 3, "index": 1, "other index": 1, "foreign key": 3}; !maps.Equal(spare, want) {
		t.Errorf("lent %v, want %v", spare, want)
	}
}
