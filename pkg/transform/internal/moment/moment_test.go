package moment

import "testing"

func TestDatesReadAndWriteAsPostgreSQLDoes(t *testing.T) {
	for _, s := range []string{"2024-02-29", "0001-01-01", "0001-12-31 BC", "4714-11-24 BC", "12345-06-07", "5874897-12-31", "2024-02-29 23:59:59.999999+00", "0044-03-15 00:00:00+00 BC", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00+05:30"} {
		m, ok := Parse([]byte(s))
		if !ok || string(m.Append(nil)) != s {
			t.Errorf("%s became %s (%v)", s, m.Append(nil), ok)
		}
	}
	for _, s := range []string{"", "2024", "2024-13-01", "2023-02-29", "2024-00-10", "2024-01-00", "0000-01-01", "2024-1-1", "24-01-01", "2024-01-01 secret", "2024-01-01 10:00 secret", "2024-01-01x", "2024-01-01 10:00:00+0", "12345678-01-01"} {
		if _, ok := Parse([]byte(s)); ok {
			t.Errorf("%q is accepted as a date", s)
		}
	}
	if last := DaysFrom(2024, 12, 31) - DaysFrom(2024, 1, 1); last != 365 || DaysFrom(1970, 1, 1) != 0 || DaysFrom(2000, 3, 1) != 11017 {
		t.Error("DateOf does not invert DaysFrom")
	}
}
