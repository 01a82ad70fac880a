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

// pool is the state of the rows phase. Its workers share it, and only progress changes.
type pool struct {
	o        Options
	take     []*route
	want     []catalog.Want // of each route
	progress []*progress    // of each route
}

func newPool(o Options, take []*route) *pool {
	p := &pool{o: o, take: take}
	for _, r := range take {
		p.want = append(p.want, r.want())
		p.progress = append(p.progress, &progress{route: r, name: r.leaf.Name.String(), seen: map[int]bool{}})
	}
	return p
}

// rows carries every row from the snapshot to the shadow.
func (p *pool) rows(ctx context.Context) error {
	p.announce()
	if err := p.compileAll(); err != nil {
		return err
	}
	cut, err := p.o.Snapshot.Cut(ctx, p.want, catalog.Sizes{Workers: p.o.Workers, Bytes: p.o.ExtentBytes})
	if err != nil {
		return err
	}
	if err := p.asked(cut); err != nil {
		return err
	}
	if err := p.work(ctx, cut); err != nil {
		return explained(p.o.Snapshot, err)
	}
	for _, t := range p.progress {
		if !t.complete() {
			return fmt.Errorf("%s: the snapshot ended before the whole table was read", t.name)
		}
	}
	return nil
}

func (p *pool) announce() {
	var rows, bytes int64
	for _, r := range p.take {
		rows += max(0, r.leaf.Size.Rows)
		bytes += r.leaf.Size.Bytes
	}
	p.o.Observer.Phase("rows")
	p.o.Observer.Total(len(p.take), rows, bytes)
}

// compileAll compiles every layout once and drops the result, so that a treatment that cannot be
// compiled stops the refresh before a row is read.
func (p *pool) compileAll() error {
	done := map[*rewrite.Layout]bool{}
	for _, r := range p.take {
		if done[r.layout] {
			continue
		}
		done[r.layout] = true
		if _, err := rewrite.Compile(r.layout, p.compiling(nil)); err != nil {
			return err
		}
	}
	return nil
}

// compiling is what rows are compiled with; programs is nil where none is asked yet.
func (p *pool) compiling(programs *programs) rewrite.Options {
	o := rewrite.Options{Keys: ring{p.o.Keys}, MaxRow: p.o.MaxRow}
	if programs != nil && p.o.Programs != nil {
		o.Programs = programs
	}
	return o
}

// asked refuses a cut that has extents of something else than what was wanted.
func (p *pool) asked(cut catalog.Cut) error {
	for _, e := range cut.Extents {
		if e.Want < 0 || e.Want >= len(p.want) || p.want[e.Want].Table != e.Table {
			return fmt.Errorf("%s: the snapshot cut an extent nobody asked for", e.Table)
		}
	}
	return nil
}

// work lets workers carry the extents, largest first. The first error ends the others and is
// returned when all have ended.
func (p *pool) work(ctx context.Context, cut catalog.Cut) error {
	workers := min(p.o.Workers, len(cut.Extents))
	extents := slices.Clone(cut.Extents)
	if cut.Sequential {
		workers = min(workers, 1)
	} else {
		slices.SortStableFunc(extents, func(a, b catalog.Extent) int { return cmp.Compare(b.Bytes, a.Bytes) })
	}
	queue := make(chan catalog.Extent, len(extents))
	for _, e := range extents {
		queue <- e
	}
	close(queue)
	group, ctx := errgroup.WithContext(ctx)
	for number := range workers {
		w := &worker{pool: p, number: number, rows: map[*rewrite.Layout]*rewrite.Row{}, programs: newPrograms(ctx, p.o.Programs)}
		group.Go(func() error { return w.run(ctx, cut.Handle, queue) })
	}
	return group.Wait()
}

// explained is why the snapshot was given up, where it knows that this is behind the error.
func explained(s Snapshot, err error) error {
	if e, ok := s.(Explainer); ok {
		return e.Explain(err)
	}
	return err
}

func (p *pool) summary(skipped []catalog.Name) Summary {
	s := Summary{Tables: []Table{}, Skipped: []string{}}
	for _, n := range skipped {
		s.Skipped = append(s.Skipped, n.String())
	}
	for _, done := range p.progress {
		t := done.table()
		s.Tables = append(s.Tables, t)
		s.Rows += t.Rows
		s.Values += t.Values
		s.BytesRead += t.BytesRead
		s.BytesWritten += t.BytesWritten
	}
	slices.SortFunc(s.Tables, func(a, b Table) int { return cmp.Compare(a.Table, b.Table) })
	return s
}
