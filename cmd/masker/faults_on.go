//go:build faults

package main

import (
	"os"
	"strings"
	"sync/atomic"
	"syscall"
)

// faults kills the process with SIGKILL at the point that MASKER_FAULT names. If the value is "stop:POINT", it stops
// the process with SIGSTOP when it reaches the point for the first time, so that a test can look at the databases.
func faults(env map[string]string) func(string) {
	want, stop := strings.CutPrefix(env["MASKER_FAULT"], "stop:")
	var reached atomic.Bool
	return func(point string) {
		if point != want || want == "" || reached.Swap(true) {
			return
		}
		sig := syscall.SIGKILL
		if stop {
			sig = syscall.SIGSTOP
		}
		_ = syscall.Kill(os.Getpid(), sig)
		if !stop {
			select {} // wait for SIGKILL
		}
	}
}
