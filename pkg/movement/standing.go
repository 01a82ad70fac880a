package movement

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/sides"
)

// Standing describes a published target that is rolled back or retired.
type Standing struct {
	Environment guard.Environment
	To          Destination
	Ledger      Ledger
	Actor       ledger.Actor
	Reason      string           // for the ledger. It must not be empty
	Report      *report.Reporter // gets the events. Must not be nil
	Channels    []notify.Channel // get a notification when it is done
	Version     string           // version of masker, for the notification
	Fault       func(point string)
}

// Keeper is a Target that keeps previous databases. It can put one back, and drop them.
type Keeper interface {
	TemplateTarget
	Previous(ctx context.Context) ([]sides.Database, sides.Cleared, error)
	PreviousName(id string) (string, error)
	PutBack(ctx context.Context, d sides.Database, made, id, ledger string) error
	Retire(ctx context.Context, list []sides.Database) ([]sides.Database, error)
}

// standing is an open Standing.
type standing struct {
	Standing
	log    *ledger.Ledger
	target Keeper
}

// open opens the ledger, and then the target with its lock. It refuses a target that is not proven to be masker's.
func (s Standing) open(ctx context.Context, verb string) (*standing, error) {
	if strings.TrimSpace(s.Reason) == "" {
		return nil, invalid("%s needs a reason for the ledger: --reason", verb)
	}
	if s.Environment.Kind == guard.Production {
		return nil, &guard.Refused{Why: fmt.Sprintf("environment %q is of kind production", s.Environment.Name), Next: "name the environment of a target"}
	}
	log, err := ledger.Open(s.Ledger.Dir, s.Ledger.Options)
	if err != nil {
		return nil, err
	}
	o := &standing{Standing: s, log: log}
	proof := NewProof("", s.To.Claim, s.Ledger.Dir, log, s.Ledger.Trusted)
	t, err := s.To.Open(ctx, Opening{Proof: proof, Progress: s.Report.Step, Note: s.Report.Note, Fault: s.Fault})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("target %s: %w", s.Environment.Name, err), log.Close())
	}
	keeper, ok := t.(Keeper)
	if !ok {
		t.Close()
		return nil, errors.Join(fmt.Errorf("target %s keeps no previous databases", s.Environment.Name), log.Close())
	}
	o.target = keeper
	if keeper.Published() == "" {
		o.close()
		return nil, &guard.Refused{
			Why:  fmt.Sprintf("there is no database %s that masker is proven to have made", keeper.Name()),
			Next: "masker provenance " + s.Environment.Name + " says why",
		}
	}
	return o, nil
}

func (s *standing) close() {
	s.target.Close()
	_ = s.log.Close() // an error does not matter: all records are already on the disk
}

func (s *standing) party() ledger.Party {
	return ledger.Party{Environment: s.Environment.Name, Kind: string(s.Environment.Kind), SystemID: s.target.SystemID(), Database: s.target.Name(), Role: s.target.Role()}
}

// Rollback puts the newest previous database back in place of the target, and returns the ledger's record of it. The
// database that was the target becomes a previous database. The database that is put back must prove its provenance.
// Rollback drops the templates of the target, because branches of them would have the rows of another run.
func Rollback(ctx context.Context, spec Standing) (done ledger.Rollback, err error) {
	s, err := spec.open(ctx, "rollback")
	if err != nil {
		return done, err
	}
	defer s.close()
	back, made, err := s.choosePrevious(ctx)
	if err != nil {
		return done, err
	}
	templates, cleared, err := s.target.Templates(ctx)
	if err != nil {
		return done, err
	}
	for _, left := range cleared.Left {
		s.Report.Note(left)
	}
	id, done, err := s.log.Rollback(func(id string) (ledger.Rollback, error) {
		name, err := s.target.PreviousName(id)
		return ledger.Rollback{
			Target: s.party(), Actor: s.Actor, Reason: s.Reason, Run: made,
			Database: ledger.Database{Name: back.Name, OID: back.OID}, Replaces: ledger.Database{Name: name, OID: s.target.Replaces()},
			Templates: recorded(templates),
		}, err
	})
	if err != nil {
		return done, err
	}
	s.Report.Phase("publish")
	if err := s.target.PutBack(ctx, back, made, id, s.Ledger.Dir); err != nil {
		if errors.Is(err, sides.ErrUnknown) {
			return done, &LateError{err}
		}
		return done, err
	}
	dropped, err := s.target.Retire(ctx, templates)
	done.Templates = recorded(dropped)
	if err = errors.Join(err, s.log.RolledBack(id, done)); err != nil {
		err = &LateError{fmt.Errorf("the previous database is the target again, but: %w", err)}
	}
	m := notify.Message{Event: notify.EventRollback, Run: made, Databases: names(done.Templates), Next: "the next run replaces the target"}
	return done, s.announce(ctx, m, err)
}

// announce copies the checkpoint, and sends the notification about a rollback or a retirement that has changed
// something. The argument done is the error of the rollback or the retirement so far. If a notification or the
// checkpoint is not delivered, announce records that. If done is nil, the error is then a LateError.
func (s *standing) announce(ctx context.Context, m notify.Message, done error) error {
	m.Target, m.Actor, m.Reason, m.Version, m.Exit = s.Environment.Name, actorName(s.Actor), s.Reason, s.Version, KindOf(done).Code()
	m.Checkpoint, m.VerifierKey = s.log.Checkpoint().Note, s.log.VerifierKey()
	if done != nil {
		m.Reason += "; " + done.Error()
	}
	problems := []error{done}
	ctx = context.WithoutCancel(ctx)
	late := s.Ledger.copyCheckpoint(ctx, s.log)
	for _, f := range notify.Send(ctx, selectChannels(s.Channels, m.Event), m) {
		late = append(late, ledger.Undelivered{Channel: f.Channel, Why: f.Why})
	}
	for _, u := range late {
		s.Report.Undelivered(u.Channel, u.Why)
		problems = append(problems, s.log.Undelivered(u))
	}
	if len(late) > 0 && done == nil {
		return &LateError{errors.Join(append(problems, fmt.Errorf("it is done, but %s", lateText(late[0])))...)}
	}
	return errors.Join(problems...)
}

// actorName names who started a verb.
func actorName(a ledger.Actor) string {
	if a.CI == "" {
		return a.User
	}
	return a.User + ", " + a.CI
}

func names(list []ledger.Database) (all []string) {
	for _, d := range list {
		all = append(all, d.Name)
	}
	return all
}

// choosePrevious returns the newest previous database, and the run that made it. Like the target, this database must
// prove its provenance.
func (s *standing) choosePrevious(ctx context.Context) (d sides.Database, made string, err error) {
	list, cleared, err := s.target.Previous(ctx)
	if err != nil {
		return d, "", err
	}
	for _, left := range cleared.Left {
		s.Report.Note(left)
	}
	if len(list) == 0 {
		return d, "", &guard.Refused{
			Why:  fmt.Sprintf("the ledger proves no previous database of %s", s.target.Name()),
			Next: "keep_previous of the flow says how many previous databases masker keeps; to go back, restore a backup or run the flow again",
		}
	}
	d = list[0]
	c, err := s.To.Claim(ctx, d.Name)
	if err != nil {
		return d, "", err
	}
	if len(c.Steps) > 0 {
		made = c.Steps[len(c.Steps)-1].Run
	}
	c.Database, c.Mark = s.target.Name(), &provenance.Mark{State: provenance.Published, Target: s.target.Name(), Run: made}
	origin := provenance.Judge(c, append([]string{s.log.VerifierKey()}, s.Ledger.Trusted...))
	if c.OID != d.OID || !origin.Verified {
		return d, "", &guard.Refused{
			Why:  fmt.Sprintf("the provenance of the newest previous database %s is not proven: %s", d.Name, origin.Why),
			Next: "if you trust it anyway, rename the databases by hand, see docs/operations.md",
		}
	}
	return d, made, nil
}

// Retire drops the target with its previous databases and its templates. First it drops the databases that dead runs
// left behind. The ledger gets one record before the first other database is dropped, and a second record with the
// databases that were dropped. Retire returns the second record, and the databases that it left, with the reasons. If a
// drop fails after another one, the error is a LateError.
func Retire(ctx context.Context, spec Standing) (done ledger.Retirement, left []string, err error) {
	s, err := spec.open(ctx, "retire")
	if err != nil {
		return done, nil, err
	}
	defer s.close()
	orphans, err := s.target.Recover(ctx)
	noteDropped(s.Report, orphans)
	if err != nil {
		return done, nil, err
	}
	list, cleared, err := s.target.Previous(ctx)
	if err != nil {
		return done, nil, err
	}
	templates, unproven, err := s.target.Templates(ctx)
	if err != nil {
		return done, nil, err
	}
	left = slices.Concat(orphans.Left, cleared.Left, unproven.Left)
	list = append(list, templates...)
	list = append(list, sides.Database{Name: s.target.Name(), OID: s.target.Replaces()})
	done = ledger.Retirement{Target: s.party(), Actor: s.Actor, Reason: s.Reason, Databases: recorded(list)}
	id, err := s.log.Retire(done)
	if err != nil {
		return done, left, err
	}
	dropped, err := s.target.Retire(ctx, list)
	done.Databases = recorded(dropped)
	err = errors.Join(err, s.log.Retired(id, done))
	if len(dropped) == 0 { // nothing has changed
		return done, left, err
	}
	if err != nil {
		err = &LateError{fmt.Errorf("%s dropped, but then: %w", spell.Count(len(dropped), "database"), err)}
	}
	m := notify.Message{Event: notify.EventRetire, Databases: names(done.Databases), Next: "delete the backups and the WAL of the server by the rules for backups: they are not covered"}
	return done, left, s.announce(ctx, m, err)
}

func recorded(list []sides.Database) []ledger.Database {
	out := make([]ledger.Database, 0, len(list))
	for _, d := range list {
		out = append(out, ledger.Database{Name: d.Name, OID: d.OID})
	}
	return out
}
