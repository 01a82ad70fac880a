package branch

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
)

// Drop drops a branch, and records it. If there are sessions in the branch, Drop ends them if force is set, and refuses
// otherwise.
func Drop(ctx context.Context, spec Spec, name, reason string, force bool) error {
	if err := checkText("--reason", reason); err != nil {
		return err
	}
	o, err := spec.open(ctx)
	if err != nil {
		return err
	}
	defer o.close()
	b, err := o.take(ctx, name, force)
	if err != nil {
		return err
	}
	if reason == "" {
		reason = "nobody needs it any more"
	}
	_, err = o.drop(ctx, []Database{b.database}, reason)
	return err
}

// Reset makes a branch anew, with the rows that the target has now. The branch keeps its owner, its purpose and its
// expiry. Until the new database is complete, the old one is unchanged. If there are sessions in the branch and force
// is not set, Reset refuses. It also refuses a branch that has expired. The sessions that are in the branch when the
// new database takes its name are ended.
func Reset(ctx context.Context, spec Spec, name string, force bool) (made Branch, err error) {
	o, err := spec.open(ctx)
	if err != nil {
		return made, err
	}
	defer o.close()
	old, err := o.take(ctx, name, force)
	if err != nil {
		return made, err
	}
	if old.Expired(o.Now()) {
		return made, &guard.Refused{
			Why:  fmt.Sprintf("branch %s expired at %s", name, old.Expires.UTC().Format(timeFormat)),
			Next: "drop it, and make a branch with another expiry",
		}
	}
	if err := o.sweepFirst(ctx); err != nil {
		return made, err
	}
	replaced := ledger.Database{Name: name, OID: old.database.OID}
	made, err = o.make(ctx, ledger.Branch{
		Owner: old.Owner, Purpose: old.Purpose, Expires: old.Expires,
		Database: ledger.Database{Name: name}, Replaces: &replaced,
	}, &old)
	if err != nil {
		return made, err
	}
	aside := old.database
	aside.Name = old.record.Built
	if _, err := o.drop(ctx, []Database{aside}, "branch reset made it anew as branch "+made.id); err != nil {
		o.Note(fmt.Sprintf("the old database of the branch is now %s and could not be dropped (%v); the next branch create or prune tries again", aside.Name, err))
	}
	return made, nil
}

const timeFormat = "2006-01-02 15:04 UTC"

// take reserves a branch that is proven. If there are sessions in it and force is not set, take refuses.
func (o *opened) take(ctx context.Context, name string, force bool) (b Branch, err error) {
	if err := o.hold(ctx, name); err != nil {
		return b, err
	}
	if b, err = o.find(ctx, name); err != nil || force {
		return b, err
	}
	who, err := o.server.Sessions(ctx, b.database)
	if err == nil && who != "" {
		err = &guard.Refused{Why: fmt.Sprintf("branch %s is in use: %s", name, who), Next: "end these sessions, or let masker end them with --force"}
	}
	return b, err
}

// Pruned says what Prune has done.
type Pruned struct {
	Dropped []string `json:"dropped"`
	Left    []string `json:"left"` // a sentence for each expired branch that stays, and for each branch that is not proven
}

// Prune drops the branches that have expired. It leaves a branch with sessions in it. It also drops databases that are
// left from processes that died while they made a branch.
func Prune(ctx context.Context, spec Spec) (p Pruned, err error) {
	p = Pruned{Dropped: []string{}, Left: []string{}}
	o, err := spec.open(ctx)
	if err != nil {
		return p, err
	}
	defer o.close()
	swept, failed := o.sweep(ctx)
	p.add(swept)
	list, err := o.list(ctx)
	if err != nil {
		return p, errors.Join(failed, err)
	}
	for _, b := range list {
		// If one branch cannot be dropped, Prune still drops the others.
		if failed = errors.Join(failed, o.expire(ctx, b, &p)); ctx.Err() != nil {
			break
		}
	}
	return p, failed
}

// Expire is Prune for a run, which has just published the target.
func (s Spec) Expire(ctx context.Context) (dropped, left []string, err error) {
	p, err := Prune(ctx, s)
	return p.Dropped, p.Left, err
}

func (p *Pruned) add(dropped []Database) {
	for _, d := range dropped {
		p.Dropped = append(p.Dropped, d.Name)
	}
}

// expire drops a branch if it has expired and nobody is in it.
func (o *opened) expire(ctx context.Context, b Branch, p *Pruned) error {
	leave := func(format string, args ...any) { p.Left = append(p.Left, fmt.Sprintf(format, args...)) }
	if !b.Trusted {
		leave("database %s may be a branch, and that is not proven: %s; it is left as it is, drop it by hand if nobody needs it", b.Name, b.Why)
		return nil
	}
	if !b.Expired(o.Now()) {
		return nil
	}
	// The server's clock is checked too, because the wrong clock of one machine could end the branches of everybody.
	switch clock, err := o.server.Clock(ctx); {
	case err != nil:
		return err
	case clock.Before(b.Expires):
		leave("branch %s expires at %s; this machine's clock says that this is over, and the server's clock says %s; set the clock that is wrong",
			b.Name, b.Expires.UTC().Format(timeFormat), clock.UTC().Format(timeFormat))
		return nil
	}
	held, err := o.server.Hold(ctx, b.Name)
	if err != nil {
		return err
	}
	if !held {
		leave("branch %s expired at %s, and another masker works on it", b.Name, b.Expires.UTC().Format(timeFormat))
		return nil
	}
	name := b.Name
	if b, err = o.find(ctx, name); err != nil { // somebody may have dropped or reset the branch before Hold
		leave("branch %s: %v", name, err)
		return ctx.Err()
	}
	switch who, err := o.server.Sessions(ctx, b.database); {
	case err != nil:
		return err
	case who != "":
		leave("branch %s of %s expired at %s and is in use: %s; ask the owner to end these sessions, or run masker branch drop %s %s --force",
			b.Name, b.Owner, b.Expires.UTC().Format(timeFormat), who, o.Environment.Name, b.Name)
		return nil
	}
	dropped, err := o.drop(ctx, []Database{b.database}, "it expired at "+b.Expires.UTC().Format(timeFormat))
	p.add(dropped)
	return err
}
