package normal

import "unicode/utf8"

// Likeness says what the normal form of a value has in common with another form.
type Likeness struct {
	Empty             bool // the value has no letter and no digit
	Equal             bool
	Leading, Trailing int // characters that are equal at the beginning and at the end
}

// Beside compares the normal form of a value with another form. It reads only as much of the value as it needs, and
// makes no normal form. ok is false if Beside meets a character that is not ASCII. The caller then has to compare the
// two forms.
func (f *Folding) Beside(form, value []byte) (l Likeness, ok bool) {
	l.Empty = true
	rest := 0 // position of the first character of the value that differs from the form
	for ; rest < len(value); rest++ {
		if value[rest] >= utf8.RuneSelf {
			return l, false
		}
		e := f.ascii[value[rest]]
		if e>>counted&1 == 0 {
			continue
		}
		l.Empty = false
		if l.Leading == len(form) || form[l.Leading] != byte(e) {
			break
		}
		l.Leading++
	}
	if l.Equal = rest == len(value) && l.Leading == len(form); l.Equal {
		l.Trailing = l.Leading
		return l, true
	}
	for i := len(value) - 1; i >= 0 && l.Trailing < len(form); i-- {
		if value[i] >= utf8.RuneSelf {
			return l, false
		}
		e := f.ascii[value[i]]
		if e>>counted&1 == 0 {
			continue
		}
		if form[len(form)-1-l.Trailing] != byte(e) {
			break
		}
		l.Trailing++
	}
	return l, true
}
