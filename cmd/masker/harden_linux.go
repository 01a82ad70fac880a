package main

import "golang.org/x/sys/unix"

// harden keeps the process's memory, which holds raw rows and keys, off the disk:
// no core dump, no debugger of the same user. A kernel that refuses leaves the
// defaults; there is nothing better to do than go on.
func harden() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
