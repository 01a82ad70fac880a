package refresh

import (
	"context"
	"errors"
	"runtime"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
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
	// ExtentBytes is the size that every larger table is cut into; 0: the snapshot cuts only what keeps all workers busy to the end.
	ExtentBytes int64
	// Learned is told what was learned of sampled columns, before a row is read; its error stops the refresh. nil: nobody is told.
	Learned func([]Learned) error
	// Carried is called when the snapshot is needed no more, before the shadow is finished; its error stops the refresh. nil: nobody is told.
	Carried func(context.Context) error
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
	can, err := able(o, take)
	if err != nil {
		return Summary{}, err
	}
	if err := learn(ctx, o, can.histograms, take); err != nil {
		return Summary{}, err
	}
	p := newPool(o, take)
	if err := p.rows(ctx); err != nil {
		return Summary{}, err
	}
	s := p.summary(skipped)
	if can.large != nil {
		o.Observer.Phase("large objects")
		if s.LargeObjects, err = can.largeObjects(ctx); err != nil {
			return Summary{}, err
		}
	}
	o.Observer.Phase("finish")
	if o.Carried != nil {
		if err := o.Carried(ctx); err != nil {
			return Summary{}, err
		}
	}
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

type nobody struct{}

func (nobody) Phase(string)                    {}
func (nobody) Total(int, int64, int64)         {}
func (nobody) TableStart(string, int64, int64) {}
func (nobody) Rows(string, int64, int64)       {}
func (nobody) TableDone(string, int64)         {}
