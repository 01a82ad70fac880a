//go:build linux || darwin || freebsd

package doctor

import (
	"io/fs"
	"os"
	"syscall"
)

// foreign returns the owner of a file, and whether the owner is neither the current user nor root.
func foreign(st fs.FileInfo) (uid uint32, yes bool) {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, true
	}
	return sys.Uid, sys.Uid != 0 && int(sys.Uid) != os.Geteuid()
}

// Free returns how many bytes an ordinary user can still write to the file system of a folder.
func Free(dir string) (bytes int64, known bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true //nolint:unconvert // the fields' types differ by platform
}
