package movement

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/internal/crash"
)

// runWatched runs work and two watchers at the same time. One watches for sessions in production that wait for masker's
// locks, the other watches the session that holds the target. The first error ends all three, and closes the source at
// once, because production must not wait while masker cleans up. Cleaning up needs only the target.
func (r *run) runWatched(ctx context.Context, work func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	fromSource, stopWatching := context.WithCancel(watching)
	r.release = func() {
		stopWatching()
		r.source.Close()
	}
	defer context.AfterFunc(ctx, r.source.Close)()
	g.Go(recoverPanics(func() error { return watchSide(fromSource, "source "+r.Flow.From.Name, r.source.Watch) }))
	g.Go(recoverPanics(func() error { return watchSide(watching, "target "+r.Flow.To.Name, r.target.Watch) }))
	g.Go(recoverPanics(func() error {
		defer stop()
		return work(ctx)
	}))
	return g.Wait()
}

// watchSide runs the watcher of one side. It returns nil if the watcher ended because ctx ended.
func watchSide(ctx context.Context, side string, watch func(context.Context) error) error {
	err := watch(ctx)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", side, err)
}

// recoverPanics turns a panic in fn into an error. The error has the position in the source code, and not the panic's
// value, because the value may quote a row.
func recoverPanics(fn func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("internal error (%T) at %s; this is a bug, please report it with this line", p, crash.Site(string(debug.Stack())))
			}
		}()
		return fn()
	}
}
