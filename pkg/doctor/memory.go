package doctor

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Memory is the state of the machine that decides whether a process's memory can reach a disk. The memory of masker
// holds raw rows and keys.
type Memory struct {
	Root      fs.FS  // the machine's file system, for files in proc and sys
	Dumpable  int    // PR_GET_DUMPABLE; negative if not known
	CoreLimit uint64 // the soft RLIMIT_CORE
}

// Swap checks that no swap space is on a disk without encryption.
func (s *Sheet) Swap(m Memory) {
	const area, fix = "memory", "encrypt the swap space (crypttab with a random key), use zram, or swapoff"
	data, err := fs.ReadFile(m.Root, "proc/swaps")
	if errors.Is(err, fs.ErrNotExist) {
		s.OK(area, "the kernel has no swap space")
		return
	}
	if err != nil {
		s.Warn(area, fix, "masker cannot see whether swap is on")
		return
	}
	plain, on := 0, 0
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		fields := strings.Fields(line)
		if i == 0 || len(fields) == 0 { // line 0 is the heading
			continue
		}
		on++
		if !m.safe(fields[0]) {
			plain++
			s.Warn(area, fix, "swap space %s does not seem to be encrypted: rows and keys in memory can get onto its disk", fields[0])
		}
	}
	switch {
	case on == 0:
		s.OK(area, "no swap space is on")
	case plain == 0:
		s.OK(area, "all swap space is encrypted or in memory")
	}
}

// safe reports whether a swap device is in memory (zram), or is encrypted by dm-crypt.
func (m Memory) safe(device string) bool {
	name := path.Base(device)
	if strings.HasPrefix(name, "zram") && !m.backed(name) {
		return true
	}
	uuid, err := fs.ReadFile(m.Root, "sys/block/"+name+"/dm/uuid")
	return err == nil && strings.HasPrefix(string(uuid), "CRYPT-")
}

// backed reports whether a zram device may write pages to a disk.
func (m Memory) backed(name string) bool {
	dev, err := fs.ReadFile(m.Root, "sys/block/"+name+"/backing_dev")
	return err == nil && strings.TrimSpace(string(dev)) != "none"
}

// Cores checks whether a crash can write the process's memory to a disk. If kernel.core_pattern pipes core dumps into a
// program, the limit on core files has no effect. In this case, only a process that is not dumpable is safe.
func (s *Sheet) Cores(m Memory) {
	const area = "memory"
	pattern, err := fs.ReadFile(m.Root, "proc/sys/kernel/core_pattern")
	piped := err == nil && strings.HasPrefix(string(pattern), "|")
	switch {
	case m.Dumpable > 0 && piped:
		s.Problem(area, "let masker turn core dumps off (perhaps a seccomp filter forbids prctl), or sysctl kernel.core_pattern=",
			"a crash hands the process's memory to a program (kernel.core_pattern), and masker could not forbid it")
	case m.CoreLimit > 0 && m.Dumpable != 0:
		s.Problem(area, "ulimit -c 0, or LimitCORE=0 in the unit", "a crash writes the process's memory to a file, and masker could not forbid it")
	case m.Dumpable < 0:
		s.Warn(area, "ulimit -c 0; only on Linux can masker forbid all core dumps", "the limit for core dumps is 0, but masker cannot see whether this platform obeys the limit")
	default:
		s.OK(area, "no core dumps, no debugger of the same user (RLIMIT_CORE 0, not dumpable)")
	}
}
