package refresh

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
)

// pool is the state of the phase that moves the rows. The workers share it. Only the values in progress change.
type pool struct {
	o        Options
	take     []*route
	want     []catalog.Want // one for each route
	progress []*progress    // one for each route
}

func newPool(o Options, take []*route) *pool {
	p := &pool{o: o, take: take}
	for _, r := range take {
		p.want = append(p.want, r.want())
		p.progress = append(p.progress, &progress{route: r, name: r.leaf.Name.String(), seen: map[int]bool{}})
	}
	return p
}

// rows moves the rows of all routes from the snapshot to the shadow.
func (p *pool) rows(ctx context.Context) error {
	p.announce()
	if err := p.compileAll(); err != nil {
		return err
	}
	cut, err := p.o.Snapshot.Cut(ctx, p.want, catalog.Sizes{Workers: p.o.Workers, Bytes: p.o.ExtentBytes})
	if err != nil {
		return err
	}
	if err := p.checkCut(cut); err != nil {
		return err
	}
	if err := p.work(ctx, cut); err != nil {
		return explained(p.o.Snapshot, err)
	}
	for _, t := range p.progress {
		if !t.complete() {
			return fmt.Errorf("%s: the snapshot did not return all extents of the table; run again", t.name)
		}
	}
	return nil
}

// announce tells the observer that the phase begins, with the number of tables and with estimates of their rows and
// bytes.
func (p *pool) announce() {
	var rows, bytes int64
	for _, r := range p.take {
		n, size := r.estimate()
		rows += max(0, n)
		bytes += size
	}
	p.o.Observer.Phase("rows")
	p.o.Observer.Total(len(p.take), rows, bytes)
}

// compileAll compiles every layout once and discards the result. A treatment that cannot be compiled then stops the
// refresh before any row is read.
func (p *pool) compileAll() error {
	done := map[*rewrite.Layout]bool{}
	for _, r := range p.take {
		if done[r.layout] {
			continue
		}
		done[r.layout] = true
		if _, err := rewrite.Compile(r.layout, p.compiling(nil, nil)); err != nil {
			return err
		}
	}
	return nil
}

// compiling returns the options for compiling layouts. The argument programs is nil if no program may be started yet.
// The argument watcher is nil if nobody watches the rows.
func (p *pool) compiling(programs *programs, watcher Watcher) rewrite.Options {
	o := rewrite.Options{Keys: ring{p.o.Keys}, MaxRow: p.o.MaxRow}
	if watcher != nil {
		o.Watcher = watcher
	}
	if programs != nil && p.o.Programs != nil {
		o.Programs = programs
	}
	return o
}

// checkCut returns an error if a cut has extents of tables that were not asked for.
func (p *pool) checkCut(cut catalog.Cut) error {
	for _, e := range cut.Extents {
		if e.Want < 0 || e.Want >= len(p.want) || p.want[e.Want].Table != e.Table {
			return fmt.Errorf("%s: the snapshot cut an extent nobody asked for", e.Table)
		}
	}
	return nil
}

// work starts workers, which move the extents of each wave, the largest first. If the snapshot is sequential, one
// worker moves all extents in their order. The first error stops all workers. After all workers have ended, work
// returns this error.
func (p *pool) work(ctx context.Context, cut catalog.Cut) error {
	workers := min(p.o.Workers, len(cut.Extents))
	extents := slices.Clone(cut.Extents)
	p.arrange(extents)
	waves := [][]catalog.Extent{extents}
	if cut.Sequential {
		workers = min(workers, 1)
	} else {
		waves = p.waves(extents)
	}
	queue, moved := make(chan catalog.Extent, len(extents)), make(chan struct{}, len(extents))
	group, ctx := errgroup.WithContext(ctx)
	for number := range workers {
		w := &worker{pool: p, number: number, rows: map[*rewrite.Layout]*treater{}, programs: newPrograms(ctx, p.o.Programs)}
		group.Go(func() error { return w.run(ctx, cut.Handle, queue, moved) })
	}
	feed(ctx, waves, queue, moved)
	return group.Wait()
}

// feed sends the extents of each wave to the queue when all extents of the waves before it have been moved. The queue
// has room for all extents.
func feed(ctx context.Context, waves [][]catalog.Extent, queue chan<- catalog.Extent, moved <-chan struct{}) {
	defer close(queue)
	for i, wave := range waves {
		for _, e := range wave {
			queue <- e
		}
		for j := 0; j < len(wave) && i < len(waves)-1; j++ {
			select {
			case <-moved:
			case <-ctx.Done():
				return
			}
		}
	}
}

// explained returns the reason why the snapshot was given up, if that caused err. Otherwise it returns err.
func explained(s Snapshot, err error) error {
	if e, ok := s.(Explainer); ok {
		return e.Explain(err)
	}
	return err
}

// summary returns the numbers of the refresh, without the large objects.
func (p *pool) summary(skipped []catalog.Name) Summary {
	s := Summary{Tables: []Table{}, Skipped: []string{}, Repeated: []Repeat{}}
	for _, n := range skipped {
		s.Skipped = append(s.Skipped, n.String())
	}
	for _, done := range p.progress {
		t := done.table()
		s.Tables = append(s.Tables, t)
		s.Repeated = append(s.Repeated, done.repeats...)
		s.Rows += t.Rows
		s.Values += t.Values
		s.BytesRead += t.BytesRead
		s.BytesWritten += t.BytesWritten
	}
	slices.SortFunc(s.Tables, func(a, b Table) int { return cmp.Compare(a.Table, b.Table) })
	return s
}
