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
	deps   []int             // ids of jobs that must run before; ids that are not among the jobs do not count
	locks  map[lockable]bool // relations that the job locks; true for an exclusive lock, false for a shared one
	weight int64             // estimated amount of work; heavier jobs start first
	do     work
}

// work runs a job on one of the sessions.
type work func(ctx context.Context, t turn) error

// turn says how a job runs.
type turn struct {
	session int // number of the session
	spare   int // the job's share of the idle sessions; the job may use their processors
}

// start is a job that may start now.
type start struct {
	job   *job
	spare int
}

// lockable is a table. If tree is true, it is a partitioned table with all its partitions.
type lockable struct {
	table catalog.Name
	tree  bool
}

// runJobs runs jobs on n sessions. A job runs after its dependencies. The jobs on which the most work depends start
// first. Jobs whose locks conflict never run at the same time. So a session waits for the lock of another session only
// if a job locks more tables than its locks say. The first error stops the other jobs and is returned.
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

// pathWeights returns for each job its weight, plus the weight of the heaviest chain of jobs that depend on it.
func pathWeights(jobs []job) map[int]int64 {
	byID := make(map[int]*job, len(jobs))
	waits := map[int][]int{} // by job, the jobs that depend on it
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
		ahead[id] = byID[id].weight // set before the visits below, so that a cycle of dependencies ends, although pg_dump writes no cycle
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

// dispatch sends each job to work as soon as it can run. Only dispatch uses the state of the schedule, so the state
// needs no mutex.
func dispatch(ctx context.Context, n int, jobs []job, work chan<- start, done <-chan *job) error {
	waiting := map[int]bool{}
	for i := range jobs {
		waiting[jobs[i].id] = true
	}
	held := map[lockable]int{} // the number of shared locks, or -1 for an exclusive lock
	started := make([]bool, len(jobs))
	running, first := 0, 0
	for left := len(jobs); left > 0; {
		for first < len(jobs) && started[first] {
			first++ // so that a long list is not read from its beginning for each job
		}
		wanted := map[lockable]bool{} // locks that ready jobs wait for; true for an exclusive lock
		var next []*job
		for i := first; i < len(jobs) && running < n; i++ {
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
			// There is a cycle of dependencies, although pg_dump does not write any. Ignore the dependencies.
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

// ready reports whether all dependencies of a job have run.
func ready(j *job, waiting map[int]bool) bool {
	for _, d := range j.deps {
		if waiting[d] && d != j.id {
			return false
		}
	}
	return true
}

// conflicts reports whether a job needs a lock that conflicts with the locks of running jobs.
func conflicts(j *job, held map[lockable]int) bool {
	for l, alone := range j.locks {
		if held[l] < 0 || alone && held[l] > 0 {
			return true
		}
	}
	return false
}

// want adds the locks of a job that has to wait for them. This reserves the locks. Without it, later jobs could take
// turns in sharing these locks, and the waiting job would never get them.
func want(j *job, wanted map[lockable]bool) {
	for l, alone := range j.locks {
		wanted[l] = wanted[l] || alone
	}
}

// overtakes reports whether a job needs a lock that conflicts with the locks of a job that waits.
func overtakes(j *job, wanted map[lockable]bool) bool {
	for l, alone := range j.locks {
		if first, ok := wanted[l]; ok && (first || alone) {
			return true
		}
	}
	return false
}

// hold takes the locks of a job if the argument by is 1, and releases them if it is -1.
func hold(j *job, held map[lockable]int, by int) {
	for l, alone := range j.locks {
		if alone {
			held[l] -= by
		} else {
			held[l] += by
		}
	}
}
