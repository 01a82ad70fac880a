//go:build !linux

package doctor

// Machine says that it cannot see where this platform puts memory.
func (s *Sheet) Machine() {
	s.Warn("memory", "encrypt swap space, and turn core dumps off (ulimit -c 0)", "swap space and core dumps cannot be seen on this platform")
}
