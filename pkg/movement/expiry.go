package movement

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
)

// soon is a time span. masker reports an expiry when less than this time is left.
const soon = 7 * 24 * time.Hour

// DescribeExpiry says that the target of an environment has expired, or will soon. It returns "" in three cases: the
// target does not expire, its end is far, or there is no target. The argument dir is the folder of the ledger.
func DescribeExpiry(dir string, e guard.Environment, now time.Time) (string, error) {
	if e.Lasts == 0 {
		return "", nil
	}
	run, at, err := ledger.Standing(dir, e.Name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (run == "" || at.IsZero()) {
		return "", nil
	}
	end := at.Add(e.Lasts)
	date, next := end.UTC().Format(time.DateOnly), fmt.Sprintf("refresh it, or drop it: masker retire %s", e.Name)
	switch {
	case err != nil:
		return "", err
	case now.After(end):
		return fmt.Sprintf("the target of %s expired on %s: run %s made it; %s", e.Name, date, run, next), nil
	case now.After(end.Add(-min(soon, e.Lasts/4))):
		return fmt.Sprintf("the target of %s expires on %s; %s", e.Name, date, next), nil
	}
	return "", nil
}

// endingWaivers says which waivers have ended or will end soon.
func endingWaivers(all []ruleset.Waiver, now time.Time) (list []string) {
	today, limit := now.UTC().Format(time.DateOnly), now.Add(soon).UTC().Format(time.DateOnly)
	for _, w := range all {
		switch {
		case w.Ended(today):
			list = append(list, fmt.Sprintf("the waiver of %s on %s by %s ended on %s (%s)", w.Finding, w.On(), w.Owner, w.Until, w.Pos))
		case w.Ended(limit):
			list = append(list, fmt.Sprintf("the waiver of %s on %s by %s ends on %s (%s)", w.Finding, w.On(), w.Owner, w.Until, w.Pos))
		}
	}
	return list
}

// expiries says what has expired or will soon. If the run has published, the target is new, so its expiry is not in
// the list.
func (r *run) expiries() (list []string) {
	if !r.summary.Published {
		text, err := DescribeExpiry(r.Ledger.Dir, r.Flow.To, r.Now())
		if err != nil {
			text = fmt.Sprintf("whether the target of %s has expired is not known: %v", r.Flow.To.Name, err)
		}
		if text != "" {
			list = append(list, text)
		}
	}
	if r.Rules != nil {
		list = append(list, endingWaivers(r.Rules.Waivers, r.Now())...)
	}
	return list
}

// noteExpiries notes for masker check what has expired or will soon. A finding itself also says that its waiver has
// ended.
func (r *run) noteExpiries(context.Context) error {
	if !r.checkOnly {
		return nil
	}
	for _, text := range r.expiries() {
		r.Note(review.AboutTarget, text)
	}
	return nil
}
