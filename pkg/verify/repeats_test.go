package verify

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestRepeatedValuesAreFoundAsOften shows that the report is the same if values are remembered. It tries values that
// are found, the same value in another place, and a cell that is also a text.
func TestRepeatedValuesAreFoundAsOften(t *testing.T) {
	set := thousand(t)
	rapid.Check(t, func(t *rapid.T) {
		remembering, forgetting := set.Prober(), set.Prober()
		for range rapid.IntRange(1, 60).Draw(t, "rows") {
			n := rapid.IntRange(0, 2).Draw(t, "value")
			value := []byte([]string{mail(n), phone(n), fmt.Sprintf("note %d to %s", n, mail(n)), "no leak", "", "4915117111" + fmt.Sprint(n)}[rapid.IntRange(0, 5).Draw(t, "form")])
			at := place([]string{"a", "b"}[rapid.IntRange(0, 1).Draw(t, "place")])
			text := rapid.Bool().Draw(t, "text")
			clear(forgetting.repeats.sets[:])
			for _, p := range []*Prober{remembering, forgetting} {
				if text {
					p.Target(at).Text(value)
				} else {
					p.Target(at).Cell(value)
				}
				p.Row(nil)
			}
		}
		for at, a := range remembering.targets {
			if x, y := figures(a.found), figures(forgetting.targets[at].found); x != y {
				t.Fatalf("%v: %s with repeats remembered, %s without", at, x, y)
			}
		}
	})
}

// TestPlacesWithoutRepeatsRest shows that names are remembered beside columns in which no value comes again.
func TestPlacesWithoutRepeatsRest(t *testing.T) {
	p := thousand(t).Prober()
	again := 0
	for row := range 3 * triesOfPlace {
		for column := range 8 {
			p.Target(place(fmt.Sprint("number", column))).Text(fmt.Appendf(nil, "number %d of %d", row, column))
		}
		name := p.Target(place("name"))
		before := name.habit.Repeats
		name.Text(fmt.Appendf(nil, "Name %d", row%2000))
		if row > 2*triesOfPlace && name.habit.Repeats > before {
			again++
		}
		p.Row(nil)
	}
	if again < triesOfPlace*9/10 {
		t.Errorf("%d of %d names were remembered", again, triesOfPlace)
	}
	if n := p.Target(place("number3")).habit; n.Resting == 0 {
		t.Errorf("a place without repeats does not rest: %+v", n)
	}
}

// figures returns all figures that a report can have.
func figures(f *found) string {
	hits := map[uint32]string{}
	for l, h := range f.hits {
		n, _ := h.values.count()
		hits[l] = fmt.Sprint(n, h.rows)
	}
	digits := map[int]int64{}
	for d, n := range f.digits {
		digits[d], _ = n.count()
	}
	tails, _ := f.tails.count()
	all, _ := f.all.count()
	return fmt.Sprint(f.cells, f.not, hits, digits, tails, all)
}

// TestNumbersOfOneSetAreRemembered shows that four values with one set do not push each other out, and that a fifth
// takes the place of one of them.
func TestNumbersOfOneSetAreRemembered(t *testing.T) {
	r := newRepeats()
	number := func(i int) uint64 { return 7 + uint64(i*len(r.sets)) }
	for i := range 8 {
		r.add(number(i % 4)) // a value that is there needs no other slot
	}
	r.add(number(4))
	there := 0
	for i := range 5 {
		if r.has(number(i)) {
			there++
		}
	}
	if there != 4 || !r.has(number(4)) {
		t.Errorf("%d of 5 values are remembered, the last one: %v", there, r.has(number(4)))
	}
}
