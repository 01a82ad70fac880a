package mask

import (
	"net/netip"
	"testing"
)

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"10.1.2.3", "::", "::1", "1::", "2001:db8::1:2", "1:2:3:4:5:6:7:8", "::ffff:10.1.2.3", "1:2:3:4:5:6:7::", "1::2::3", "::1.2.3", "01.2.3.4", "1:2:3:4:5:6:7:8:9", ":1", "1:", "fe80::1%eth0", "1.2.3.4:5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		got, ok := parseAddr([]byte(s))
		if good := err == nil && want.Zone() == ""; good != ok || ok && got != want {
			t.Fatalf("%q is parsed as %s (%v), but netip parses it as %s (%v)", s, got, ok, want, err)
		}
	})
}
