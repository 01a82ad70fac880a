//go:build linux || darwin || freebsd

package doctor

import (
	"io/fs"
	"os"
	"syscall"
)

// foreign is true of a file that neither the current user nor root owns.
func foreign(st fs.FileInfo) (uid uint32, yes bool) {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, true
	}
	return sys.Uid, sys.Uid != 0 && int(sys.Uid) != os.Geteuid()
}

// Free is what an ordinary user may still write to the file system of a folder.
func Free(dir string) (bytes int64, known bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true //nolint:unconvert // the fields' types differ by platform
}
