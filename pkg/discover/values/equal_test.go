package values

import (
	"fmt"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A column has the values of another column if at least half of its values are values of the other
// column. If nearly all of its values are, the evidence is strong.
func TestEqualValues(t *testing.T) {
	l := New(lists(), 2026)
	numbered := func(family catalog.Family, from, to int) *Column {
		c := l.Of(catalog.Type{Family: family})
		for i := from; i < to; i++ {
			c.Add(fmt.Appendf(nil, "account %d", i))
		}
		return c
	}
	accounts := numbered(catalog.Text, 0, 1000).Sketch()
	index := NewIndex()
	index.Add(Sketch{})
	index.Add(accounts)
	for _, c := range []struct {
		column     *Column
		same, weak bool
	}{
		{numbered(catalog.Text, 0, 1000), true, false},
		{numbered(catalog.Text, 500, 1000), true, false},
		{numbered(catalog.Text, 0, 200), true, false},
		{numbered(catalog.Text, 300, 1200), true, true},
		{numbered(catalog.Text, 800, 1800), false, true},
		{numbered(catalog.Text, 0, 19), false, true},
		{numbered(catalog.Integer, 0, 1000), false, true},
		{numbered(catalog.Text, 0, 0), false, true},
	} {
		e, same := Equal(c.column.Sketch(), accounts, "user_name", "public.people.login")
		if same != c.same || same && e.Weak != c.weak {
			t.Errorf("%v: the same values: %t, want %t; weak: %t, want %t", e, same, c.same, e.Weak, c.weak)
		}
		if near := index.Near(c.column.Sketch()); same && !slices.Equal(near, []int{1}) {
			t.Errorf("%v: the index finds %v, want the second sketch", e, near)
		}
	}
	short := l.Column(catalog.Text)
	for c := 'A'; c <= 'Z'; c++ {
		short.Add([]byte(string(c)))
	}
	if _, same := Equal(short.Sketch(), short.Sketch(), "middle_name", "x"); same {
		t.Error("single letters are compared")
	}
	if _, same := Equal(accounts, Sketch{}, "user_name", "x"); same {
		t.Error("a column has the values of an empty one")
	}
}
