package spell

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"email", "given_name", "pan", "iban"}
	for name, want := range map[string]string{"emial": "email", "e_mail": "email", "givenname": "given_name", "panx": "pan", "IBAN": "iban", "zzz": "", "": "pan"} {
		if got := Nearest(name, names); name != "" && got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
	if got := Mean("emial", names) + Mean("zzz", names); got != " (did you mean email?)" {
		t.Error(got)
	}
}

func TestCountsReadAsPeopleWriteThem(t *testing.T) {
	for n, want := range map[int]string{0: "0 columns", 1: "1 column", 2: "2 columns", 999: "999 columns", 1000: "1,000 columns", 4000000: "4,000,000 columns"} {
		if got := Count(n, "column"); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{-1: "-1", -123: "-123", -1234: "-1,234"} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
