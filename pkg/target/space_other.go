//go:build !linux && !darwin && !freebsd

package target

// freeBytes is not known on this platform.
func freeBytes(string) (int64, bool) { return 0, false }
