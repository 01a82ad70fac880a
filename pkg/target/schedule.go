package target

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/catalog"
)

// job is one piece of work on the shadow.
type job struct {
	id     int
	deps   []int             // ids of jobs that come first; ids not among the jobs do not count
	locks  map[lockable]bool // relations it locks; true = alone, false = beside others that share
	weight int64             // heavier ones start first
	do     work
}

// work is done on one of the sessions.
type work func(ctx context.Context, t turn) error

// turn is a job's place in the schedule.
type turn struct {
	session int // that it runs on
	spare   int // sessions for which there is nothing to do beside it
}

// start is a job that may run now.
type start struct {
	job   *job
	spare int
}

// lockable is a table, or (tree) a partitioned one with all its partitions.
type lockable struct {
	table catalog.Name
	tree  bool
}

// runJobs runs jobs on n sessions: dependencies first, those earlier on which the most work waits, and
// never two at once whose locks conflict, so that no session sits waiting for another's lock and none deadlock.
// The first error stops the rest and is returned.
func runJobs(ctx context.Context, n int, jobs []job) error {
	ahead := pathWeights(jobs)
	slices.SortStableFunc(jobs, func(a, b job) int { return cmp.Compare(ahead[b.id], ahead[a.id]) })
	g, ctx := errgroup.WithContext(ctx)
	work := make(chan start)
	done := make(chan *job)
	for session := range n {
		g.Go(func() error {
			for next := range work {
				if err := next.job.do(ctx, turn{session, next.spare}); err != nil {
					return err
				}
				select {
				case done <- next.job:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(work)
		return dispatch(ctx, n, jobs, work, done)
	})
	return g.Wait()
}

// pathWeights is, for each job, its weight and that of the heaviest chain of jobs that wait for it.
func pathWeights(jobs []job) map[int]int64 {
	byID := make(map[int]*job, len(jobs))
	waits := map[int][]int{} // job → those that need it
	for i := range jobs {
		byID[jobs[i].id] = &jobs[i]
		for _, d := range jobs[i].deps {
			waits[d] = append(waits[d], jobs[i].id)
		}
	}
	ahead := make(map[int]int64, len(jobs))
	var visit func(id int) int64
	visit = func(id int) int64 {
		if w, ok := ahead[id]; ok {
			return w
		}
		ahead[id] = byID[id].weight // ends a cycle, which pg_dump does not write
		var longest int64
		for _, next := range waits[id] {
			longest = max(longest, visit(next))
		}
		ahead[id] += longest
		return ahead[id]
	}
	for id := range byID {
		visit(id)
	}
	return ahead
}

// dispatch hands out jobs as they become runnable. It alone owns the state of the schedule.
func dispatch(ctx context.Context, n int, jobs []job, work chan<- start, done <-chan *job) error {
	waiting := map[int]bool{}
	for i := range jobs {
		waiting[jobs[i].id] = true
	}
	held := map[lockable]int{} // shared holders, or -1 for one that is alone
	started := make([]bool, len(jobs))
	running := 0
	for left := len(jobs); left > 0; {
		wanted := map[lockable]bool{} // by jobs that wait for a lock only; true = alone
		var next []*job
		for i := 0; i < len(jobs) && running < n; i++ {
			j := &jobs[i]
			if started[i] || !ready(j, waiting) {
				continue
			}
			if conflicts(j, held) {
				want(j, wanted)
				continue
			}
			if overtakes(j, wanted) {
				continue
			}
			started[i] = true
			running++
			hold(j, held, 1)
			next = append(next, j)
		}
		for _, j := range next {
			select {
			case work <- start{j, (n - running) / len(next)}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if running == 0 {
			// A cycle among dependencies, which pg_dump does not write: order by weight is as good as any.
			clear(waiting)
			continue
		}
		select {
		case j := <-done:
			hold(j, held, -1)
			delete(waiting, j.id)
			running--
			left--
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func ready(j *job, waiting map[int]bool) bool {
	for _, d := range j.deps {
		if waiting[d] && d != j.id {
			return false
		}
	}
	return true
}

func conflicts(j *job, held map[lockable]int) bool {
	for l, alone := range j.locks {
		if held[l] < 0 || alone && held[l] > 0 {
			return true
		}
	}
	return false
}

// want remembers the locks of a job that waits for them: those behind it, who could take them in turns,
// would keep it from them for ever.
func want(j *job, wanted map[lockable]bool) {
	for l, alone := range j.locks {
		wanted[l] = wanted[l] || alone
	}
}

func overtakes(j *job, wanted map[lockable]bool) bool {
	for l, alone := range j.locks {
		if first, ok := wanted[l]; ok && (first || alone) {
			return true
		}
	}
	return false
}

// hold takes (by 1) or gives back (by -1) a job's locks.
func hold(j *job, held map[lockable]int, by int) {
	for l, alone := range j.locks {
		if alone {
			held[l] -= by
		} else {
			held[l] += by
		}
	}
}
