package verify

import (
	"fmt"
	"strings"
	"testing"
)

// V7: a log has no subject, and repeats each mail address in many rows. Such addresses in a kept note are found. The test
// plants four of them: in a log of so few rows, one value in 80 looks as frequent as the address of a service by chance.
// For a class whose values may belong to many people, each row counts as a person.
func TestV7ValuesOfALogAreLookedFor(t *testing.T) {
	const people = 500
	for class, want := range map[string]string{"email": "found note from sender, as it is", "url": "", "": ""} {
		w := &world{rows: 6 * people, columns: []column{
			treated("sender", class, func(row int) string { return mail(row % people) }, fakeMail),
			kept("note", func(row int) string {
				if row >= 77 && row < 81 {
					return "see " + strings.ToUpper(mail(row))
				}
				return note(row)
			}, nil),
		}}
		if got := strings.Join(told(w.report(t).Hits), "|"); got != want {
			t.Errorf("%q: %q, want %q", class, got, want)
		}
	}
}

// V7: an address that no person has, and that is in very many rows of a log, is no leak if it is in a kept note.
func TestV7TheAddressOfAServiceIsNoLeak(t *testing.T) {
	const service = "noreply@mail.org"
	w := &world{rows: 20_000, columns: []column{
		treated("sender", "email", func(row int) string {
			if row%2 == 0 {
				return service
			}
			return mail(row % 1000)
		}, fakeMail),
		kept("note", func(row int) string { return fmt.Sprintf("Mail %d comes from %s.", row, service) }, nil),
	}}
	if got := told(w.report(t).Hits); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// V1: a frequent number and its result begin alike by chance, in each of its rows. This is no alarm. If many different
// numbers begin like their results, it is one.
func TestV1RepeatedValuesThatBeginAlikeByChance(t *testing.T) {
	number := func(n int, stream uint64) string { return fmt.Sprintf("+33 6%08d", draw(n, stream)%100_000_000) }
	for name, c := range map[string]struct {
		of    func(row int) int // the number of a row
		alike int               // how many numbers begin like their results
		want  string
	}{
		"a few numbers":     {func(row int) int { return row % 500 }, 20, ""},
		"many numbers":      {func(row int) int { return row % 500 }, 100, "shared phone"},
		"a frequent number": {func(row int) int { return max(row%1000-600, 0) }, 1, ""},
	} {
		w := &world{rows: 20_000, columns: []column{
			treated("phone", "phone", func(row int) string { return number(c.of(row), 71) }, func(row int) string {
				if n := c.of(row); n < c.alike {
					return number(n, 71)[:10] + number(n, 72)[10:]
				}
				return number(c.of(row), 72)
			}),
		}}
		if got := strings.Join(told(w.report(t).Hits), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// V9: a value that is found in hex has two forms in hex. The report has the number of values, and not of forms.
func TestV9EncodedValuesAreCountedOnce(t *testing.T) {
	w := customers(1000)
	w.columns[3].after = func(row int) string {
		if row < 20 {
			return fmt.Sprintf("%x", mail(row))
		}
		return note(row)
	}
	w.columns[3].before = w.columns[3].after
	r := w.report(t)
	if len(r.Hits) != 1 || r.Hits[0].Form != Hex || r.Hits[0].Values != 20 || r.Hits[0].Of != 1000 {
		t.Errorf("%+v", r.Hits)
	}
}
