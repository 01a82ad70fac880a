//go:build unix

package keysource

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner refuses a file that does not belong to the current user or root.
func checkOwner(st fs.FileInfo) error {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("its owner cannot be read")
	}
	if me := os.Geteuid(); int(sys.Uid) != me && sys.Uid != 0 {
		return fmt.Errorf("belongs to user %d, not to the current user %d or root: its owner could change it", sys.Uid, me)
	}
	return nil
}
