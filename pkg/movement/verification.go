package movement

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/show"
)

// Verifier verifies shadows. It only judges a shadow and changes nothing. Run decides what to do.
type Verifier interface {
	// Begin is called before the first row is copied.
	Begin(s Subject) (Verification, error)
}

// Subject is what a Verifier has to know about a run.
type Subject struct {
	Level   guard.Verification
	Source  *catalog.Database // nil if no row of the source is read
	Hooks   bool              // hooks change the shadow after it is finished
	Waivers []verify.Waiver   // the waivers that have not ended
	Workers int

	// Published says that the database is a published target. People use such a database, so its rows and kept values
	// may differ from the source's. Columns then says of each column of a table whether the rules keep it.
	Published bool
	Columns   map[catalog.Name]map[string]bool
}

// Verification is the verification of one database. Run calls the methods in this order. An error means that the
// database could not be read. It quotes no value.
type Verification interface {
	// Watch returns the watch for the rows that reach the shadow.
	Watch() refresh.Watch
	// Loaded is called when all rows have reached the shadow, before the shadow is finished. It returns at once. The
	// verification may prepare itself while the server builds indexes.
	Loaded()
	// Compare compares rows and kept values with those of the source. The shadow is finished, and no hook has run. The
	// argument database is the shadow's name.
	Compare(ctx context.Context, database string) error
	// Judge looks for values that must not be there, after the hooks have run. Its report also has the findings of
	// Compare.
	Judge(ctx context.Context, database string) (*verify.Report, error)
}

// UnverifiedError is the error for a shadow or a published target that failed its verification. It wraps
// sides.ErrUnverified.
type UnverifiedError struct {
	Report *verify.Report
	Kept   string    // name of the shadow, if it was kept
	Until  time.Time // the time until which it is kept

	Published string // name of the database, if it is a published target that was verified again
	Previous  string // name of its previous database, or ""
	// Environment is the target's environment.
	Environment string
}

func (e *UnverifiedError) Unwrap() error { return sides.ErrUnverified }

func (e *UnverifiedError) Error() string {
	const most = 20 // largest number of lines about findings
	var b strings.Builder
	b.WriteString(sides.ErrUnverified.Error() + ", and nothing was ")
	b.WriteString(map[bool]string{true: "changed", false: "published"}[e.Published != ""])
	lines := show.Lines(e.Report, e.Report.Hits)
	for i, l := range lines {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(lines)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %s\n    next: %s", l.Text, l.Next)
	}
	switch {
	case e.Published != "":
		b.WriteString(e.goBack())
	case e.disclosed():
		b.WriteString("\nthese values did reach the disk of the target's server, its WAL, and its replicas and backups of that time")
	}
	if e.Kept != "" {
		fmt.Fprintf(&b, "\nthe database %s is kept until %s, and only its owner can enter it; the first run after that drops it", e.Kept, e.Until.UTC().Format(time.RFC3339))
	}
	return b.String()
}

// goBack says how to replace a published target by its previous database.
func (e *UnverifiedError) goBack() string {
	if e.Previous == "" {
		return "\nthe ledger names no previous database to go back to"
	}
	return fmt.Sprintf("\nto go back to the previous database %s: masker rollback %s --reason 'TEXT'", e.Previous, e.Environment)
}

// disclosed reports whether the shadow holds values that the rules treat.
func (e *UnverifiedError) disclosed() bool {
	for _, h := range e.Report.Hits {
		switch h.Finding {
		case verify.Found, verify.Equal, verify.Shared, verify.Recognised:
			return true
		}
	}
	return false
}

// beginVerification lets the Verifier prepare, if the flow verifies its shadows. No row has been copied yet.
func (r *run) beginVerification(context.Context) (err error) {
	if !r.Flow.Verifies() {
		return nil
	}
	r.verification, err = r.Verifier.Begin(Subject{
		Level: r.Flow.Verify, Source: r.source.Catalog(), Hooks: len(r.plan.Hooks) > 0, Waivers: leakWaivers(r.plan.Waivers, r.Now()), Workers: r.Workers,
	})
	return err
}

// watch returns the verification's watch for the rows that reach the shadow, or nil.
func (r *run) watch() refresh.Watch {
	if r.verification == nil {
		return nil
	}
	return r.verification.Watch()
}

// compare lets the Verifier compare the shadow with the source before the hooks change the shadow. If the rules have no
// hooks, the Verifier compares the rows later, in Judge.
func (r *run) compare(ctx context.Context) error {
	if r.verification == nil {
		return nil
	}
	if len(r.plan.Hooks) > 0 { // without hooks, Judge compares the rows when it reads them
		r.Report.Phase("verify")
	}
	return wrapVerification(r.shadow.ReadAll(ctx, func() error { return r.verification.Compare(ctx, r.shadow.Name()) }))
}

// verify lets the Verifier judge the shadow, and records the result. If the shadow failed, the error is an
// UnverifiedError.
func (r *run) verify(ctx context.Context) error {
	if r.verification == nil {
		return nil
	}
	r.Report.Phase("verify")
	var report *verify.Report
	err := r.shadow.ReadAll(ctx, func() (err error) {
		report, err = r.verification.Judge(ctx, r.shadow.Name())
		return err
	})
	if err != nil {
		return wrapVerification(err)
	}
	r.verified = report
	r.Report.Verified(report)
	if err := r.record.Verified(Recorded(report)); err != nil {
		return err
	}
	r.Fault("verified")
	if !report.Passed() {
		return &UnverifiedError{Report: report}
	}
	return nil
}

func wrapVerification(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("verifying the new database: %w", err)
}

// Recorded returns a report in the form of the ledger.
func Recorded(report *verify.Report) ledger.Verification {
	v := ledger.Verification{
		Level: string(report.Level), Passed: report.Passed(), Tables: len(report.Tables), Sampling: report.Sampling,
		Found: show.Hits(report.Hits), Waived: show.Hits(report.Waived), Not: append(show.Gaps(report), show.Not(report)...),
	}
	v.Probed, v.Columns, v.Unprobed = report.Values()
	return v
}

// leakWaivers returns the waivers of leaks that hold on a day, in the form of a Verifier.
func leakWaivers(all []ruleset.Waiver, today time.Time) []verify.Waiver {
	var list []verify.Waiver
	for _, w := range waivedLeaks(all, today) {
		list = append(list, verify.Waiver{
			Target: verify.Place{Table: w.Table, Column: w.Column}, Source: verify.Place{Table: w.From.Table, Column: w.From.Column}, Values: w.AtMost,
		})
	}
	return list
}

// waivedLeaks returns the waivers of leaks that hold on a day.
func waivedLeaks(all []ruleset.Waiver, today time.Time) []ruleset.Waiver {
	return slices.DeleteFunc(slices.Clone(all), func(w ruleset.Waiver) bool {
		return w.Finding != ruleset.Leak || w.Ended(today.UTC().Format(time.DateOnly))
	})
}

// discard drops the shadow of a run that is not published. If the shadow failed its verification and the flow keeps
// such shadows, discard keeps it, and returns the time until which it is kept.
func (r *run) discard(ctx context.Context, cause error) (until time.Time, err error) {
	var failed *UnverifiedError
	if errors.As(cause, &failed) && r.KeepFailed > 0 {
		if err = r.shadow.Keep(ctx); err == nil {
			failed.Kept, failed.Until = r.shadow.Name(), r.Now().Add(r.KeepFailed)
			return failed.Until, nil
		}
	}
	r.Fault("discarding")
	if dropped := r.shadow.Discard(ctx); dropped != nil {
		return until, errors.Join(err, fmt.Errorf("the unfinished database %s could not be dropped: %w; the next run drops it", r.shadow.Name(), dropped))
	}
	r.Fault("discarded")
	return until, err
}
