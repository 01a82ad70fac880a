package movement

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
)

// Check walks the steps of Run that come before a row is read, and refuses what they refuse, with the same words. It takes no
// lock and writes nothing. planned is called with the plan as soon as there is one, so that whoever checks is shown all
// of it first; nil for nobody.
func Check(ctx context.Context, s Spec, planned func(*plan.Plan)) (err error) {
	r := newRun(s)
	r.looks, r.began = true, r.Now()
	if err := r.openSource(ctx); err != nil {
		return err
	}
	defer r.source.Close()
	if err := r.resolve(); err != nil {
		return err
	}
	if planned != nil {
		planned(r.plan)
	}
	if err := r.openLedger(); err != nil {
		return err
	}
	defer func() {
		if r.log != nil {
			err = errors.Join(err, r.log.Close())
		}
		if r.target != nil {
			r.target.Close()
		}
	}()
	for _, step := range []func(context.Context) error{r.checkCopy, r.checkFiles, r.openTarget, r.checkMemory, r.admit} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openLedger opens the ledger where there is one. The first run makes it.
func (r *run) openLedger() error {
	entries, err := os.ReadDir(r.Ledger.Dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if r.log, err = ledger.Open(r.Ledger.Dir, r.Ledger.Options); err != nil {
		return err
	}
	r.last, _ = r.log.Flow(r.Flow.Name)
	return nil
}
