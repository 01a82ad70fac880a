package branch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// Order describes a branch that somebody wants.
type Order struct {
	Name    string
	Owner   string // the person whom the branch belongs to
	Purpose string
	Lasts   time.Duration // how long the branch is needed. 0 means that it does not expire
}

// Check refuses an order that cannot be carried out.
func (w Order) Check() error {
	if w.Owner == "" {
		return errors.New("--owner: a branch belongs to a person; name one")
	}
	return errors.Join(CheckName(w.Name), checkText("--owner", w.Owner), checkText("--purpose", w.Purpose))
}

// Create makes a branch of the target.
func Create(ctx context.Context, spec Spec, want Order) (Branch, error) {
	if err := want.Check(); err != nil {
		return Branch{}, err
	}
	o, err := spec.open(ctx)
	if err != nil {
		return Branch{}, err
	}
	defer o.close()
	if err := o.hold(ctx, want.Name); err != nil {
		return Branch{}, err
	}
	if err := o.sweepFirst(ctx); err != nil {
		return Branch{}, err
	}
	b := ledger.Branch{Owner: want.Owner, Purpose: want.Purpose, Database: ledger.Database{Name: want.Name}}
	if want.Lasts > 0 {
		b.Expires = o.Now().Add(want.Lasts).UTC().Truncate(time.Second)
	}
	return o.make(ctx, b, nil)
}

// copyTries is how often masker tries to make a branch, if a refresh replaces the copied database each time.
const copyTries = 3

// make makes the branch b. If old is not nil, the branch old loses its name.
func (o *opened) make(ctx context.Context, b ledger.Branch, old *Branch) (made Branch, err error) {
	for try := 1; ; try++ {
		made, err = o.attempt(ctx, b, old)
		if !errors.Is(err, ErrChanged) || try == copyTries {
			return made, err
		}
		o.Note("a refresh replaced the database that was copied; the branch is made again")
	}
}

// attempt tries once to make a branch.
func (o *opened) attempt(ctx context.Context, b ledger.Branch, old *Branch) (made Branch, err error) {
	all, err := o.server.Databases(ctx)
	if err != nil {
		return made, err
	}
	target := byName(all, o.server.Target())
	switch taken := byName(all, b.Database.Name); {
	case target == nil:
		return made, &guard.Refused{Why: fmt.Sprintf("there is no target %s", o.server.Target()), Next: "run the flow first"}
	case taken != nil && (old == nil || taken.OID != old.database.OID):
		return made, &guard.Refused{
			Why:  fmt.Sprintf("a database %s is already there", b.Database.Name),
			Next: "choose another name; masker branch reset makes a branch anew, and masker branch drop drops it",
		}
	}
	from, run, err := o.choose(ctx, all, *target)
	if err != nil {
		return made, err
	}
	b.Target, b.Actor, b.Run, b.From = o.party(), o.Actor, run, ledger.Database{Name: from.Name, OID: from.OID}
	id, b, err := o.log.Branching(func(id string) (ledger.Branch, error) {
		b.Built = builtName(b.Database.Name, id)
		return b, nil
	})
	if err != nil {
		return made, err
	}
	d, err := o.server.Copy(ctx, from, b.Built)
	if err != nil {
		return made, err
	}
	if made, err = o.complete(ctx, id, b, d, *target, old); err != nil {
		return made, o.undo(ctx, d, err)
	}
	return made, nil
}

// complete makes a branch of a closed copy. If it returns an error, the copy has not got the name of the branch, unless
// only the server's answer to the commit was lost.
func (o *opened) complete(ctx context.Context, id string, b ledger.Branch, d, target Database, old *Branch) (made Branch, err error) {
	o.Fault("branch-copied")
	b.Database.OID = d.OID
	proof, err := o.log.Branch(id, b)
	if err != nil {
		return made, err
	}
	o.Fault("branch-recorded")
	mark := provenance.Mark{State: provenance.Branching, Target: b.Target.Database, Run: id, Ledger: o.Ledger.Dir, At: o.Now().UTC()}
	if err := o.server.Enter(ctx, d, mark); err != nil {
		return made, err
	}
	o.Fault("branch-marked")
	mark.State = provenance.Branch
	final := Database{Name: b.Database.Name, OID: d.OID, Mark: &mark, Bytes: d.Bytes}
	if made, err = o.addStep(ctx, id, d, final, proof); err != nil {
		return made, err
	}
	o.Fault("branch-proven")
	p := Publishing{Copy: d, Name: b.Database.Name, Mark: mark, Like: target}
	if old != nil {
		p.Old, p.OldName, p.OldMark = &old.database, old.record.Built, *old.database.Mark
		p.OldMark.State = provenance.Branching
	}
	notes, err := o.server.Publish(ctx, p)
	if err != nil {
		return made, err
	}
	for _, text := range notes {
		o.Note(text)
	}
	o.Fault("branch-published")
	return made, nil
}

// addStep adds the last step to a copy's provenance, and checks that the result proves the finished branch.
func (o *opened) addStep(ctx context.Context, id string, d, final Database, proof ledger.Inclusion) (made Branch, err error) {
	text, err := json.Marshal(proof)
	if err != nil {
		return made, err
	}
	err = o.server.AddStep(ctx, d, func(claim provenance.Claim) (provenance.Step, error) {
		step := provenance.Step{Step: len(claim.Steps) + 1, Run: id, Inclusion: string(text), At: o.Now().UTC()}
		claim.Database, claim.Mark = final.Name, final.Mark
		claim.Steps = append(claim.Steps, step)
		if made = judge(final, claim, o.keys); !made.Trusted {
			return step, &guard.Refused{Why: "the provenance of the copy does not prove it: " + made.Why, Next: "run the flow again, and make the branch afterwards"}
		}
		return step, nil
	})
	return made, err
}

// choose returns the database to copy, and the run that made its rows. The database is the target's template, or the
// target itself if it has no template of the same run. choose refuses a target that it would have to copy while
// sessions are in it.
func (o *opened) choose(ctx context.Context, all []Database, target Database) (from Database, run string, err error) {
	if run, err = o.proven(ctx, target); err != nil {
		return from, "", err
	}
	d := o.templateOf(all)
	of := []string{run}
	if d != nil && d.Mark != nil {
		of = append(of, d.Mark.Run)
	}
	runs, err := ledger.HistoryOf(o.Ledger.Dir, o.server.SystemID(), o.server.Target(), of...)
	if err != nil {
		return from, "", err
	}
	if err := o.published(run, runs); err != nil {
		return from, "", err
	}
	template, err := o.template(d, run, runs)
	if err != nil || template != nil {
		if template != nil {
			from = *template
		}
		return from, run, err
	}
	who, err := o.server.Sessions(ctx, target)
	switch {
	case err != nil:
		return from, "", err
	case who != "":
		return from, "", &guard.Refused{
			Why:  fmt.Sprintf("the target %s has no template, and is in use: %s", target.Name, who),
			Next: "PostgreSQL copies a database only if nobody is in it. Set branches: {template: true} in the flow and run it, or end these sessions",
		}
	}
	return target, run, nil
}

// templateOf returns the database that has the name of the target's template, or nil.
func (o *opened) templateOf(all []Database) *Database {
	name, err := provenance.TemplateName(o.server.Target())
	if err != nil {
		return nil // a target with such a long name has no template
	}
	return byName(all, name)
}

// template checks the database d, which has the name of the target's template. It returns nil if d is nil, or if the
// template and the target come from different runs. If it is not proven that d is a template of this target, it returns
// an error.
func (o *opened) template(d *Database, run string, runs map[string]ledger.TargetRun) (*Database, error) {
	if d == nil {
		return nil, nil
	}
	refuse := func(why string) error {
		return &guard.Refused{Why: fmt.Sprintf("database %s has the name of the template, and %s", d.Name, why), Next: "rename or drop it, and run the flow again"}
	}
	m := d.Mark
	if m == nil || m.State != provenance.Template || m.Target != o.server.Target() {
		return nil, refuse("masker did not make it")
	}
	switch {
	case runs[m.Run].Template != d.OID:
		return nil, refuse(fmt.Sprintf("this ledger does not say that run %s made it", m.Run))
	case m.Run != run:
		o.Note(fmt.Sprintf("the template is of run %s, and the target of run %s; the branch is copied from the target", m.Run, run))
		return nil, nil
	}
	return d, nil
}

// undoPatience is how long the removal of a copy may take.
const undoPatience = time.Minute

// undo drops a copy that could not become a branch. The argument err is the reason. After an interruption, undo
// connects again, because a statement that is interrupted ends its session.
func (o *opened) undo(ctx context.Context, d Database, err error) error {
	interrupted := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoPatience)
	defer cancel()
	if interrupted {
		if again, cerr := o.Connect(ctx); cerr == nil {
			o.server.Close()
			o.server = again
		}
	}
	if _, derr := o.drop(ctx, []Database{d}, "the branch could not be completed"); derr != nil {
		return fmt.Errorf("%w; its database %s could not be dropped, and the next branch create or prune tries again: %w", err, d.Name, derr)
	}
	return err
}
