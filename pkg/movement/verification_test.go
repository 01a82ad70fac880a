package movement_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/verify"
)

// verifier is a Verifier that looks for raw names in the shadow's files.
type verifier struct {
	folder folder
	broken error
	about  movement.Subject
	steps  []string
	saw    int // number of rows that it has read

	watched atomic.Int64 // number of rows that reached the shadow
}

func (v *verifier) Begin(s movement.Subject) (movement.Verification, error) {
	v.about, v.steps = s, []string{"begin"}
	return v, nil
}

func (v *verifier) Watch() refresh.Watch { return v }

func (v *verifier) Watcher(*rewrite.Layout) refresh.Watcher { return &watcher{v} }

// watcher counts the rows that reach the shadow.
type watcher struct{ *verifier }

func (w *watcher) Leaf(int, transform.Place) transform.Leaf { return nil }
func (w *watcher) Control(int) rewrite.Control              { return nil }
func (w *watcher) Compares(int) bool                        { return true }
func (w *watcher) Kept([]byte)                              {}
func (w *watcher) Row([]byte)                               { w.watched.Add(1) }
func (w *watcher) Begin(catalog.Extent)                     {}
func (w *watcher) Done()                                    {}

func (v *verifier) Loaded() { v.steps = append(v.steps, "loaded") }

func (v *verifier) Compare(_ context.Context, database string) error {
	v.steps = append(v.steps, "compare")
	if _, err := os.Stat(v.folder.path(database, "hooks")); err == nil && !v.about.Published {
		return errors.New("the hooks have already run")
	}
	return nil
}

func (v *verifier) Judge(_ context.Context, database string) (*verify.Report, error) {
	v.steps = append(v.steps, "judge")
	files, err := filepath.Glob(v.folder.path(database, "*.copy"))
	if err = errors.Join(err, v.broken); err != nil {
		return nil, err
	}
	if _, err := os.Stat(v.folder.path(database, "hooks")); err != nil {
		return nil, errors.New("the hooks have not run")
	}
	name := verify.Place{Table: people(), Column: "name"}
	r := &verify.Report{
		Level: verify.Strict, Tables: []verify.TableSum{{Table: people(), Source: 95, Target: 95, Equal: true}},
		Columns: []verify.Coverage{{Source: name, Class: "full_name", Treatment: "fake.full_name", Cells: 95, Probed: 60, Not: map[verify.Reason]int64{verify.TooCommon: 35}}},
		Targets: []verify.TargetCoverage{{Target: name, Cells: 95}},
	}
	found := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		v.saw += bytes.Count(data, []byte("\n"))
		found += bytes.Count(data, []byte(rawName))
	}
	if found > 0 {
		hit := verify.Hit{Finding: verify.Found, Target: name, Source: name, Values: 1, Of: 60, Rows: int64(found), Key: "id 7"}
		if len(v.about.Waivers) > 0 && v.about.Waivers[0].Values >= hit.Values {
			r.Waived = append(r.Waived, hit)
		} else {
			r.Hits = append(r.Hits, hit)
		}
	}
	return r, nil
}

// verifiedWorld returns a world whose flow has a verifier and this level.
func verifiedWorld(t *testing.T, level guard.Verification) (*world, *verifier) {
	w := newWorld(t)
	v := &verifier{folder: w.folder}
	w.spec.Flow.Verify, w.spec.Verifier = level, v
	return w, v
}

// keepNames writes rules that keep the names, as an author could do by mistake.
func (w *world) keepNames(t *testing.T, more string) {
	w.spec.Rules = sketch.Rules(t, "revision: 2\npacks: [baseline]\n"+`tables: {public.people: {columns: {id: {keep: "a number"}, name: {keep: "by mistake"}}}}`+"\n"+more)
}

// records returns the ledger's records of an event.
func (w *world) records(t *testing.T, e ledger.Event) (list []ledger.Record) {
	t.Helper()
	for r, err := range (ledger.Filter{Event: e}).Read(w.spec.Ledger.Dir) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r.Record)
	}
	return list
}

func TestV4WithoutAVerifierARunIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, level := range []guard.Verification{guard.VerifyCounts, guard.VerifyStrict} {
		w.spec.Flow.Verify = level
		if err := w.run(t, movement.Refused); !strings.Contains(err.Error(), "nothing that could verify its result") {
			t.Errorf("%s: %v", level, err)
		}
	}
}

// V9: a run that passed says how much was verified, and what was not.
func TestV9ARunTellsWhatWasNotVerified(t *testing.T) {
	w, v := verifiedWorld(t, guard.VerifyStrict)
	events := &collector{}
	w.spec.Report = report.New(events, time.Now)
	o, err := movement.Run(t.Context(), w.spec)
	if err != nil {
		t.Fatal(err)
	}
	if v.saw != 95 || v.watched.Load() != 95 || !slices.Equal(v.steps, []string{"begin", "loaded", "compare", "judge"}) || v.about.Level != guard.VerifyStrict {
		t.Errorf("it saw %d and %d rows in the steps %q", v.watched.Load(), v.saw, v.steps)
	}
	const figures = "strict: 1 table compared; 60 values of 1 column looked for in 1 place"
	const gap = "public.people.name: 36 % of 95 values were not looked for (too common 35)"
	if o.Summary.Verified != figures || !slices.Contains(o.Summary.Unchecked, gap) {
		t.Errorf("the summary says %q, %q", o.Summary.Verified, o.Summary.Unchecked)
	}
	if m := w.told.got[len(w.told.got)-1]; m.Verified != figures || !slices.Contains(m.Unchecked, gap) {
		t.Errorf("the notification says %q, %q", m.Verified, m.Unchecked)
	}
	names := []string{}
	for _, p := range w.spec.Report.Done(report.Summary{}).Phases {
		names = append(names, p.Name)
	}
	if at := slices.Index(names, "hooks"); at < 0 || at < slices.Index(names, "rows") || at > len(names)-3 {
		t.Errorf("the phases are %q, want hooks between two parts of verify", names)
	}
	records := w.records(t, ledger.EventVerified)
	if len(records) != 1 || records[0].Run != o.Run || !records[0].Verification.Passed || records[0].Verification.Probed != 60 || !slices.Contains(records[0].Verification.Not, gap) {
		t.Errorf("the ledger has %+v", records)
	}
	claim, err := w.Claim(t.Context(), "staging")
	if err != nil {
		t.Fatal(err)
	}
	step := claim.Steps[0].Prove([]string{w.verifierKey(t)})
	if !step.Verified || step.Verification == nil || step.Verification.Probed != 60 {
		t.Errorf("the provenance says %+v", step)
	}
	for old, now := range map[string]string{`\"probed\":60`: `\"probed\":90`, `\"event\":\"verified\"`: `\"event\":\"start\"`} {
		changed := claim.Steps[0]
		changed.Inclusion = strings.Replace(changed.Inclusion, old, now, 1)
		if s := changed.Prove([]string{w.verifierKey(t)}); s.Verified || s.Verification != nil || !strings.Contains(s.Why, "verification") {
			t.Errorf("with %s: %+v", now, s)
		}
	}
	if !slices.ContainsFunc(events.got, func(e report.Event) bool { return e.Verification != nil && e.Verification.Passed() }) {
		t.Error("no event has the report")
	}
}

// collector is a renderer that stores events.
type collector struct{ got []report.Event }

func (c *collector) Event(e report.Event) { c.got = append(c.got, e) }
func (c *collector) Every() time.Duration { return time.Hour }
func (c *collector) Close()               {}

func TestV4WhatAVerifierFindsIsNotPublished(t *testing.T) {
	w, v := verifiedWorld(t, guard.VerifyStrict)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	before := w.rows(t)

	w.keepNames(t, "")
	w.told.got = nil
	err := w.run(t, movement.Unverified)
	for _, want := range []string{
		"public.people.name: 1 of the 60 rare values of public.people.name, in 95 rows, one with id 7",
		"next: if the rules keep it, write public.people: {columns: {name: {treat: fake.full_name}}}",
		"{finding: leak, on: public.people.name, from: public.people.name, at_most: 1, owner: …, reason: …, until: …}",
		"these values did reach the disk of the target's server, its WAL, and its replicas",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if code := movement.KindOf(err).Code(); code != 4 || strings.Contains(err.Error(), rawName) {
		t.Errorf("code %d, %v", code, err)
	}
	if !slices.Equal(before, w.rows(t)) || !slices.Equal(w.beside(t), []string{"staging"}) {
		t.Errorf("the target changed, or something is left: %q", w.beside(t))
	}
	if last := w.told.got[len(w.told.got)-1]; last.Event != notify.EventVerification || last.Exit != 4 || !strings.Contains(last.Reason, "in 95 rows") {
		t.Errorf("the notification is %s with code %d: %s", last.Event, last.Exit, last.Reason)
	}
	records := w.records(t, ledger.EventVerified)
	if last := records[len(records)-1].Verification; last.Passed || len(last.Found) != 1 || strings.Contains(last.Found[0], rawName) {
		t.Errorf("the ledger has %+v", last)
	}

	v.broken = errors.New("the shadow cannot be read")
	w.run(t, movement.Failed) //nolint:errcheck // run has checked the outcome
	if !slices.Equal(before, w.rows(t)) {
		t.Error("it was published although the verifier could not read it")
	}
}

// V10: the rules can waive a leak. The waiver counts until its day, and the ledger has it.
func TestV10AWaivedLeakIsPublishedAndTold(t *testing.T) {
	w, v := verifiedWorld(t, guard.VerifyStrict)
	at := time.Now() // the ledger's records have the time of the machine
	until := at.UTC().Format(time.DateOnly)
	w.keepNames(t, "waivers: [{finding: leak, on: public.people.name, from: public.people.name, at_most: 3, owner: alice@example.com, reason: they are famous, until: "+until+"}]")
	w.spec.Now = func() time.Time { return at }
	o, err := movement.Run(t.Context(), w.spec)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.about.Waivers) != 1 || v.about.Waivers[0].Values != 3 || v.about.Waivers[0].Source.Column != "name" {
		t.Errorf("the verifier got %+v", v.about.Waivers)
	}
	told := strings.Join(o.Summary.Findings, "; ")
	if !strings.Contains(told, "leak from public.people.name of at most 3 values on public.people.name by alice@example.com until "+until+": they are famous") ||
		!strings.Contains(told, "waived leak: public.people.name: 1 of the 60 rare values") {
		t.Errorf("the summary says %q", told)
	}
	if start := w.records(t, ledger.EventStart); len(start[0].Movement.Findings) != 1 {
		t.Errorf("the ledger has %+v", start[0].Movement.Findings)
	}
	at = at.Add(24 * time.Hour)
	w.run(t, movement.Unverified) //nolint:errcheck // the waiver has ended
	if len(v.about.Waivers) != 0 {
		t.Errorf("the verifier got %+v", v.about.Waivers)
	}
}

// V4: keep_failed keeps a shadow that failed, until a time that the ledger records. The first run
// after that time drops the shadow.
func TestV4AFailedShadowIsKeptForAWhile(t *testing.T) {
	w, _ := verifiedWorld(t, guard.VerifyStrict)
	rules := w.spec.Rules
	at := time.Now().Truncate(time.Second) // the ledger's records have the time of the machine
	until := at.Add(2 * time.Hour)
	w.spec.Now, w.spec.KeepFailed = func() time.Time { return at }, 2*time.Hour
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	w.keepNames(t, "")
	err := w.run(t, movement.Unverified)
	left := w.beside(t)
	if len(left) != 2 || !strings.Contains(err.Error(), "the database "+left[1]+" is kept until "+until.UTC().Format(time.RFC3339)) {
		t.Fatalf("these are left: %q; %v", left, err)
	}
	aborted := w.records(t, ledger.EventAbort)
	if end := aborted[0].Outcome; !end.KeptUntil.Equal(until) || !strings.Contains(end.Reason, "is kept until") {
		t.Errorf("the ledger has %+v", end)
	}
	w.spec.Rules, w.spec.Rules.Revision = rules, 3
	at = at.Add(time.Hour)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	if got := w.beside(t); !slices.Equal(got, left) {
		t.Errorf("an hour later these are left: %q", got)
	}
	at = at.Add(time.Hour)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	if got := w.beside(t); !slices.Equal(got, []string{"staging"}) {
		t.Errorf("two hours later these are left: %q", got)
	}
}
