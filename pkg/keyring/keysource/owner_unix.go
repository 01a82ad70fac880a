//go:build unix

package keysource

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner wants the file to belong to who runs masker, or to root.
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
