//go:build !linux && !darwin && !freebsd

package doctor

import "io/fs"

func foreign(fs.FileInfo) (uint32, bool) { return 0, false }

// Free is not known on this platform.
func Free(string) (int64, bool) { return 0, false }
