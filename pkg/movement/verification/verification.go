// Package verification verifies the shadows of a refresh, and published targets. It passes the values that the refresh
// reads to package verify, and lets package probe read the shadow. It translates the columns of the plan for package
// verify, which imports no plan, so that a fault in the plan cannot hide itself.
package verification

import (
	"context"
	"slices"
	"sync"

	"github.com/masker-project/masker/internal/hugepages"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// Verifier is a movement.Verifier.
type Verifier struct {
	Memory int64 // largest number of bytes for fingerprints. 0 means verify.DefaultMemory
	// Open opens a database on the target's server, under its name.
	Open func(ctx context.Context, database string) (Database, error)
}

// Database is a probe.Database that is open.
type Database interface {
	probe.Database
	Close()
}

// Begin implements movement.Verifier.
func (v Verifier) Begin(s movement.Subject) (movement.Verification, error) {
	tables := map[catalog.Name]probe.Table{}
	for name, columns := range s.Columns {
		tables[name] = keptTable(columns)
	}
	c := verify.New(verify.Options{Level: level(s.Level), Memory: v.Memory, Workers: s.Workers, Advise: hugepages.Advise})
	return &verification{
		Subject: s, open: v.Open, seen: map[*rewrite.Layout]bool{}, tables: tables, words: map[place][]string{},
		collection: c, seal: sync.OnceValues(c.Seal),
	}, nil
}

func level(l guard.Verification) verify.Level {
	if l == guard.VerifyStrict {
		return verify.Strict
	}
	return verify.Counts
}

// verification is the verification of one shadow or of one published target.
type verification struct {
	movement.Subject
	open       func(ctx context.Context, database string) (Database, error)
	collection *verify.Collection
	seal       func() (*verify.Set, error) // seals the collection when it is called for the first time
	set        *verify.Set                 // nil before Compare

	mu     sync.Mutex // protects the fields below while rows are loaded
	seen   map[*rewrite.Layout]bool
	tables map[catalog.Name]probe.Table // the tables whose rows are loaded, partitions by their own names
	words  map[place][]string           // dictionaries that were made, because making one takes time
}

// place identifies a treatment. One path can have several treatments: for texts and numbers, and for the branches of a
// condition.
type place struct {
	verify.Place
	treatment string
	kind      catalog.Family
}

// dictionary returns the words that a treatment invents from.
func (v *verification) dictionary(at place, c transform.Column, u transform.Use) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	words, known := v.words[at]
	if !known {
		words = library.Dictionary(c, u)
		v.words[at] = words
	}
	return words
}

// Watch implements movement.Verification.
func (v *verification) Watch() refresh.Watch { return v }

// Watcher implements refresh.Watch.
func (v *verification) Watcher(l *rewrite.Layout) refresh.Watcher {
	v.learn(l)
	return newWatcher(v, l)
}

// learn remembers how the rows of a table and of its partitions are loaded.
func (v *verification) learn(l *rewrite.Layout) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen[l] {
		return
	}
	v.seen[l] = true
	if v.Published {
		return // Begin took the columns from the record of the run, because others may have changed the tables since
	}
	for _, t := range v.Source.Tables {
		if t.Decider() == l.Table {
			v.tables[t.Name] = tableOf(l)
		}
	}
}

// Loaded implements movement.Verification.
func (v *verification) Loaded() {
	go func() { _, _ = v.seal() }() // Compare gets the result
}

// Compare implements movement.Verification. Without hooks, Compare does not read the shadow: Judge compares the rows
// when it reads them.
func (v *verification) Compare(ctx context.Context, database string) (err error) {
	if v.set, err = v.seal(); err != nil || !v.Hooks {
		return err
	}
	_, err = v.read(ctx, database, probe.Options{Sums: true})
	return err
}

// Judge implements movement.Verification.
func (v *verification) Judge(ctx context.Context, database string) (*verify.Report, error) {
	o := probe.Options{Sums: !v.Hooks, Values: v.Level == guard.VerifyStrict}
	found := &probe.Result{}
	if o.Sums || o.Values {
		var err error
		if found, err = v.read(ctx, database, o); err != nil {
			return nil, err
		}
	}
	r := v.set.Judge(verify.Facts{Waivers: v.Waivers, Hooks: v.Hooks || v.Published, Recognised: found.Recognised, Noticed: found.Noticed, Unread: found.Unread})
	if v.Published {
		r.Hits = slices.DeleteFunc(r.Hits, func(h verify.Hit) bool { return h.Finding == verify.Missing || h.Finding == verify.Differs })
	}
	return r, nil
}

func (v *verification) read(ctx context.Context, database string, o probe.Options) (*probe.Result, error) {
	db, err := v.open(ctx, database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if v.Published {
		if err := v.addPartitions(ctx, db); err != nil {
			return nil, err
		}
	}
	o.Workers, o.Tables, o.Changing = v.Workers, v.tables, v.Published
	return probe.Run(ctx, db, probe.In(v.set), o)
}

// addPartitions adds the partitions of a published target, which have the columns of their topmost
// partitioned tables.
func (v *verification) addPartitions(ctx context.Context, db Database) error {
	relations, err := db.Relations(ctx)
	for _, r := range relations {
		if t, known := v.tables[r.Root]; known {
			v.tables[r.Name] = t
		}
	}
	return err
}
