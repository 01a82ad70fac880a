package probe

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// prose is a text of 1 KB.
var prose = strings.Repeat("The customer called about order 4711 and wants it by Friday; see also the note of last week. ", 12)[:1024]

// shape is a table with one column, and a value of it in COPY binary.
type shape struct {
	column catalog.Type
	value  string
}

func shapes() map[string]shape {
	array := "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x19\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x03one\x00\x00\x00\x03two"
	return map[string]shape{
		"short number":  {catalog.Type{Family: catalog.Integer, Binary: true}, "\x00\x00\x00\x07"},
		"number":        {catalog.Type{Family: catalog.Integer, Binary: true}, "\x00\x00\x00\x02\x54\x0b\xe4\x00"},
		"decimal":       {catalog.Type{Family: catalog.Numeric, Binary: true}, "\x00\x03\x00\x02\x00\x00\x00\x00\x00\x0c\x11\xd7\x16\x2e"},
		"uuid":          {catalog.Type{Family: catalog.UUID, Binary: true}, "0123456789abcdef"},
		"inet":          {catalog.Type{Family: catalog.Inet, Binary: true}, "\x02\x20\x00\x04\x0a\x01\x02\x03"},
		"address":       {catalog.Type{Family: catalog.Text, Binary: true}, "nora.mueller77120381@somewhere.org"},
		"1 KB of text":  {catalog.Type{Family: catalog.Text, Binary: true}, prose},
		"1 KB of json":  {catalog.Type{Family: catalog.JSON, Base: "jsonb", Binary: true}, "\x01" + document1KB()},
		"1 KB of bytes": {catalog.Type{Family: catalog.Bytes, Binary: true}, prose},
		"array":         {catalog.Type{Family: catalog.Array, Binary: true, Elem: &catalog.Type{Family: catalog.Text, Binary: true}}, array},
		"date":          {catalog.Type{Family: catalog.Date, Binary: true}, "\x00\x00\x00\x01"},
	}
}

// document1KB returns an order as a JSON document of about 1 KB.
func document1KB() string {
	var b strings.Builder
	b.WriteString(`{"id": 4711, "state": "paid", "customer": {"name": "Nora", "mail": "nora@somewhere.org"}, "items": [`)
	for i := range 10 {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"sku": "AB-%d", "title": "Garden chair \"Oslo\", oak", "price": 129.90, "gift": false}`, 1000+i)
	}
	b.WriteString(`]}`)
	return b.String()
}

// collected returns a Lookup with the mail addresses, phones and names of n people.
func collected(tb testing.TB, n int) Lookup {
	tb.Helper()
	c := verify.New(verify.Options{Level: verify.Strict})
	table := catalog.Name{Schema: "public", Name: "customers"}
	w := c.Collector(table)
	leaf := func(column, class string) *verify.Leaf {
		return w.Leaf(verify.Source{Place: verify.Place{Table: table, Column: column}, Class: class, Treatment: "x", Label: "synthetic", Type: catalog.Type{Family: catalog.Text, Base: "text"}})
	}
	mail, phone, name := leaf("mail", "email"), leaf("phone", "phone"), leaf("name", "full_name")
	w.Begin(0)
	for i := range n {
		mail.See(fmt.Appendf(nil, "anna.schmidt%d@corp.de", i), fmt.Appendf(nil, "u%d@example.com", i))
		phone.See(fmt.Appendf(nil, "+49 171 %07d", i), fmt.Appendf(nil, "+49 30 %07d", i*7))
		name.See(fmt.Appendf(nil, "Anna%d Schmidt%d", i, i%1000), fmt.Appendf(nil, "Otto %d", i))
		w.Row(nil)
	}
	w.Done()
	s, err := c.Seal()
	if err != nil {
		tb.Fatal(err)
	}
	return In(s)
}

// looking returns two things: a looker for the rows of a table with one column, and a row of this table.
func (s shape) looking(set Lookup, kept bool) (*looker, []byte) {
	r := &Relation{Name: catalog.Name{Schema: "public", Name: "t"}, Binary: true, Columns: []catalog.Column{{Name: "c", Type: s.column}}}
	t := Table{Binary: true, Columns: []Column{{Name: "c", Kept: kept, Compared: true}}}
	g := plan(r, t, true, Options{Values: true, Sums: true})
	row := append(binary.BigEndian.AppendUint32([]byte{0, 1}, uint32(len(s.value))), s.value...)
	return g.looker(Want{Relation: r, Columns: g.columns, Binary: true}, set.Prober(), newDetectors(maphash.MakeSeed())), row
}

func TestLookingAtARowAllocatesNothing(t *testing.T) {
	set := collected(t, 1000)
	for name, s := range shapes() {
		l, row := s.looking(set, true)
		see := func() {
			if err := l.Row(row, false); err != nil {
				t.Fatal(err)
			}
		}
		for range 3000 { // after so many rows, buffers have their final size, and the detectors have their sample
			see()
		}
		if n := testing.AllocsPerRun(1000, see); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	set := collected(b, 300_000)
	for name, s := range shapes() {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			l, row := s.looking(set, true)
			b.SetBytes(int64(len(row)))
			b.ReportAllocs()
			for range 50_000 { // so many values fill the sample of the detectors
				if err := l.Row(row, false); err != nil {
					b.Fatal(err)
				}
			}
			turn := digitsIn(row)
			before := cpu(b)
			for n := uint64(1); b.Loop(); n++ {
				turn(n)
				if err := l.Row(row, false); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// digitsIn returns a function that replaces the first digits of a row by others. The benchmark needs different rows,
// because a second lookup of the same value is faster.
func digitsIn(row []byte) func(n uint64) {
	const most = 8
	var places []int
	for i, c := range row {
		if '0' <= c && c <= '9' && len(places) < most {
			places = append(places, i)
		}
	}
	return func(n uint64) {
		for _, i := range places {
			row[i] = byte('1' + n%9)
			n /= 9
		}
	}
}

// cpu returns the processor time of this process in nanoseconds. Unlike the clock, it does not depend on what else
// runs.
func cpu(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
