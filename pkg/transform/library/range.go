package library

import (
	"bytes"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/structured"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// prepareRange treats each bound of a range as a value. Empty ranges, missing bounds and brackets stay.
func prepareRange(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	if c.Type.Elem == nil {
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "the type of the range's bounds is not known; use keep or null"}
	}
	b, err := prepare(structured.Part(c, *c.Type.Elem), u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	b.Traits.Unique = false // [1,3) and [1,2] are equal, and bounds in the wrong order are swapped
	order := orderOf(c.Type.Elem.Family)
	return treatment.Blueprint{Traits: b.Traits, Build: func(k transform.Keys) transform.Transform { return &bounded{to: b.Build(k), order: order} }}, nil
}

// prepareMultirange treats each range of a multirange.
func prepareMultirange(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	if c.Type.Elem == nil {
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "the type of the multirange's ranges is not known; use keep or null"}
	}
	b, err := prepareRange(structured.Part(c, *c.Type.Elem), u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	build := b.Build
	return treatment.Blueprint{Traits: b.Traits, Build: func(k transform.Keys) transform.Transform {
		r, ok := build(k).(*bounded)
		if !ok {
			panic("transform: ranges are built as ranges")
		}
		return &multirange{ranges: r}
	}}, nil
}

// order compares two bounds. ok is false if they cannot be compared.
type order func(a, b []byte) (c int, ok bool)

func orderOf(f catalog.Family) order {
	switch f {
	case catalog.Integer, catalog.Numeric:
		return compareNumbers
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		return compareMoments
	}
	return nil // for other types, PostgreSQL refuses bounds in the wrong order
}

// compareNumbers compares decimals without an exponent.
func compareNumbers(a, b []byte) (int, bool) {
	x, xFraction, xMinus, ok1 := decimalParts(a)
	y, yFraction, yMinus, ok2 := decimalParts(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	if xMinus != yMinus {
		if len(x)+len(y)+len(xFraction)+len(yFraction) == 0 {
			return 0, true // 0 and -0
		}
		return signOf(xMinus), true
	}
	c := sign(int64(len(x)), int64(len(y)))
	if c == 0 {
		c = bytes.Compare(x, y)
	}
	if c == 0 {
		c = bytes.Compare(xFraction, yFraction)
	}
	if xMinus {
		c = -c
	}
	return c, true
}

func signOf(minus bool) int {
	if minus {
		return -1
	}
	return 1
}

// decimalParts returns a number's digits before and after the point, without leading and trailing zeros.
func decimalParts(b []byte) (whole, fraction []byte, minus, ok bool) {
	b, minus = bytes.CutPrefix(b, []byte("-"))
	whole, fraction, point := bytes.Cut(b, []byte("."))
	_, rest, ok := decimal.Digits(whole, 1, len(whole))
	if ok = ok && len(rest) == 0; ok && point {
		_, rest, ok = decimal.Digits(fraction, 1, len(fraction))
		ok = ok && len(rest) == 0
	}
	return bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0"), minus, ok
}

func compareMoments(a, b []byte) (int, bool) {
	x, ok1 := moment.Parse(a)
	y, ok2 := moment.Parse(b)
	if !ok1 || !ok2 {
		return 0, false
	}
	if c := sign(x.Day, y.Day); c != 0 {
		return c, true
	}
	// Both times of day have the same zone, and the end of the seconds sorts before a decimal point. So they compare as
	// text.
	switch p, q := string(x.Rest), string(y.Rest); {
	case p < q:
		return -1, true
	case p > q:
		return 1, true
	}
	return 0, true
}

func sign(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// bounded treats the text that range_out writes: [1,5), ("2020-01-01 00:00:00",), empty.
type bounded struct {
	to               transform.Transform
	order            order
	in, lower, upper []byte // scratch memory
}

const rangeDelimiters = "[](),"

func (t *bounded) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	dst, rest, err := t.one(dst, in.Text, row)
	if err == nil && len(rest) > 0 {
		err = errRange()
	}
	return dst, false, err
}

// one treats the range at the start of b, and returns the bytes after the range.
func (t *bounded) one(dst, b []byte, row transform.Row) (out, rest []byte, err error) {
	if string(b) == "empty" {
		return append(dst, b...), nil, nil
	}
	if len(b) == 0 || b[0] != '[' && b[0] != '(' {
		return dst, b, errRange()
	}
	open := b[0]
	var hasLower, hasUpper bool
	if t.lower, b, hasLower, err = t.bound(t.lower[:0], b[1:], row); err != nil {
		return dst, b, err
	}
	if b[0] != ',' {
		return dst, b, errRange()
	}
	if t.upper, b, hasUpper, err = t.bound(t.upper[:0], b[1:], row); err != nil {
		return dst, b, err
	}
	if b[0] != ']' && b[0] != ')' {
		return dst, b, errRange()
	}
	if hasLower && hasUpper && t.order != nil {
		if c, ok := t.order(t.lower, t.upper); ok && c > 0 {
			t.lower, t.upper = t.upper, t.lower
		}
	}
	dst = append(dst, open)
	if hasLower {
		dst = document.AppendQuoted(dst, t.lower, rangeDelimiters)
	}
	dst = append(dst, ',')
	if hasUpper {
		dst = document.AppendQuoted(dst, t.upper, rangeDelimiters)
	}
	return append(dst, b[0]), b[1:], nil
}

// bound reads one bound, treats it and appends the result to dst. The result present is false if the bound is missing
// or becomes NULL.
func (t *bounded) bound(dst, b []byte, row transform.Row) (out, rest []byte, present bool, err error) {
	var quoted, ok bool
	if t.in, rest, quoted, ok = document.AppendUnquoted(t.in[:0], b, rangeDelimiters); !ok {
		return dst, rest, false, errRange()
	}
	if !quoted && len(t.in) == 0 {
		return dst, rest, false, nil
	}
	dst, null, err := t.to.Append(dst, transform.Cell{Text: t.in}, row)
	return dst, rest, !null, err
}

// multirange treats the text that multirange_out writes: {[1,3),[5,)}.
type multirange struct{ ranges *bounded }

func (t *multirange) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	b := in.Text
	if string(b) == "{}" {
		return append(dst, b...), false, nil
	}
	if len(b) == 0 || b[0] != '{' {
		return dst, false, errRange()
	}
	for {
		dst = append(dst, b[0])
		var err error
		if dst, b, err = t.ranges.one(dst, b[1:], row); err != nil {
			return dst, false, err
		}
		switch {
		case string(b) == "}":
			return append(dst, '}'), false, nil
		case len(b) == 0 || b[0] != ',':
			return dst, false, errRange()
		}
	}
}

func errRange() error {
	return &transform.Error{Code: "bad-range", Text: "the value is not a valid range"}
}
