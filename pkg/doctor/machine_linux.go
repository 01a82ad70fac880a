package doctor

import (
	"os"

	"golang.org/x/sys/unix"
)

// Machine checks whether the memory of this process can reach a disk of this machine.
func (s *Sheet) Machine() {
	m := Memory{Root: os.DirFS("/"), Dumpable: -1, CoreLimit: ^uint64(0)}
	if d, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err == nil {
		m.Dumpable = d
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		m.CoreLimit = limit.Cur
	}
	s.Swap(m)
	s.Cores(m)
}
