package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// cleanUpTime is how long a run may clean up after the first signal, whatever is sent after it: a shadow is dropped and
// the end of the run recorded. timeout(1) sends two signals at once, and so do some process managers.
const cleanUpTime = 30 * time.Second

// interruptible returns a context that ends with the first SIGINT or SIGTERM. Who sends another one has the
// process ended, but not before cleanUpTime has passed since the first.
func interruptible(err io.Writer, exit func(code int)) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
			return
		}
		left := time.After(cleanUpTime)
		<-signals
		fmt.Fprintf(err, "masker: cleaning up; it ends by itself, and at the latest %v after the first signal\n", cleanUpTime)
		<-left
		exit(exitFailed)
	}()
	return ctx, cancel
}
