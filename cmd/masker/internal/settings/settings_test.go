package settings

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{"": 0, "7": 7, "7B": 7, "64MB": 64 << 20, "1 gb": 1 << 30, "2kB": 2048} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"0", "-1MB", "lots", "1.5GB", "9999999999GB", "MB"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestExpandNamesWhatIsMissingAndNeverAValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.String().Draw(t, "value")
		c := New("masker.yaml", map[string]string{"SET": value})
		if got, err := c.Expand("url", "a${SET}b"); err != nil || got != "a"+value+"b" {
			t.Fatalf("%q, %v", got, err)
		}
	})
	const secret = "4111-1111-1111-1111"
	c := New("masker.yaml", map[string]string{"SET": secret})
	_, err := c.Expand("url", "${SET} ${MISSING} ${ALSO}")
	if err == nil || !strings.Contains(err.Error(), "MISSING and ALSO") || strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}
