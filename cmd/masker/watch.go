package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

// watched runs work beside the two watchers: DDL of production that waits behind our
// locks, and the session that holds the target. Whichever fails first ends the others. Whatever ends
// them, the source is let go at once: what is left to clean up is on the target, and production does not wait for it.
func (j *job) watched(ctx context.Context, work func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	fromSource, letGo := context.WithCancel(watching)
	j.release = func() {
		letGo()
		j.source.Close()
	}
	defer context.AfterFunc(ctx, j.source.Close)()
	g.Go(guarded(func() error { return until(fromSource, "source "+j.flow.From.Name, j.source.Watch) }))
	g.Go(guarded(func() error { return until(watching, "target "+j.flow.To.Name, j.target.Watch) }))
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
				err = fmt.Errorf("internal error (%T) at %s; this is a bug, please report it with this line", p, panicPlace(string(debug.Stack())))
			}
		}()
		return fn()
	}
}

// coding gives an error of the rooms below its exit code.
func coding(err error) error {
	var undecided *plan.Undecided
	var invalid *plan.Invalid
	var refused *source.RefusedError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, target.ErrBusy):
		return &coded{exitBusy, err}
	case errors.Is(err, target.ErrRefused), errors.As(err, &undecided), errors.As(err, &refused):
		return &coded{exitRefused, err}
	case errors.As(err, &invalid):
		return &coded{exitUsage, err}
	}
	return err
}
