//go:build !linux

package doctor

// Machine warns that masker cannot see swap space and core dumps on this platform.
func (s *Sheet) Machine() {
	s.Warn("memory", "encrypt swap space, and turn core dumps off (ulimit -c 0)", "masker cannot see swap space and core dumps on this platform")
}
