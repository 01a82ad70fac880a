//go:build linux || darwin || freebsd

package target

import "syscall"

// freeBytes returns how many bytes an ordinary user can still write to the file system of a folder.
func freeBytes(dir string) (int64, bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true //nolint:unconvert // the fields' types differ by platform
}
