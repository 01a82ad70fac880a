package target_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
)

// renaming is a Proof. Its method Replaced renames the database. If late is set, the rename is committed when DROP
// DATABASE already waits for it.
type renaming struct {
	believed
	t    *testing.T
	late bool
	done chan error
}

func (r *renaming) Replaced(ctx context.Context, d sides.Database) (string, error) {
	owner, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		return "", err
	}
	if _, err := owner.Exec(ctx, "BEGIN; ALTER DATABASE "+d.Name+" RENAME TO "+d.Name+"_true"); err != nil {
		return "", err
	}
	r.done = make(chan error, 1)
	commit := func() {
		_, err := owner.Exec(ctx, "COMMIT")
		r.done <- errors.Join(err, owner.Close(ctx))
	}
	if !r.late {
		commit()
		return "", nil
	}
	watcher, err := pgx.Connect(ctx, server.URL("postgres"))
	if err != nil {
		return "", err
	}
	go func() {
		defer watcher.Close(ctx) //nolint:errcheck // it only reads
		for waits := false; !waits; {
			if err := watcher.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND starts_with(query, 'DROP DATABASE'))").Scan(&waits); err != nil {
				r.done <- err
				return
			}
		}
		commit()
	}()
	return "", nil
}

// R10: if somebody renames a database before or while it is dropped, the database stays, and masker does not say that
// it was dropped.
func TestR10ARenamedDatabaseIsNotCalledDropped(t *testing.T) {
	for name, late := range map[string]bool{"renearly": false, "renlate": true} {
		t.Run(name, func(t *testing.T) {
			create(t, name+"_src", "CREATE TABLE t (a int)")
			proof := &renaming{t: t, late: late}
			p := open(t, server.URL(name), target.Options{Proof: proof})
			for _, run := range []string{"run1", "run2"} {
				refresh(t, p, name+"_src", spec(t, name+"_src", run))
				p.Close()
				p = open(t, server.URL(name), target.Options{Proof: proof})
			}
			if c, err := p.Prune(t.Context()); !errors.Is(err, sides.ErrRefused) || len(c.Dropped) > 0 {
				t.Errorf("pruned %q, %v", c.Dropped, err)
			}
			if err := <-proof.done; err != nil {
				t.Error(err)
			}
			if n := one[int](t, "postgres", "SELECT count(*) FROM pg_database WHERE datname = $1", name+"_previous_run2_true"); n != 1 {
				t.Error("the renamed database is gone")
			}
		})
	}
}
