package refresh

import (
	"context"
	"errors"
	"runtime"

	"github.com/masker-project/masker/pkg/subset"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
)

// Options is the input of a refresh.
type Options struct {
	Permit *guard.Permit
	Plan   *plan.Plan
	// Selection is the result of Select. It is nil if the plan has no subset.
	Selection *subset.Selection
	Catalog   *catalog.Database // the catalog of the snapshot
	Snapshot  Snapshot
	Shadow    Shadow
	Keys      *keyring.Keys // the keys of the target environment
	Workers   int           // 0 for one worker per core
	MaxRow    int           // maximum size of a row in bytes; 0 for rewrite.DefaultMaxRow
	Text      bool          // use COPY text for every table
	Programs  StartProgram  // for the treatment command; with nil, a plan that needs a program fails
	Observer  Observer      // nil for none
	Watch     Watch         // nil for none
	// ExtentBytes is the size of extents, into which every larger table is cut. With 0, the snapshot cuts only tables
	// that would keep one worker busy after all other workers have finished.
	ExtentBytes int64
	// If the plan samples columns, Learned is called with what was learned from them, before any row is read. An error
	// stops the refresh. Learned may be nil.
	Learned func([]Learned) error
	// Carried is called when the snapshot is no longer needed, before the shadow is finished. An error stops the
	// refresh. Carried may be nil.
	Carried func(context.Context) error
}

// Observer gets the progress of a refresh. Its methods are called for each table and each block, never for each row.
// Several goroutines may call them at the same time.
type Observer interface {
	// Phase is called at the beginning of a phase: "learn" (if columns are sampled), "rows", "large objects" or
	// "finish".
	Phase(name string)
	// Total is called once, before the rows, with the number of tables and estimates of their rows and bytes.
	Total(tables int, rows, bytes int64)
	// TableStart is called before the first rows of a table. The arguments rows and bytes are estimates. If the number
	// of rows is not known, rows is -1.
	TableStart(table string, rows, bytes int64)
	// Rows is called for each treated block before it is sent to the target. Rows gets the number
	// of rows in the block, and the number of bytes that were read for it. If an extent fails, Rows
	// is called with the negative numbers of its blocks so far.
	Rows(table string, rows, bytes int64)
	// Again is called before an extent is moved again, with the reason.
	Again(table string, extent int, why error)
	// TableDone is called when the last rows of a table are in the target.
	TableDone(table string, rows int64)
}

// Summary says what a refresh did.
type Summary struct {
	Tables       []Table  `json:"tables"`  // every table whose rows were read, sorted by name; each partition is a table of its own
	Skipped      []string `json:"skipped"` // tables that were made without their rows
	Rows         int64    `json:"rows"`
	Values       int64    `json:"values"` // number of treated cells
	BytesRead    int64    `json:"bytes_read"`
	BytesWritten int64    `json:"bytes_written"`
	LargeObjects int64    `json:"large_objects"`
	Repeated     []Repeat `json:"repeated"` // extents that were moved again, by table
}

// Repeat says that an extent was moved again, and why.
type Repeat struct {
	Table  string `json:"table"`
	Extent int    `json:"extent"`
	Why    string `json:"why"`
}

// Table says what a refresh did with one table.
type Table struct {
	Table        string `json:"table"`
	Format       string `json:"format"`
	Rows         int64  `json:"rows"`
	Values       int64  `json:"values"`
	BytesRead    int64  `json:"bytes_read"`
	BytesWritten int64  `json:"bytes_written"`
	Of           int64  `json:"of,omitempty"` // if a part of the table was selected: about how many rows it has in the source
}

// Run moves rows of the snapshot into the shadow, treats them as the plan says, and finishes the shadow. It moves the
// rows of Options.Selection, or all rows if Selection is nil, except those of tables that the plan skips. It refuses to
// run without a permit for exactly this plan. It does not publish the shadow. After an error, the shadow and the
// Summary must be discarded.
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
	if err := o.reduce(take); err != nil {
		return Summary{}, err
	}
	can, err := capabilitiesFor(o, take)
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

// complete checks the options and sets defaults.
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

// nobody is an Observer that does nothing.
type nobody struct{}

func (nobody) Phase(string)                    {}
func (nobody) Total(int, int64, int64)         {}
func (nobody) TableStart(string, int64, int64) {}
func (nobody) Rows(string, int64, int64)       {}
func (nobody) Again(string, int, error)        {}
func (nobody) TableDone(string, int64)         {}
