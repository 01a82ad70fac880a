//go:build !linux

package main

import "golang.org/x/sys/unix"

// harden keeps the process's memory, which holds raw rows and keys, off the disk.
func harden() { _ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
