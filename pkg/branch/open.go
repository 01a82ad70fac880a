package branch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// opened is a Spec with an open ledger and a connection to the server.
type opened struct {
	Spec
	log    *ledger.Ledger
	server Server
	keys   []string // public keys of the ledgers whose provenance counts
}

// open opens the ledger and connects to the server. It refuses an environment of production.
func (s Spec) open(ctx context.Context) (*opened, error) {
	if s.Note == nil {
		s.Note = func(string) {}
	}
	if s.Fault == nil {
		s.Fault = func(string) {}
	}
	if s.Environment.Kind == guard.Production {
		return nil, &guard.Refused{Why: fmt.Sprintf("environment %q is of kind production", s.Environment.Name), Next: "name the environment of a target"}
	}
	log, err := ledger.Open(s.Ledger.Dir, s.Ledger.Options)
	if err != nil {
		return nil, err
	}
	o := &opened{Spec: s, log: log, keys: s.Ledger.Trusted}
	if own := log.VerifierKey(); own != "" {
		o.keys = append([]string{own}, o.keys...)
	}
	if o.server, err = s.Connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("target %s: %w", s.Environment.Name, err), log.Close())
	}
	return o, nil
}

func (o *opened) close() {
	o.server.Close()
	_ = o.log.Close() // an error does not matter: all records are already on the disk
}

func (o *opened) party() ledger.Party {
	return ledger.Party{Environment: o.Environment.Name, Kind: string(o.Environment.Kind), SystemID: o.server.SystemID(), Database: o.server.Target(), Role: o.server.Role()}
}

// List returns the branches of the target, sorted by name: the databases whose marks say that they are branches, and
// the databases that the ledger knows as branches although their marks do not say so.
func List(ctx context.Context, spec Spec) ([]Branch, error) {
	o, err := spec.open(ctx)
	if err != nil {
		return nil, err
	}
	defer o.close()
	return o.list(ctx)
}

// known returns the databases of the server, and the branches of the target that the ledger knows.
func (o *opened) known(ctx context.Context) (all []Database, known map[string]ledger.Branch, err error) {
	if all, err = o.server.Databases(ctx); err == nil {
		known, err = ledger.Branches(o.Ledger.Dir, o.server.SystemID(), o.server.Target())
	}
	return all, known, err
}

func (o *opened) list(ctx context.Context) ([]Branch, error) {
	all, known, err := o.known(ctx)
	if err != nil {
		return nil, err
	}
	list := []Branch{}
	for _, d := range all {
		if d.Mark == nil || d.Mark.State != provenance.Branch || d.Mark.Target != o.server.Target() {
			if b, ok := o.hidden(d, known); ok {
				list = append(list, b)
			}
			continue
		}
		b, err := o.look(ctx, d)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// hidden returns the branch that the ledger knows by a database's OID, if the database's mark does not say that it is a
// branch of the target. The owner of a branch can remove the mark. Only the ledger then knows when the branch expires.
func (o *opened) hidden(d Database, known map[string]ledger.Branch) (b Branch, ok bool) {
	if _, half := o.halfMade(d, known); half {
		return b, false
	}
	for _, was := range known {
		if was.Database.OID == d.OID {
			why := fmt.Sprintf("the ledger says that it is branch %s of %s, and its comment says something else", was.Database.Name, was.Owner)
			return Branch{Name: d.Name, Target: o.server.Target(), Bytes: d.Bytes, Why: why, database: d}, true
		}
	}
	return b, false
}

// look reads the claim of a database, and judges it. A database that cannot be entered is not trusted.
func (o *opened) look(ctx context.Context, d Database) (Branch, error) {
	claim, err := o.server.Claim(ctx, d.Name)
	if err != nil {
		if ctx.Err() != nil {
			return Branch{}, ctx.Err()
		}
		return Branch{Name: d.Name, Target: d.Mark.Target, Bytes: d.Bytes, Why: "its provenance cannot be read: " + err.Error(), database: d}, nil
	}
	return judge(d, claim, o.keys), nil
}

// find returns the trusted branch with a name. All other databases are refused.
func (o *opened) find(ctx context.Context, name string) (b Branch, err error) {
	all, err := o.server.Databases(ctx)
	if err != nil {
		return b, err
	}
	d := byName(all, name)
	list := "masker branch list " + o.Environment.Name
	switch {
	case d == nil:
		return b, &guard.Refused{Why: fmt.Sprintf("there is no database %s", name), Next: list + " shows the branches"}
	case d.Mark == nil || d.Mark.State != provenance.Branch || d.Mark.Target != o.server.Target():
		return b, &guard.Refused{Why: fmt.Sprintf("database %s is not a branch of %s", name, o.server.Target()), Next: "it is left as it is; " + list + " shows the branches"}
	}
	if b, err = o.look(ctx, *d); err != nil {
		return b, err
	}
	if !b.Trusted {
		return b, &guard.Refused{Why: fmt.Sprintf("it is not proven that database %s is a branch of %s: %s", name, o.server.Target(), b.Why), Next: "it is left as it is; drop it by hand if nobody needs it"}
	}
	return b, nil
}

// hold reserves the name of a branch.
func (o *opened) hold(ctx context.Context, name string) error {
	held, err := o.server.Hold(ctx, name)
	if err == nil && !held {
		err = fmt.Errorf("branch %s: %w", name, errBusy)
	}
	return err
}

var errBusy = busy{}

// busy is the error for a branch that another process works on. errors.Is takes it for sides.ErrBusy.
type busy struct{}

func (busy) Error() string {
	return "another masker makes, resets or drops this branch; wait for it to end"
}
func (busy) Is(target error) bool { return target == sides.ErrBusy } //nolint:errorlint // Is compares with a sentinel

func byName(all []Database, name string) *Database {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// proven returns the run that made the target, as its provenance proves it.
func (o *opened) proven(ctx context.Context, target Database) (run string, err error) {
	claim, err := o.server.Claim(ctx, target.Name)
	if err != nil {
		return "", fmt.Errorf("target %s: %w", o.Environment.Name, err)
	}
	origin := provenance.Judge(claim, o.keys)
	if !origin.Verified || claim.OID != target.OID {
		return "", &guard.Refused{
			Why:  fmt.Sprintf("nothing proves that masker made the target %s: %s", target.Name, strings.TrimSpace(origin.Why)),
			Next: "if a run of masker has published it, use the ledger of that run (ledger.path); otherwise run the flow first",
		}
	}
	last := origin.Steps[len(origin.Steps)-1]
	if last.Record.Movement == nil {
		return "", &guard.Refused{Why: fmt.Sprintf("database %s is itself a branch", target.Name), Next: "name the environment of its target"}
	}
	return last.Run, nil
}

// published refuses a run of this ledger that did not publish its database: whoever owns the shadow of such a run can
// give it the name and the mark of the target. If the run is only in another ledger, or in archived records, the
// provenance alone counts.
func (o *opened) published(run string, runs map[string]ledger.TargetRun) error {
	if past, known := runs[run]; known && !past.Published {
		return &guard.Refused{
			Why:  fmt.Sprintf("the ledger does not say that run %s has published the target %s", run, o.server.Target()),
			Next: "if the run is still going on, wait for its end; otherwise start a run, which records how that one ended",
		}
	}
	return nil
}
