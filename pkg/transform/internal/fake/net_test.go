package fake

import "testing"

// No group of an invented IPv6 address is zero, because PostgreSQL would print zero groups as ::.
func TestGroupsOfIPv6AreNeverZero(t *testing.T) {
	for x, want := range map[uint64]string{0: ":1:1:1", 1<<64 - 1: ":ffff:ffff:ffff", 1 << 48: ":1:1:1"} {
		if got := string(appendGroups(nil, x)); got != want {
			t.Errorf("%x became %s", x, got)
		}
	}
}
