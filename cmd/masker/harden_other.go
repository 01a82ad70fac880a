//go:build !linux

package main

import "golang.org/x/sys/unix"

// harden protects the process's memory, because it holds raw rows and keys. The kernel writes no core dump.
func harden() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
