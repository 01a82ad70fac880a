package pglocal

import (
	"bufio"
	"fmt"
	"os"
	"syscall"
)

// The folder that Linux keeps in memory, and the bytes that must be free there. The WAL alone may have 1 GB with
// PostgreSQL's default settings. Twice as many bytes of memory must be available, so that other programs keep some.
const (
	inMemory = "/dev/shm"
	room     = 3 << 30
)

// memoryFolder returns a folder in memory with room for a small server, or "" if there is none.
func memoryFolder() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(inMemory, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room || available() < 2*room {
		return ""
	}
	return inMemory
}

// available returns the bytes of memory that programs can get without swapping; 0 if the system does not tell.
func available() uint64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kB uint64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return 0
}
