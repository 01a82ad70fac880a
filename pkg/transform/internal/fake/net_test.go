package fake

import "testing"

// PostgreSQL would print a group of zeros as ::.
func TestGroupsOfIPv6AreNeverZero(t *testing.T) {
	for x, want := range map[uint64]string{0: ":1:1:1", 1<<64 - 1: ":ffff:ffff:ffff", 1 << 48: ":1:1:1"} {
		if got := string(appendGroups(nil, x)); got != want {
			t.Errorf("%x became %s", x, got)
		}
	}
}
