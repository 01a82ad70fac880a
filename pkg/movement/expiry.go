package movement

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/subset"
)

// soon is a time span. masker reports an expiry when at most this time is left. A target that
// expires in less than four weeks after a refresh is reported when a quarter of its time is left.
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

// tell says that something has ended, or will end soon. The argument until is the last day, as
// 2026-12-24, or "" if there is no last day. The result is "" if there is nothing to say.
func tell(what, until string, now time.Time) string {
	end, err := time.Parse(time.DateOnly, until)
	if err != nil {
		return ""
	}
	today := now.UTC().Truncate(24 * time.Hour)
	switch days := int(end.Sub(today).Hours()) / 24; {
	case days < 0:
		return fmt.Sprintf("%s ended on %s and no longer counts", what, until)
	case days == 0:
		return fmt.Sprintf("%s ends today", what)
	case end.Sub(today) <= soon:
		return fmt.Sprintf("%s ends on %s, in %s", what, until, spell.Count(days, "day"))
	}
	return ""
}

// Endings says which waivers of a flow, which waivers of its rules and which lines of its subset's file have ended or
// will end soon. The rules and the subset may be nil.
func Endings(f guard.Flow, rules *ruleset.Set, d *subset.Definition, now time.Time) (list []string) {
	add := func(what, until string) {
		if text := tell(what, until, now); text != "" {
			list = append(list, text)
		}
	}
	for _, w := range f.Ending() {
		add(fmt.Sprintf("the waiver %s of flow %s", w.Code, f.Name), w.Until)
	}
	if rules != nil {
		for _, w := range rules.Waivers {
			add(fmt.Sprintf("the waiver of %s on %s by %s (%s)", w.Finding, w.On(), w.Owner, w.Pos), w.Until)
		}
	}
	if d != nil {
		for _, l := range d.More.Lines {
			add(l.At, l.Until)
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
	return append(list, Endings(r.Flow, r.Rules, r.written, r.Now())...)
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
