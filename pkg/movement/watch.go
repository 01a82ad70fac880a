package movement

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/internal/crash"
)

// watched runs work beside the two watchers: DDL of production that waits behind our
// locks, and the session that holds the target. Whichever fails first ends the others. Whatever ends
// them, the source is let go at once: what is left to clean up is on the target, and production does not wait for it.
func (r *run) watched(ctx context.Context, work func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	fromSource, stopWatching := context.WithCancel(watching)
	r.release = func() {
		stopWatching()
		r.source.Close()
	}
	defer context.AfterFunc(ctx, r.source.Close)()
	g.Go(guarded(func() error { return until(fromSource, "source "+r.Flow.From.Name, r.source.Watch) }))
	g.Go(guarded(func() error { return until(watching, "target "+r.Flow.To.Name, r.target.Watch) }))
	g.Go(guarded(func() error {
		defer stop()
		return work(ctx)
	}))
	return g.Wait()
}

// until runs the watcher of one side; being told to stop is not its failure.
func until(ctx context.Context, side string, watch func(context.Context) error) error {
	err := watch(ctx)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%s: %w", side, err)
}

// guarded turns a panic of a goroutine into an error that tells the place and not the
// value, which may quote a row.
func guarded(fn func() error) func() error {
	return func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("internal error (%T) at %s; this is a bug, please report it with this line", p, crash.Site(string(debug.Stack())))
			}
		}()
		return fn()
	}
}
