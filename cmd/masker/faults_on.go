//go:build faults

package main

import (
	"os"
	"strings"
	"sync/atomic"
	"syscall"
)

// faults returns a function that kills the process with SIGKILL at the point that MASKER_FAULT names. If the value is
// "stop:POINT", the function stops the process with SIGSTOP instead, the first time that the process reaches the point.
// A test can then look at the databases.
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
