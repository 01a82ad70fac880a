package treatment

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

const (
	maxLength   = "max_length"
	longestText = 1 << 28 // in characters. A text of PostgreSQL has at most a gigabyte, and a character at most four bytes
)

// MaxLengthParam returns the parameter max_length. With it, treatments of texts limit the length of their results
// further than the column does.
func MaxLengthParam() transform.Param {
	return transform.Param{Name: maxLength, Type: "integer", Tells: transform.Larger, Doc: "for texts: largest number of characters of a result; by default as many as the column and the CHECK constraints on its length allow"}
}

// Narrow returns the column with the length that the parameter max_length allows.
func Narrow(c transform.Column, a *Args) transform.Column {
	switch {
	case !a.Given(maxLength):
	case c.Type.Family != catalog.Text:
		a.Unused(maxLength, c)
	default:
		n := int(a.Integer(maxLength, 1, longestText))
		if n < c.Type.MinLen {
			a.Fail(maxLength, "is less than the %d characters that a CHECK constraint of the column demands", c.Type.MinLen)
		}
		if c.Type.MaxLen == 0 || n < c.Type.MaxLen {
			c.Type.MaxLen = n
		}
	}
	return c
}

// Fit fits the results of a treatment to the length of a column of texts. The treatments themselves obey the length of
// the column's type. Fit enforces the limits of max_length and CHECK constraints. If the type is Inward, Fit also cuts
// a result that is longer than its value.
func Fit(spec *transform.Spec, c transform.Column, a *Args, b Blueprint) Blueprint {
	t := c.Type
	if t.Family != catalog.Text || t.MinLen == 0 && t.MaxBytes == 0 && !t.Inward && !a.Given(maxLength) {
		return b
	}
	build := b.Build
	b.Build = func(k transform.Keys) transform.Transform {
		return &fitted{to: build(k), least: t.MinLen, most: t.MaxLen, bytes: t.MaxBytes, inward: t.Inward, whole: b.Traits.Unique || spec.Parts != ""}
	}
	return b
}

// fitted cuts results that are too long, and repeats the characters of results that are too short.
type fitted struct {
	to     transform.Transform
	least  int  // smallest number of characters
	most   int  // largest number of characters; 0 means no limit
	bytes  int  // largest number of bytes; 0 means no limit
	inward bool // a result is not longer than its value
	whole  bool // results are unique or documents and must stay whole, so a result that does not fit is an error
}

func (t *fitted) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	start := len(dst)
	dst, null, err := t.to.Append(dst, in, row)
	if null || err != nil {
		return dst, null, err
	}
	text := dst[start:]
	keep := len(text)
	if t.inward && keep > 0 {
		if n := utf8.RuneCount(in.Text); utf8.RuneCount(text) > n {
			keep = canon.Skip(text, n)
		}
	}
	if t.most > 0 && keep > t.most && utf8.RuneCount(text[:keep]) > t.most {
		keep = canon.Skip(text, t.most)
	}
	if t.bytes > 0 && keep > t.bytes {
		for keep = t.bytes; !utf8.RuneStart(text[keep]); keep-- { // the first byte of a result begins a character
		}
	}
	missing := 0
	if len(text) < utf8.UTFMax*t.least {
		missing = t.least - utf8.RuneCount(text[:keep])
	}
	switch {
	case keep == len(text) && missing <= 0:
		return dst, false, nil
	case t.whole:
		return dst[:start], false, errLength()
	}
	dst = append(dst[:start], bytes.TrimRight(text[:keep], " ")...)
	return t.lengthen(dst, start), false, nil
}

// lengthen repeats the characters of the result that begins at start until it is long enough.
func (t *fitted) lengthen(dst []byte, start int) []byte {
	n := utf8.RuneCount(dst[start:])
	for t.bytes > 0 && len(dst)-start+t.least-n > t.bytes { // remove long characters until the missing characters fit
		_, size := utf8.DecodeLastRune(dst[start:])
		dst, n = dst[:len(dst)-size], n-1
	}
	if n < t.least && n == 0 {
		dst, n = append(dst, 'x'), 1
	}
	for at := start; n < t.least; n++ {
		_, size := utf8.DecodeRune(dst[at:])
		if t.bytes > 0 && len(dst)-start+size+t.least-n-1 > t.bytes {
			dst = append(dst, 'x') // one byte, so that the rest fits too
			continue
		}
		dst = append(dst, dst[at:at+size]...)
		at += size
	}
	return dst
}

func errLength() error {
	return &transform.Error{Code: "result-length", Text: "the result is longer or shorter than max_length or a CHECK constraint of the column allows, and must stay whole; use another treatment"}
}
