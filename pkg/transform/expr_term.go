package transform

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
)

// value is what a term has for one row: one of its fields, by the term's kind. text and number belong to
// the term, until it is evaluated again.
type value struct {
	null   bool
	truth  bool
	text   []byte
	number *exact
}

// term is a compiled part of a formula.
type term interface {
	eval(e *evaluation) (value, error)
}

// columns are what a formula looks at: columns of the row by position in its Reads, as they are and as they become.
type columns interface {
	source(row Row, i int) Cell
	treated(dst []byte, row Row, i int) (out []byte, null bool, err error)
}

// evaluation is the row a formula is evaluated on.
type evaluation struct {
	row     Row
	columns columns
}

type constantTerm struct{ value value }

func (t constantTerm) eval(*evaluation) (value, error) { return t.value, nil }

// columnTerm is a column's source value or result.
type columnTerm struct {
	at      int
	treated bool
	kind    valueKind
	family  catalog.Family
	padded  bool
	number  exact
	scratch []byte
}

func (t *columnTerm) eval(e *evaluation) (value, error) {
	cell := e.columns.source(e.row, t.at)
	if t.treated {
		var err error
		t.scratch, cell.Null, err = e.columns.treated(t.scratch[:0], e.row, t.at)
		if err != nil {
			return value{}, err
		}
		cell.Text = t.scratch
	}
	if cell.Null {
		return value{null: true}, nil
	}
	switch t.kind {
	case boolKind:
		return value{truth: string(cell.Text) == "t" || string(cell.Text) == "true"}, nil
	case numberKind:
		if !t.number.parse(cell.Text) {
			return value{}, faultFormulaNumber.err()
		}
		return value{number: &t.number}, nil
	}
	text := cell.Text
	switch {
	case t.padded:
		text = bytes.TrimRight(text, " ")
	case dated(t.family) && !ordinaryDate(text):
		return value{}, faultFormulaDate.err()
	}
	return value{text: text}, nil
}

func dated(f catalog.Family) bool {
	return f == catalog.Date || f == catalog.Timestamp || f == catalog.TimestampTZ
}

// ordinaryDate says that a date's text sorts as the date does: years 0001 to 9999, and infinities.
func ordinaryDate(b []byte) bool {
	if string(b) == "infinity" || string(b) == "-infinity" {
		return true
	}
	return len(b) > 4 && b[4] == '-' && !bytes.HasSuffix(b, []byte("BC"))
}

type notTerm struct{ arg term }

func (t notTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	v.truth = !v.truth && !v.null
	return v, err
}

// logicTerm is and, or: of NULL as SQL has it, so false and NULL is false.
type logicTerm struct {
	and         bool
	left, right term
}

func (t logicTerm) eval(e *evaluation) (value, error) {
	l, err := t.left.eval(e)
	if err != nil || !l.null && l.truth != t.and {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || !r.null && r.truth != t.and {
		return r, err
	}
	return value{truth: t.and && !l.null && !r.null, null: l.null || r.null}, nil
}

// compareTerm compares. == and != take NULL for a value, the others give NULL for it.
type compareTerm struct {
	kind        valueKind
	op          string
	equal       bool // == or !=
	left, right term
	a, b        exact
}

func (t *compareTerm) eval(e *evaluation) (value, error) {
	l, err := t.left.eval(e)
	if err != nil {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil {
		return r, err
	}
	if l.null || r.null {
		if !t.equal {
			return value{null: true}, nil
		}
		return value{truth: (l.null == r.null) == (t.op == "==")}, nil
	}
	c := t.compare(l, r)
	switch t.op {
	case "==":
		return value{truth: c == 0}, nil
	case "!=":
		return value{truth: c != 0}, nil
	case "<":
		return value{truth: c < 0}, nil
	case "<=":
		return value{truth: c <= 0}, nil
	case ">":
		return value{truth: c > 0}, nil
	}
	return value{truth: c >= 0}, nil
}

func (t *compareTerm) compare(l, r value) int {
	switch t.kind {
	case numberKind:
		if l.number.scale == r.number.scale {
			return l.number.coef.Cmp(&r.number.coef)
		}
		t.a.set(l.number)
		t.b.set(r.number)
		align(&t.a, &t.b)
		return t.a.coef.Cmp(&t.b.coef)
	case boolKind:
		if l.truth == r.truth {
			return 0
		}
		return 1
	}
	return bytes.Compare(l.text, r.text)
}

// elseTerm is left ?? right.
type elseTerm struct{ left, right term }

func (t elseTerm) eval(e *evaluation) (value, error) {
	v, err := t.left.eval(e)
	if err != nil || !v.null {
		return v, err
	}
	return t.right.eval(e)
}

// chooseTerm is cond ? then : other. A condition that is NULL stops the refresh.
type chooseTerm struct{ cond, then, other term }

func (t chooseTerm) eval(e *evaluation) (value, error) {
	v, err := t.cond.eval(e)
	switch {
	case err != nil:
		return v, err
	case v.null:
		return v, faultCondition.err()
	case v.truth:
		return t.then.eval(e)
	}
	return t.other.eval(e)
}

type arithmeticTerm struct {
	op          byte
	left, right term
	a, b, x     exact
}

func (t *arithmeticTerm) eval(e *evaluation) (value, error) {
	l, err := t.left.eval(e)
	if err != nil || l.null {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || r.null {
		return r, err
	}
	t.a.set(l.number)
	t.b.set(r.number)
	if !t.x.calculate(t.op, &t.a, &t.b) {
		return value{}, faultArithmetic.err()
	}
	return value{number: &t.x}, nil
}

// concatTerm writes texts one after the other; NULL if one is.
type concatTerm struct {
	parts   []term
	scratch []byte
}

func (t *concatTerm) eval(e *evaluation) (value, error) {
	t.scratch = t.scratch[:0]
	for _, part := range t.parts {
		v, err := part.eval(e)
		if err != nil || v.null {
			return v, err
		}
		t.scratch = append(t.scratch, v.text...)
	}
	return value{text: t.scratch}, nil
}

// findTerm is contains, startsWith, endsWith.
type findTerm struct {
	op          string
	left, right term
}

func (t findTerm) eval(e *evaluation) (value, error) {
	l, err := t.left.eval(e)
	if err != nil || l.null {
		return l, err
	}
	r, err := t.right.eval(e)
	if err != nil || r.null {
		return r, err
	}
	switch t.op {
	case "contains":
		return value{truth: bytes.Contains(l.text, r.text)}, nil
	case "startsWith":
		return value{truth: bytes.HasPrefix(l.text, r.text)}, nil
	}
	return value{truth: bytes.HasSuffix(l.text, r.text)}, nil
}

type matchTerm struct {
	arg     term
	pattern *regexp.Regexp
}

func (t matchTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	return value{truth: t.pattern.Match(v.text)}, nil
}

// sliceTerm takes characters from (included) to to (not included); negative ones count from the end.
type sliceTerm struct {
	text     term
	from, to int
}

func (t sliceTerm) eval(e *evaluation) (value, error) {
	v, err := t.text.eval(e)
	if err != nil || v.null {
		return v, err
	}
	n := utf8.RuneCount(v.text)
	from, to := clampIndex(t.from, n), clampIndex(t.to, n)
	if from >= to {
		return value{text: v.text[:0]}, nil
	}
	start := runeOffset(v.text, from)
	return value{text: v.text[start : start+runeOffset(v.text[start:], to-from)]}, nil
}

func clampIndex(i, n int) int {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

// runeOffset is where the n-th character of b begins.
func runeOffset(b []byte, n int) int {
	at := 0
	for ; n > 0; n-- {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}
