package movement

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/discover/look"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
)

// Sampled is a Source whose rows can be sampled.
type Sampled interface {
	// Samples opens a session that reads samples. The caller calls the function done at the end.
	Samples() (from survey.Sampler, done func())
}

// look looks at a sample of values if the run asks for it. The plan gets findings for kept columns whose values look
// personal, and for documents with paths that the rules do not list. The ledger has a record before the first row is
// read.
func (r *run) look(ctx context.Context) error {
	if r.Sample == 0 {
		return nil
	}
	source, ok := r.source.(Sampled)
	if !ok {
		return invalid("the values of source %s cannot be sampled; remove discover: sample, or check without --sample", r.Flow.From.Name)
	}
	r.Report.Phase("discover")
	from, done := source.Samples()
	defer done()
	db := r.source.Catalog()
	var err error
	r.surveyed, err = look.Look{
		Ledger: r.log, Flow: r.Flow.Name, Actor: r.Actor, Rows: r.Sample, Year: r.began.Year(),
		Source: ledger.Party{Environment: r.Flow.From.Name, Kind: string(r.Flow.From.Kind), SystemID: db.SystemID, Database: db.Name, Role: r.source.Facts().SessionUser},
	}.Survey(ctx, db, from)
	if err != nil {
		return r.wrapSource(err)
	}
	r.plan.Findings = append(r.plan.Findings, r.surveyed.Kept(r.plan)...)
	if r.checkOnly {
		for _, text := range r.surveyed.Documents() {
			r.Note(review.DocumentPaths, "paths of "+text)
		}
	}
	for _, u := range r.surveyed.Unread {
		r.Note(review.NotLookedAt, "not looked at: "+u.Table+": "+u.Why)
	}
	return nil
}

// lookWatched does the work of look. At the same time, a watcher watches for sessions in production that wait for the
// locks of the run.
func (r *run) lookWatched(ctx context.Context) error {
	if r.Sample == 0 {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	g.Go(recoverPanics(func() error { return watchSide(watching, "source "+r.Flow.From.Name, r.source.Watch) }))
	g.Go(recoverPanics(func() error {
		defer stop()
		return r.look(ctx)
	}))
	return g.Wait()
}

// keptValues returns the findings of the look at values that nobody waived.
func (r *run) keptValues() (found []string) {
	if r.surveyed == nil {
		return nil
	}
	open, _ := review.Split(review.Findings(r.plan, r.Now()))
	for _, f := range open {
		if plan.NeedsValues(f.Code) {
			found = append(found, f.Text)
		}
	}
	return found
}

// describeLook describes the look at values for the start record. The result is nil if no values were looked at.
func (r *run) describeLook() *ledger.Sampled {
	if r.surveyed == nil {
		return nil
	}
	s := &ledger.Sampled{Tables: r.surveyed.Tables(), Rows: r.Sample, Found: r.keptValues()}
	for _, u := range r.surveyed.Unread {
		s.Unread = append(s.Unread, u.Table+": "+u.Why)
	}
	return s
}
