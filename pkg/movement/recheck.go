package movement

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/wire"
)

// Rechecked is the result of Verify.
type Rechecked struct {
	Run     string // the run that made the target
	Report  *verify.Report
	Changed []string // tables whose number of rows has changed since the target was published
}

// Verify verifies a published target again, and changes nothing in it. If fromSource is set, it reads the source like a
// refresh, and looks for the source's present values in the target. So it needs the same permit as a refresh. Otherwise
// it reads only the target: detectors look at its kept columns, and its rows are counted. Before the first row is read,
// the ledger has a record. If the verification fails, the error is an UnverifiedError.
func Verify(ctx context.Context, s Spec, fromSource bool) (v Rechecked, err error) {
	s.Flow.Verify = guard.VerifyStrict
	r := newRun(s)
	r.recheck, r.began = true, r.Now()
	if r.log, err = ledger.Open(r.Ledger.Dir, r.Ledger.Options); err != nil {
		return v, err
	}
	defer r.log.Close()
	r.last, _ = r.log.Flow(r.Flow.Name)
	if err := r.checkCopy(ctx); err != nil {
		return v, err
	}
	read := r.judgeAlone
	if fromSource {
		read = r.judgeWithSource
	}
	report, err := read(ctx)
	if r.target != nil {
		defer r.target.Close()
	}
	if err != nil {
		return v, err
	}
	return r.concludeRecheck(ctx, report)
}

// concludeRecheck records what was found in the published target.
func (r *run) concludeRecheck(ctx context.Context, report *verify.Report) (v Rechecked, err error) {
	v = Rechecked{Run: r.target.Published(), Report: report}
	end, err := r.publishedOutcome()
	if err != nil {
		return v, err
	}
	v.Changed = compareRows(report, end.Tables)
	r.Report.Verified(report)
	problems := []error{r.log.Verified(v.Run, Recorded(report))}
	for _, u := range r.Ledger.copyCheckpoint(ctx, r.log) {
		problems = append(problems, fmt.Errorf("checkpoint copy: %s", u.Why))
	}
	if !report.Passed() {
		problems = append([]error{&UnverifiedError{Report: report, Published: r.target.Name(), Previous: end.Previous, Environment: r.Flow.To.Name}}, problems...)
	}
	return v, errors.Join(problems...)
}

// judgeAlone verifies the target without a source.
func (r *run) judgeAlone(ctx context.Context) (*verify.Report, error) {
	r.Report.Phase("connect")
	if err := r.openPublished(ctx, sides.Identity{}); err != nil {
		return nil, err
	}
	decided, err := r.lastDecisions()
	if err != nil {
		return nil, err
	}
	columns := make(map[catalog.Name]map[string]bool)
	for _, t := range decided.Tables {
		columns[t.Name] = make(map[string]bool)
		for _, c := range t.Columns {
			columns[t.Name][c.Name] = c.Use.Is("keep")
		}
	}
	subject := Subject{Level: r.Flow.Verify, Workers: r.Workers, Published: true, Columns: columns}
	if r.Rules != nil {
		subject.Waivers = leakWaivers(r.Rules.Waivers, r.Now())
	}
	if err := r.log.Verify(r.target.Published(), r.describeRecheck()); err != nil {
		return nil, err
	}
	if r.verification, err = r.Verifier.Begin(subject); err != nil {
		return nil, err
	}
	return r.judgePublished(ctx)
}

// judgeWithSource verifies the target against the present values of the source.
func (r *run) judgeWithSource(ctx context.Context) (*verify.Report, error) {
	if err := r.checkFiles(ctx); err != nil {
		return nil, err
	}
	r.Report.Phase("connect")
	from, err := r.From.Identify(ctx)
	if err != nil {
		return nil, r.wrapSource(err)
	}
	if err := r.openPublished(ctx, from); err != nil {
		return nil, err
	}
	if err := r.checkTargetLedger(ctx); err != nil {
		return nil, err
	}
	if err := r.openSource(ctx); err != nil {
		return nil, err
	}
	defer r.source.Close()
	defer func() { r.programs.close() }()
	r.Report.Phase("plan")
	for _, step := range []func(context.Context) error{r.resolve, r.admit} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	recheck := r.describeRecheck()
	source := r.describeMovement().Source
	recheck.Source = &source
	if err := r.log.Verify(r.target.Published(), recheck); err != nil {
		return nil, err
	}
	var report *verify.Report
	err = r.runWatched(ctx, func(ctx context.Context) (err error) {
		report, err = r.readBoth(ctx)
		return err
	})
	return report, err
}

// readBoth reads the source, and then the target.
func (r *run) readBoth(ctx context.Context) (*verify.Report, error) {
	columns := make(map[catalog.Name]map[string]bool)
	for _, t := range r.plan.Tables {
		columns[t.Name] = make(map[string]bool)
		for i := range t.Columns {
			columns[t.Name][t.Columns[i].Name] = t.Columns[i].Keeps()
		}
	}
	var err error
	r.verification, err = r.Verifier.Begin(Subject{
		Level: r.Flow.Verify, Source: r.source.Catalog(), Waivers: leakWaivers(r.plan.Waivers, r.Now()), Workers: r.Workers, Published: true, Columns: columns,
	})
	if err != nil {
		return nil, err
	}
	if err := r.selectRows(ctx); err != nil {
		return nil, err
	}
	r.shadow = nowhere{}
	if err := r.moveRows(ctx); err != nil {
		return nil, err
	}
	return r.judgePublished(ctx)
}

// openPublished opens the target. It refuses a target if it is not proven that the flow published it last.
func (r *run) openPublished(ctx context.Context, from sides.Identity) error {
	if err := r.openTargetOf(ctx, from); err != nil {
		return err
	}
	switch run := r.target.Published(); {
	case run == "":
		return r.refuseRecheck("it is not proven that masker made its target", "run the flow first")
	case run != r.last.Run:
		return r.refuseRecheck(fmt.Sprintf("run %s made its target, and its last published run is %s", run, r.last.Run), "verify the flow that made the target, or run this one")
	}
	return nil
}

func (r *run) refuseRecheck(why, next string) error {
	return &guard.Refused{Flow: r.Flow.Name, Why: why, Next: next}
}

func (r *run) judgePublished(ctx context.Context) (*verify.Report, error) {
	r.Report.Phase("verify")
	if err := r.verification.Compare(ctx, r.target.Name()); err != nil {
		return nil, r.wrapTarget(err)
	}
	report, err := r.verification.Judge(ctx, r.target.Name())
	if err != nil {
		return nil, r.wrapTarget(err)
	}
	return report, nil
}

// describeRecheck describes the verification for the ledger, before the first row is read.
func (r *run) describeRecheck() ledger.Recheck {
	return ledger.Recheck{
		Flow: r.Flow.Name, Actor: r.Actor, Plan: r.last.Plan,
		Target: ledger.Party{Environment: r.Flow.To.Name, Kind: string(r.Flow.To.Kind), SystemID: r.target.SystemID(), Database: r.target.Name(), Role: r.target.Role()},
	}
}

// publishedOutcome returns the ledger's record of the end of the run that made the target.
func (r *run) publishedOutcome() (ledger.Outcome, error) {
	for rec, err := range (ledger.Filter{Run: r.target.Published()}).Read(r.Ledger.Dir) {
		if err != nil {
			return ledger.Outcome{}, err
		}
		if rec.Outcome != nil && rec.Outcome.Published {
			return *rec.Outcome, nil
		}
	}
	return ledger.Outcome{}, nil // the record is in an archived file
}

// compareRows returns the tables whose number of rows has changed since the target was published, and adds the old
// numbers to the report. A change is not a failure, because people use the target.
func compareRows(report *verify.Report, was []ledger.Table) (changed []string) {
	rows := make(map[string]int64)
	for _, t := range was {
		rows[t.Table] = t.Rows
	}
	for i := range report.Tables {
		t := &report.Tables[i]
		n, known := rows[t.Table.String()]
		if !known {
			continue
		}
		if t.Source = n; t.Target != n {
			changed = append(changed, fmt.Sprintf("%s: %d rows when it was published, %d now", t.Table, n, t.Target))
		}
	}
	return changed
}

// nowhere is a Shadow that reads rows and discards them.
type nowhere struct{ Shadow }

// Write implements refresh.Shadow.
func (nowhere) Write(_ context.Context, _ int, _ catalog.Extent, _ catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (n int64, err error) {
	split, spans := wire.NewSplitter(f, len(columns), len(columns)), make([]wire.Span, len(columns))
	for {
		block, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		for ; len(block) > 0; n++ {
			size, err := split.Split(spans, block)
			if err != nil {
				return 0, err
			}
			block = block[size:]
		}
	}
}

// Finish implements refresh.Shadow.
func (nowhere) Finish(context.Context) error { return nil }

// PutLargeObject implements refresh.LargeObjectStore.
func (nowhere) PutLargeObject(_ context.Context, _ uint32, r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

var _ refresh.LargeObjectStore = nowhere{}
