package formula

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Value is the value of a term for one row. The term's kind decides which field holds it. Text and Number belong to
// the term and are valid until the term is evaluated again.
type Value struct {
	Null   bool
	Truth  bool
	Dated  bool // Text is the text of a date or timestamp
	Text   []byte
	Number *Exact
}

// term is a compiled part of a formula.
type term interface {
	eval(e *evaluation) (Value, error)
}

// columns gives a formula the source values and the results of its columns. The index i of a column is its index in the
// formula's Reads.
type columns interface {
	Source(row transform.Row, i int) transform.Cell
	Treated(dst []byte, row transform.Row, i int) (out []byte, null bool, err error)
}

// evaluation holds the row on which a formula is evaluated.
type evaluation struct {
	row     transform.Row
	columns columns
}

type constantTerm struct{ value Value }

func (t constantTerm) eval(*evaluation) (Value, error) { return t.value, nil }

// columnTerm is the source value or the result of a column.
type columnTerm struct {
	at      int
	treated bool
	kind    Kind
	family  catalog.Family
	padded  bool
	number  Exact
	scratch []byte
}

func (t *columnTerm) eval(e *evaluation) (Value, error) {
	cell := e.columns.Source(e.row, t.at)
	if t.treated {
		var err error
		t.scratch, cell.Null, err = e.columns.Treated(t.scratch[:0], e.row, t.at)
		if err != nil {
			return Value{}, err
		}
		cell.Text = t.scratch
	}
	if cell.Null {
		return Value{Null: true}, nil
	}
	switch t.kind {
	case Bool:
		return Value{Truth: string(cell.Text) == "t" || string(cell.Text) == "true"}, nil
	case Number:
		if !t.number.parse(cell.Text) {
			return Value{}, faultFormulaNumber.err()
		}
		return Value{Number: &t.number}, nil
	}
	text := cell.Text
	if t.padded {
		text = bytes.TrimRight(text, " ")
	}
	return Value{Text: text, Dated: dated(t.family)}, nil
}

func dated(f catalog.Family) bool {
	return f == catalog.Date || f == catalog.Timestamp || f == catalog.TimestampTZ
}

type notTerm struct{ arg term }

func (t notTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	v.Truth = !v.Truth && !v.Null
	return v, err
}

// logicTerm is the operator "and" or the operator "or". It handles NULL as SQL does. For example, false and NULL is false.
type logicTerm struct {
	and         bool
	left, right term
}

func (t logicTerm) eval(e *evaluation) (Value, error) {
	l, err := t.left.eval(e)
	if err != nil || !l.Null && l.Truth != t.and {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || !r.Null && r.Truth != t.and {
		return r, err
	}
	return Value{Truth: t.and && !l.Null && !r.Null, Null: l.Null || r.Null}, nil
}

// compareTerm compares two values. With NULL, == and != give true or false, and the other operators give NULL.
type compareTerm struct {
	kind        Kind
	op          string
	equal       bool // == or !=
	left, right term
	a, b        Exact
}

func (t *compareTerm) eval(e *evaluation) (Value, error) {
	l, err := t.left.eval(e)
	if err != nil {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil {
		return r, err
	}
	if l.Null || r.Null {
		if !t.equal {
			return Value{Null: true}, nil
		}
		return Value{Truth: (l.Null == r.Null) == (t.op == "==")}, nil
	}
	c := t.compare(l, r)
	switch t.op {
	case "==":
		return Value{Truth: c == 0}, nil
	case "!=":
		return Value{Truth: c != 0}, nil
	case "<":
		return Value{Truth: c < 0}, nil
	case "<=":
		return Value{Truth: c <= 0}, nil
	case ">":
		return Value{Truth: c > 0}, nil
	}
	return Value{Truth: c >= 0}, nil
}

func (t *compareTerm) compare(l, r Value) int {
	switch t.kind {
	case Number:
		if l.Number.scale == r.Number.scale || l.Number.special != finite || r.Number.special != finite {
			return l.Number.compare(r.Number) // compare does not change these numbers
		}
		t.a.Set(l.Number)
		t.b.Set(r.Number)
		return t.a.compare(&t.b)
	case Bool:
		if l.Truth == r.Truth {
			return 0
		}
		return 1
	}
	if l.Dated || r.Dated {
		return compareDates(l.Text, r.Text)
	}
	return bytes.Compare(l.Text, r.Text)
}

// elseTerm is left ?? right.
type elseTerm struct{ left, right term }

func (t elseTerm) eval(e *evaluation) (Value, error) {
	v, err := t.left.eval(e)
	if err != nil || !v.Null {
		return v, err
	}
	return t.right.eval(e)
}

// chooseTerm is cond ? then : other. A condition that is NULL is an error, which stops the refresh.
type chooseTerm struct{ cond, then, other term }

func (t chooseTerm) eval(e *evaluation) (Value, error) {
	v, err := t.cond.eval(e)
	switch {
	case err != nil:
		return v, err
	case v.Null:
		return v, faultCondition.err()
	case v.Truth:
		return t.then.eval(e)
	}
	return t.other.eval(e)
}

type arithmeticTerm struct {
	op          byte
	left, right term
	a, b, x     Exact
}

func (t *arithmeticTerm) eval(e *evaluation) (Value, error) {
	l, err := t.left.eval(e)
	if err != nil || l.Null {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || r.Null {
		return r, err
	}
	t.a.Set(l.Number)
	t.b.Set(r.Number)
	if !t.x.calculate(t.op, &t.a, &t.b) {
		return Value{}, faultArithmetic.err()
	}
	return Value{Number: &t.x}, nil
}

// concatTerm joins texts. The result is NULL if one of the texts is NULL.
type concatTerm struct {
	parts   []term
	scratch []byte
}

func (t *concatTerm) eval(e *evaluation) (Value, error) {
	t.scratch = t.scratch[:0]
	for _, part := range t.parts {
		v, err := part.eval(e)
		if err != nil || v.Null {
			return v, err
		}
		t.scratch = append(t.scratch, v.Text...)
	}
	return Value{Text: t.scratch}, nil
}

// findTerm is contains, startsWith or endsWith.
type findTerm struct {
	op          string
	left, right term
}

func (t findTerm) eval(e *evaluation) (Value, error) {
	l, err := t.left.eval(e)
	if err != nil || l.Null {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || r.Null {
		return r, err
	}
	switch t.op {
	case "contains":
		return Value{Truth: bytes.Contains(l.Text, r.Text)}, nil
	case "startsWith":
		return Value{Truth: bytes.HasPrefix(l.Text, r.Text)}, nil
	}
	return Value{Truth: bytes.HasSuffix(l.Text, r.Text)}, nil
}

type matchTerm struct {
	arg     term
	pattern *regexp.Regexp
}

func (t matchTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	return Value{Truth: t.pattern.Match(v.Text)}, nil
}

// sliceTerm is a part of a text. The part starts with the character at index from and ends before the character at
// index to. A negative index counts from the end of the text.
type sliceTerm struct {
	text     term
	from, to int
}

func (t sliceTerm) eval(e *evaluation) (Value, error) {
	v, err := t.text.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	n := utf8.RuneCount(v.Text)
	from, to := clampIndex(t.from, n), clampIndex(t.to, n)
	if from >= to {
		return Value{Text: v.Text[:0]}, nil
	}
	start := runeOffset(v.Text, from)
	return Value{Text: v.Text[start : start+runeOffset(v.Text[start:], to-from)]}, nil
}

func clampIndex(i, n int) int {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// runeOffset returns the offset of the n-th character of b.
func runeOffset(b []byte, n int) int {
	at := 0
	for ; n > 0; n-- {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}
