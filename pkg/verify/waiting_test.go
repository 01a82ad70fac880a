package verify

import (
	"strconv"
	"testing"
)

// Fingerprints wait until there are many of them. The rows that have a hit, and the keys of these rows, are still
// right.
func TestRowsOfHitsThatWaited(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	w := c.Collector(people)
	l := w.Leaf(Source{Place: place("email"), Class: "email", Type: text()})
	w.Begin(0)
	for row := range 100 {
		l.See([]byte(mail(row)), nil)
		w.Row(nil)
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cells []string // which value each cell of a row with a hit has; other cells have values that are not in the set
		every int      // one row in so many has a hit
	}{
		"few":                     {[]string{"", "hit", ""}, 97},
		"many":                    {[]string{"hit", "", "hit"}, 2},
		"all":                     {[]string{"hit"}, 1},
		"within a text":           {[]string{"text", "hit"}, 5},
		"in the first row":        {[]string{"hit", ""}, 10_000},
		"in a text with entities": {[]string{"escaped", ""}, 3},
	} {
		p := set.Prober()
		note := p.Target(place("note"))
		rows := 0
		for row := range 1000 {
			has := row%c.every == 0
			if has {
				rows++
			}
			for i, cell := range c.cells {
				value := mail(1000 + row*10 + i)
				switch {
				case !has:
				case cell == "hit":
					value = mail(row % 100)
				case cell == "text":
					value = "Write to " + mail(row%100) + " or " + value
				case cell == "escaped":
					value = "<b>" + mail(row % 100)[:5] + "&#" + strconv.Itoa(int(mail(row % 100)[5])) + ";" + mail(row % 100)[6:]
				}
				note.Text([]byte(value))
			}
			if has && !p.MayFind() {
				t.Fatalf("%s: no key is needed of a row with a hit", name)
			}
			if row%9 == 0 && p.Found() != has {
				t.Fatalf("%s: found in row %d: %v", name, row, p.Found())
			}
			p.Row([]byte(strconv.Itoa(row)))
		}
		p.settle()
		if h := note.found.hits[0]; h == nil || h.rows != int64(rows) || h.key != "0" {
			t.Errorf("%s: %+v, want %d rows", name, h, rows)
		}
	}
}
