package movement

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
)

// Check makes the checks that Run makes before it copies a row, and returns the same errors. It does not lock the
// target. On the source, pg_dump locks the tables for a moment. Check writes nothing, with one exception: if the
// Spec asks for a look at values, the ledger records this look. When the plan is made, Check passes it to the function
// planned, and then makes the remaining checks. The function planned may be nil.
func Check(ctx context.Context, s Spec, planned func(*plan.Plan)) (err error) {
	r := newRun(s)
	r.checkOnly, r.began = true, r.Now()
	if err := r.openSource(ctx); err != nil {
		return err
	}
	defer r.source.Close()
	if err := r.resolve(ctx); err != nil {
		return err
	}
	if err := r.openLedger(); err != nil {
		if planned != nil {
			planned(r.plan)
		}
		return err
	}
	defer func() {
		if r.log != nil {
			err = errors.Join(err, r.log.Close())
		}
		if r.target != nil {
			r.target.Close()
		}
		r.programs.close()
	}()
	if err := r.lookFirst(ctx); err != nil {
		return err
	}
	if planned != nil {
		planned(r.plan)
	}
	for _, step := range []func(context.Context) error{r.checkCopy, r.checkFiles, r.noteExpiries, r.openTarget, r.checkTargetLedger, r.admit} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// MakePlan makes the plan of a flow from the schema of its source. pg_dump locks the tables of the source for a
// moment. MakePlan writes nothing. Of the Spec, it uses only the flow, the rules, the policy, the subset, the source,
// the key's PerRun, the target's Executes, and Now.
func MakePlan(ctx context.Context, s Spec) (*plan.Plan, error) {
	r := newRun(s)
	r.checkOnly = true
	if err := r.openSource(ctx); err != nil {
		return nil, err
	}
	defer r.source.Close()
	if err := r.resolve(ctx); err != nil {
		return nil, err
	}
	return r.plan, nil
}

// lookFirst looks at values before the plan is shown, if the check asks for it.
func (r *run) lookFirst(ctx context.Context) error {
	if r.Sample == 0 {
		return nil
	}
	if err := r.checkCopy(ctx); err != nil {
		return err
	}
	return r.look(ctx)
}

// openLedger opens the ledger, if there is one. The first run makes the ledger, and so does the first look at rows.
func (r *run) openLedger() error {
	entries, err := os.ReadDir(r.Ledger.Dir)
	if r.Sample == 0 && (errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0) {
		return writable(r.Ledger.Dir)
	}
	if r.log, err = ledger.Open(r.Ledger.Dir, r.Ledger.Options); err != nil {
		return err
	}
	r.last, _ = r.log.Flow(r.Flow.Name)
	return writable(r.plansDir())
}

// writable refuses a folder that cannot be written to or made.
func writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir):
			dir = filepath.Dir(dir)
			continue
		case err != nil:
			return fmt.Errorf("ledger: %w; nothing is read", err)
		case !info.IsDir():
			return fmt.Errorf("ledger: %s is a file, but must be a folder; nothing is read", dir)
		}
		if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
			return fmt.Errorf("ledger: %s cannot be written (%w); nothing is read", dir, err)
		}
		return nil
	}
}
