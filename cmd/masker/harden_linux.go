package main

import "golang.org/x/sys/unix"

// harden protects the process's memory, because it holds raw rows and keys. The kernel writes no core dump, and other
// processes of the same user cannot attach a debugger. If the kernel refuses, masker runs with the defaults.
func harden() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
