package verify

import (
	"fmt"
	"strings"
	"testing"
)

// watched makes leaves for a mail address, a phone number and names. It returns a function that collects a row.
func watched(tb testing.TB, c *Collection) (see func(row int)) {
	tb.Helper()
	w := c.Collector(people)
	leaves := []*Leaf{}
	for _, class := range []string{"email", "phone", "given_name", "family_name", "full_name"} {
		leaves = append(leaves, w.Leaf(Source{Place: place(class), Class: class, Type: text(), Dictionary: []string{"anna", "schmidt"}}))
	}
	var values, results [1000][5][]byte
	for row := range values {
		values[row] = [5][]byte{[]byte(mail(row)), []byte(phone(row)), []byte("Anna"), []byte("Schmidt"), []byte("Anna Schmidt")}
		results[row] = [5][]byte{[]byte(fakeMail(row)), []byte(phone(row * 7)), []byte("Maria"), []byte("Huber"), []byte("Maria Huber")}
	}
	w.Begin(0)
	return func(row int) {
		for i, l := range leaves {
			l.See(values[row%1000][i], results[row%1000][i])
		}
		w.Kept([]byte("kept"))
		w.Row(nil)
	}
}

func TestCollectingCostsNoAllocation(t *testing.T) {
	c := New(Options{Level: Strict, Memory: 32 << 20})
	see, row := watched(t, c), 0
	for range 1000 {
		see(row)
		row++
	}
	if n := testing.AllocsPerRun(5000, func() {
		see(row)
		row++
	}); n != 0 {
		t.Errorf("%v allocations for each row", n)
	}
}

// thousand returns the set of a thousand watched rows.
func thousand(t *testing.T) *Set {
	t.Helper()
	c := New(Options{Level: Strict, Memory: 32 << 20})
	see := watched(t, c)
	for row := range 1000 {
		see(row)
	}
	set, err := c.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestProbingCostsNoAllocation(t *testing.T) {
	set := thousand(t)
	p := set.Prober()
	target := p.Target(place("note"))
	texts := [][]byte{[]byte(note(1)), []byte("Call +49 171 0000001 or write to x@y.zz, invoice 2024-02-29."), []byte(strings.Repeat("Zoë asked & <b>got</b> no answer. ", 30))}
	probe := func() {
		clear(p.repeats.sets[:]) // otherwise the second turn looks up nothing
		for _, text := range texts {
			target.Text(text)
			target.Has(text)
			target.Bytes(text, true)
			target.Cell(text[:9])
		}
		p.Row(nil)
	}
	probe()
	if n := testing.AllocsPerRun(500, probe); n != 0 {
		t.Errorf("%v allocations for each row", n)
	}
}

func BenchmarkCollect(b *testing.B) {
	for _, class := range []string{"email", "phone", "family_name"} {
		b.Run(class, func(b *testing.B) {
			c := New(Options{Level: Strict})
			w := c.Collector(people)
			l := w.Leaf(Source{Place: place(class), Class: class, Type: text()})
			w.Begin(0)
			values := make([][]byte, 1<<16)
			for i := range values {
				values[i] = fmt.Appendf(nil, map[string]string{"email": "person.a%06d@mail.org", "phone": "+49 170 %07d", "family_name": "Schmidt%.0d"}[class], i)
			}
			result, row := []byte("user12345678@example.com"), 0
			for b.Loop() {
				v := values[row%len(values)]
				for j := len(v) - 1; row >= len(values) && j > len(v)-4; j-- { // other values in each turn
					v[j] = byte('0' + (row>>16+j)%10)
				}
				l.See(v, result)
				w.Row(nil)
				row++
			}
		})
	}
}

func BenchmarkProbe(b *testing.B) {
	c := New(Options{Level: Strict})
	w := c.Collector(people)
	address, number := w.Leaf(Source{Place: place("email"), Class: "email", Type: text()}), w.Leaf(Source{Place: place("phone"), Class: "phone", Type: text()})
	w.Begin(0)
	for row := range 1_000_000 {
		address.See([]byte(mail(row)), nil)
		number.See([]byte(phone(row)), nil)
		w.Row(nil)
	}
	w.Done()
	set, err := c.Seal()
	if err != nil {
		b.Fatal(err)
	}
	note := []byte(strings.Repeat("The customer called about invoice 4711 of 2024-02-29, and asked for a copy. ", 14)[:1024])
	p := set.Prober()
	t := p.Target(place("x"))
	for name, value := range map[string]string{"address": "someone.else@example.com", "phone": "+49 171 7654321", "word": "Schmidt", "number": "4711471147"} {
		b.Run(name, func(b *testing.B) {
			v := []byte(value)
			for b.Loop() {
				t.text(v, true)
				p.Row(nil)
			}
		})
		b.Run("repeated "+name, func(b *testing.B) {
			v := []byte(value)
			for b.Loop() {
				t.Text(v)
				p.Row(nil)
			}
		})
	}
	b.Run("note", func(b *testing.B) {
		b.SetBytes(1024)
		for b.Loop() {
			t.text(note, true)
			p.Row(nil)
		}
	})
}
