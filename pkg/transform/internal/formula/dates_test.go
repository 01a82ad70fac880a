package formula

import "testing"

// The texts are in the order in which PostgreSQL sorts the dates. A part of a date, such as a year, comes before the
// dates that begin with it.
func TestDatesCompareByTime(t *testing.T) {
	ordered := []string{
		"-infinity", "4714-11-24 BC", "0044-03-15 BC", "0044-03-16 BC", "0001-12-31 23:59:59 BC", "0001-01-01", "1990", "1990-01-01", "1990-01-01 00:00:00+00",
		"1990-02-01", "9999-12-31", "10000-01-01", "294276-12-31 23:59:59.999999+00", "5874897-12-31", "infinity",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := compareDates([]byte(a), []byte(b)), signOf(i-j); got != want {
				t.Errorf("%s and %s: %d, want %d", a, b, got, want)
			}
		}
	}
}

func signOf(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
