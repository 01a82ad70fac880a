package fake

import "testing"

// A group of zeros would be written as :: by PostgreSQL.
func TestGroupsOfIPv6AreNeverZero(t *testing.T) {
	for x, want := range map[uint64]string{0: ":1:1:1", 1<<64 - 1: ":ffff:ffff:ffff", 1 << 48: ":1:1:1"} {
		if got := string(appendGroups(nil, x)); got != want {
			t.Errorf("%x became %s", x, got)
		}
	}
}
