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

// cleanUpTime is how long a run may clean up after the first signal. In this time masker drops the shadow and records
// the end of the run. A second signal does not shorten the time, because timeout(1) and some process managers send two
// signals at once.
const cleanUpTime = 30 * time.Second

// interruptible returns a context that ends with the first SIGINT or SIGTERM. After a second signal it calls exit, but
// not before cleanUpTime has passed since the first one.
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
		fmt.Fprintf(err, "masker: cleaning up; masker ends at the latest %v after the first signal\n", cleanUpTime)
		<-left
		exit(exitFailed)
	}()
	return ctx, cancel
}
