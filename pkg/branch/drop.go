package branch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// drop drops databases. It records before this what it will drop, and afterwards what it has
// dropped. It returns the databases that it has dropped, even if it returns an error.
func (o *opened) drop(ctx context.Context, list []Database, reason string) (dropped []Database, err error) {
	r := ledger.Retirement{Target: o.party(), Actor: o.Actor, Reason: reason, Databases: recorded(list)}
	id, err := o.log.DropBranches(r)
	if err != nil {
		return nil, err
	}
	o.Fault("branch-drop")
	for _, d := range list {
		if derr := o.server.Drop(ctx, d); derr != nil {
			err = errors.Join(err, fmt.Errorf("dropping database %s: %w", d.Name, derr))
			continue
		}
		dropped = append(dropped, d)
	}
	r.Databases = recorded(dropped)
	return dropped, errors.Join(err, o.log.DroppedBranches(id, r))
}

func recorded(list []Database) []ledger.Database {
	out := make([]ledger.Database, 0, len(list))
	for _, d := range list {
		out = append(out, ledger.Database{Name: d.Name, OID: d.OID})
	}
	return out
}

// sweep drops databases that are left from processes that died: unfinished branches, and branches that were replaced.
// It drops a database only if the ledger names it and no process works on the branch.
func (o *opened) sweep(ctx context.Context) (dropped []Database, err error) {
	all, known, err := o.known(ctx)
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for _, d := range all {
		b, ok := o.halfMade(d, known)
		if !ok || held[b.Database.Name] {
			continue
		}
		if held[b.Database.Name], err = o.server.Hold(ctx, b.Database.Name); err != nil {
			return nil, err
		}
	}
	if len(held) == 0 {
		return nil, nil
	}
	if all, err = o.server.Databases(ctx); err != nil { // a maker may have completed its branch before Hold
		return nil, err
	}
	var dead []Database
	for _, d := range all {
		if b, ok := o.halfMade(d, known); ok && held[b.Database.Name] {
			dead = append(dead, d)
		}
	}
	if len(dead) == 0 {
		return nil, nil
	}
	return o.drop(ctx, dead, "its maker died before the branch was complete")
}

// sweepFirst is sweep for a process that then makes a branch. If sweep fails, sweepFirst writes a note, and the process
// can still make its branch. It returns an error only after an interruption.
func (o *opened) sweepFirst(ctx context.Context) error {
	_, err := o.sweep(ctx)
	if err != nil && ctx.Err() == nil {
		o.Note(fmt.Sprintf("a database that is left from a dead process could not be dropped: %v", err))
		return nil
	}
	return err
}

// halfMade returns the branch that a database would have become, or was before Reset replaced it. Such a database has
// the mark of an unfinished branch. If the process that made it died before it wrote the mark, the database is closed
// and belongs to masker's role.
func (o *opened) halfMade(d Database, known map[string]ledger.Branch) (ledger.Branch, bool) {
	if m := d.Mark; m != nil {
		b, ok := known[m.Run]
		return b, ok && m.State == provenance.Branching && m.Target == o.server.Target() && b.Built == d.Name && b.Database.OID == d.OID
	}
	if !d.Closed || !d.Mine {
		return ledger.Branch{}, false
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if b := known[id]; b.Built == d.Name && (b.Database.OID == 0 || b.Database.OID == d.OID) {
			return b, true
		}
	}
	return ledger.Branch{}, false
}
