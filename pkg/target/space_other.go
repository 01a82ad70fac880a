//go:build !linux && !darwin && !freebsd

package target

// freeBytes returns false, because masker cannot read the free space on this platform.
func freeBytes(string) (int64, bool) { return 0, false }
