package doctor

import (
	"errors"
	"io/fs"
	"path"
	"strings"
)

// Memory is what decides whether a process's memory, which holds raw rows and keys, can reach a disk.
type Memory struct {
	Root      fs.FS  // the machine's file system: proc and sys are read
	Dumpable  int    // PR_GET_DUMPABLE; below 0: not known
	CoreLimit uint64 // the soft RLIMIT_CORE
}

// Swap looks for swap space that is on a disk and not encrypted.
func (s *Sheet) Swap(m Memory) {
	const area, fix = "memory", "encrypt the swap space (crypttab with a random key), use zram, or swapoff"
	data, err := fs.ReadFile(m.Root, "proc/swaps")
	if errors.Is(err, fs.ErrNotExist) {
		s.OK(area, "the kernel knows no swap space")
		return
	}
	if err != nil {
		s.Warn(area, fix, "whether swap is on cannot be seen")
		return
	}
	plain, on := 0, 0
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		fields := strings.Fields(line)
		if i == 0 || len(fields) == 0 { // the heading
			continue
		}
		on++
		if !m.sealed(fields[0]) {
			plain++
			s.Warn(area, fix, "swap space %s is not seen to be encrypted: rows and keys in memory can get onto its disk", fields[0])
		}
	}
	switch {
	case on == 0:
		s.OK(area, "no swap space is on")
	case plain == 0:
		s.OK(area, "swap space is encrypted, or memory itself")
	}
}

// sealed is true of swap that is in memory, or on a device that dm-crypt made.
func (m Memory) sealed(device string) bool {
	name := path.Base(device)
	if strings.HasPrefix(name, "zram") && !m.backed(name) {
		return true
	}
	uuid, err := fs.ReadFile(m.Root, "sys/block/"+name+"/dm/uuid")
	return err == nil && strings.HasPrefix(string(uuid), "CRYPT-")
}

// backed is true of a zram device that writes to a disk what does not compress.
func (m Memory) backed(name string) bool {
	dev, err := fs.ReadFile(m.Root, "sys/block/"+name+"/backing_dev")
	return err == nil && strings.TrimSpace(string(dev)) != "none"
}

// Cores looks whether a crash could write the process's memory to a disk. A pattern that pipes into a program is not
// held by the limit, only by the process not being dumpable.
func (s *Sheet) Cores(m Memory) {
	const area = "memory"
	pattern, err := fs.ReadFile(m.Root, "proc/sys/kernel/core_pattern")
	piped := err == nil && strings.HasPrefix(string(pattern), "|")
	switch {
	case m.Dumpable > 0 && piped:
		s.Problem(area, "let masker turn core dumps off (a seccomp filter forbids prctl?), or sysctl kernel.core_pattern=",
			"a crash hands the process's memory to a program (kernel.core_pattern), and masker could not forbid it")
	case m.CoreLimit > 0 && m.Dumpable != 0:
		s.Problem(area, "ulimit -c 0, or LimitCORE=0 in the unit", "a crash writes the process's memory to a file, and masker could not forbid it")
	case m.Dumpable < 0:
		s.Warn(area, "ulimit -c 0; on Linux masker forbids more", "no core dumps by limit; whether this platform keeps to it cannot be seen")
	default:
		s.OK(area, "no core dumps, no debugger of the same user (RLIMIT_CORE 0, not dumpable)")
	}
}
