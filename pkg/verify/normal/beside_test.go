package normal

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// compared returns the same result as Beside. It is slow, because it compares two complete forms.
func compared(form, own []byte) Likeness {
	l := Likeness{Empty: len(own) == 0, Equal: bytes.Equal(form, own)}
	n := 0
	for n < len(form) && n < len(own) && form[n] == own[n] {
		n++
	}
	l.Leading = utf8.RuneCount(form[:n])
	for l.Trailing < len(form) && l.Trailing < len(own) && form[len(form)-1-l.Trailing] == own[len(own)-1-l.Trailing] {
		l.Trailing++
	}
	return l
}

func TestBesideComparesNormalForms(t *testing.T) {
	f := NewFolding()
	some := rapid.StringMatching(`[aB1. ü-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		value, other := []byte(some.Draw(t, "value")), []byte(some.Draw(t, "other"))
		form, _ := f.Append(nil, other)
		own, _ := f.Append(nil, value)
		got, ok := f.Beside(form, value)
		if ascii := bytes.IndexFunc(value, func(r rune) bool { return r >= utf8.RuneSelf }) < 0; ascii && !ok {
			t.Fatal("not compared")
		}
		want := compared(form, own)
		if ok && bytes.IndexFunc(form, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 && got != want {
			t.Fatalf("%q beside %q: %+v, want %+v", value, form, got, want)
		}
	})
}
