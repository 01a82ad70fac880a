package refresh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/wire"
)

// Options are what a refresh needs.
type Options struct {
	Permit   *guard.Permit
	Plan     *plan.Plan
	Catalog  *catalog.Database // of the snapshot
	Snapshot Snapshot
	Shadow   Shadow
	Keys     *keyring.Keys // of the target environment
	Workers  int           // 0: one per core
	MaxRow   int           // bytes; 0: rewrite.DefaultMaxRow
	Text     bool          // COPY text for every table
	Programs StartProgram  // for the treatment command; nil: a plan that needs one fails
	Observer Observer      // nil: nobody watches
	// Learned is told what was learned of sampled columns, before a row is read; its error stops the refresh. nil: nobody is told.
	Learned func([]Learned) error
}

// Observer watches a refresh. Its methods are called per table and per block, never per row, from
// several goroutines at once.
type Observer interface {
	// Phase begins "learn" (where columns are sampled), "rows", "large objects" or "finish".
	Phase(name string)
	// Total is called once, before the rows: how many tables, and estimates of their rows and bytes.
	Total(tables int, rows, bytes int64)
	// TableStart is called before the first rows of a table; rows and bytes are estimates, rows -1 where unknown.
	TableStart(table string, rows, bytes int64)
	// Rows says that a block of a table is on its way to the target; bytes are those read.
	Rows(table string, rows, bytes int64)
	// TableDone is called when the last rows of a table are in the target.
	TableDone(table string, rows int64)
}

// Summary is what a refresh did.
type Summary struct {
	Tables       []Table  `json:"tables"`  // every table whose rows were read, leaves for themselves, sorted by name
	Skipped      []string `json:"skipped"` // tables made without their rows
	Rows         int64    `json:"rows"`
	Values       int64    `json:"values"` // cells that a treatment made
	BytesRead    int64    `json:"bytes_read"`
	BytesWritten int64    `json:"bytes_written"`
	LargeObjects int64    `json:"large_objects"`
}

// Table is what a refresh did with one table.
type Table struct {
	Table        string `json:"table"`
	Format       string `json:"format"`
	Rows         int64  `json:"rows"`
	Values       int64  `json:"values"`
	BytesRead    int64  `json:"bytes_read"`
	BytesWritten int64  `json:"bytes_written"`
}

// Run carries every row of the snapshot into the shadow, treated as the plan decided, and finishes
// the shadow. It refuses without a permit for exactly this plan. It publishes nothing: after an error
// the shadow is fit only to be discarded, and so is what the Summary says.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := o.complete(); err != nil {
		return Summary{}, err
	}
	if err := o.Permit.Check(o.Plan.Digest()); err != nil {
		return Summary{}, err
	}
	take, skipped, err := routes(o.Plan, o.Catalog, o.Text)
	if err != nil {
		return Summary{}, err
	}
	if err := learn(ctx, o, take); err != nil {
		return Summary{}, err
	}
	p := newPool(o, take)
	if err := p.rows(ctx); err != nil {
		return Summary{}, err
	}
	s := p.summary(skipped)
	if s.LargeObjects, err = largeObjects(ctx, o); err != nil {
		return Summary{}, err
	}
	o.Observer.Phase("finish")
	return s, o.Shadow.Finish(ctx)
}

func (o *Options) complete() error {
	if o.Plan == nil || o.Catalog == nil || o.Snapshot == nil || o.Shadow == nil || o.Keys == nil {
		return errors.New("refresh: Plan, Catalog, Snapshot, Shadow and Keys are needed")
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	return nil
}

// pool is the state of the rows phase. workers[i] belongs to Stream's worker i.
type pool struct {
	o        Options
	take     []*route
	progress map[catalog.Name]*progress // never changes after newPool
	workers  []worker
}

func newPool(o Options, take []*route) *pool {
	p := &pool{o: o, take: take, progress: make(map[catalog.Name]*progress, len(take)), workers: make([]worker, o.Workers)}
	for _, r := range take {
		p.progress[r.leaf.Name] = &progress{route: r, name: r.leaf.Name.String(), seen: map[int]bool{}}
	}
	for i := range p.workers {
		p.workers[i].rows = map[*rewrite.Layout]*rewrite.Row{}
	}
	return p
}

func (p *pool) rows(ctx context.Context) error {
	p.o.Observer.Phase("rows")
	want := make([]catalog.Want, len(p.take))
	var rows, bytes int64
	for i, r := range p.take {
		want[i] = r.want()
		rows += max(0, r.leaf.Size.Rows)
		bytes += r.leaf.Size.Bytes
	}
	p.o.Observer.Total(len(p.take), rows, bytes)
	if err := p.compileAll(); err != nil {
		return err
	}
	for i := range p.workers {
		p.workers[i].programs = newPrograms(ctx, p.o.Programs)
	}
	err := p.o.Snapshot.Stream(ctx, want, p.o.Workers, p.extent)
	for i := range p.workers {
		if closed := p.workers[i].programs.close(); err == nil { // what a program said before weighs more
			err = closed
		}
	}
	if err != nil {
		return err
	}
	for _, r := range p.take {
		if t := p.progress[r.leaf.Name]; !t.complete() {
			return fmt.Errorf("%s: the snapshot ended before the whole table was read", t.name)
		}
	}
	return nil
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

// compiling is what a worker's rows are compiled with; nil for no worker.
func (p *pool) compiling(w *worker) rewrite.Options {
	o := rewrite.Options{Keys: ring{p.o.Keys}, MaxRow: p.o.MaxRow}
	if w != nil && p.o.Programs != nil {
		o.Programs = w.programs
	}
	return o
}

// extent carries one extent from the snapshot to the shadow.
func (p *pool) extent(ctx context.Context, number int, e catalog.Extent, rows wire.Blocks) error {
	t := p.progress[e.Table]
	if t == nil || number < 0 || number >= len(p.workers) {
		return fmt.Errorf("%s: the snapshot streamed an extent nobody asked for", e.Table)
	}
	w := &p.workers[number]
	r, err := w.row(t.route.layout, p)
	if err != nil {
		return err
	}
	if t.start() {
		p.o.Observer.TableStart(t.name, t.route.leaf.Size.Rows, t.route.leaf.Size.Bytes)
	}
	var moved tally
	b := &blocks{
		ctx: ctx, source: rows, worker: w, row: r, table: e.Table, extent: e.Index,
		moved: func(rows, read, written int64) {
			moved.add(rows, read, written)
			p.o.Observer.Rows(t.name, rows, read)
		},
	}
	written, err := p.o.Shadow.Write(ctx, number, e, t.route.into, t.route.names, t.route.layout.Format, b)
	if failure := b.failure(); failure != nil { // it knows the place; what the shadow saw is its echo
		return failure
	}
	if err != nil {
		return err
	}
	if untouched := b.err == nil && b.rows == 0; !untouched && (b.err == nil || written != b.rows) { // untouched: it was there already
		return fmt.Errorf("%s: extent %d: %d rows were read and %d written", t.name, e.Index, b.rows, written)
	}
	if rows, done := t.finish(e, written, moved); done {
		p.o.Observer.TableDone(t.name, rows)
	}
	return nil
}

// row is the worker's Row for a layout, at the beginning of an extent.
func (w *worker) row(l *rewrite.Layout, p *pool) (*rewrite.Row, error) {
	r, ok := w.rows[l]
	if !ok {
		var err error
		if r, err = rewrite.Compile(l, p.compiling(w)); err != nil {
			return nil, err
		}
		w.rows[l] = r
	}
	r.Begin()
	return r, nil
}

func largeObjects(ctx context.Context, o Options) (int64, error) {
	if !keepsLargeObjects(o.Plan) {
		return 0, nil
	}
	o.Observer.Phase("large objects")
	var n int64
	err := o.Snapshot.LargeObjects(ctx, func(ctx context.Context, oid uint32, r io.Reader) error {
		n++
		return o.Shadow.PutLargeObject(ctx, oid, r)
	})
	return n, err
}

func keepsLargeObjects(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Objects, func(d plan.Object) bool {
		return d.Kind == "large_objects" && d.Decision == "keep"
	})
}

func (p *pool) summary(skipped []catalog.Name) Summary {
	s := Summary{Tables: []Table{}, Skipped: []string{}}
	for _, n := range skipped {
		s.Skipped = append(s.Skipped, n.String())
	}
	for _, r := range p.take {
		t := p.progress[r.leaf.Name].table()
		s.Tables = append(s.Tables, t)
		s.Rows += t.Rows
		s.Values += t.Values
		s.BytesRead += t.BytesRead
		s.BytesWritten += t.BytesWritten
	}
	slices.SortFunc(s.Tables, func(a, b Table) int { return cmp.Compare(a.Table, b.Table) })
	return s
}

type nobody struct{}

func (nobody) Phase(string)                    {}
func (nobody) Total(int, int64, int64)         {}
func (nobody) TableStart(string, int64, int64) {}
func (nobody) Rows(string, int64, int64)       {}
func (nobody) TableDone(string, int64)         {}
