package transform

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// functionNames are the functions a formula may call, for errors.
func functionNames() []string {
	return []string{
		"lower", "upper", "trim", "len", "concat", "replace", "split", "string", "number",
		"round", "floor", "ceil", "abs", "min", "max",
	}
}

// call is a function with its arguments typed.
func (b *formulaBuilder) call(n ast.Node, name string, args []ast.Node) (term, valueKind, error) {
	switch name {
	case "lower", "upper", "trim", "len", "number":
		return b.textFunction(n, name, args)
	case "floor", "ceil", "abs", "string":
		return b.numberFunction(n, name, args)
	case "round":
		return b.round(n, args)
	case "min", "max":
		list, err := b.arguments(n, name, args, numberKind, 2, 100)
		return &extremeTerm{max: name == "max", args: list}, numberKind, err
	case "concat":
		list, err := b.arguments(n, name, args, textKind, 1, 100)
		return &concatTerm{parts: list}, textKind, err
	case "replace":
		list, err := b.arguments(n, name, args, textKind, 3, 3)
		return &replaceTerm{args: list}, textKind, err
	case "split":
		list, err := b.arguments(n, name, args, textKind, 2, 2)
		return &splitTerm{args: list}, listKind, err
	}
	return nil, 0, b.refuse(n, "there is no function %s here%s", name, nearest(name, functionNames()))
}

func (b *formulaBuilder) arguments(n ast.Node, name string, args []ast.Node, k valueKind, least, most int) ([]term, error) {
	if len(args) < least || len(args) > most {
		return nil, b.refuse(n, "%s has %d arguments, it wants %d%s", name, len(args), least, map[bool]string{true: " or more"}[most > least])
	}
	var list []term
	for _, a := range args {
		t, err := b.typed(a, k, name)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func (b *formulaBuilder) textFunction(n ast.Node, name string, args []ast.Node) (term, valueKind, error) {
	list, err := b.arguments(n, name, args, textKind, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	switch name {
	case "len":
		return &lenTerm{arg: list[0]}, numberKind, nil
	case "number":
		return &parseTerm{arg: list[0]}, numberKind, nil
	case "lower":
		return &foldTerm{arg: list[0], fold: unicode.ToLower}, textKind, nil
	case "upper":
		return &foldTerm{arg: list[0], fold: unicode.ToUpper}, textKind, nil
	}
	return trimTerm{list[0]}, textKind, nil
}

func (b *formulaBuilder) numberFunction(n ast.Node, name string, args []ast.Node) (term, valueKind, error) {
	list, err := b.arguments(n, name, args, numberKind, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	switch name {
	case "floor":
		return &numberFunc{f: (*exact).floor, arg: list[0]}, numberKind, nil
	case "ceil":
		return &numberFunc{f: ceil, arg: list[0]}, numberKind, nil
	case "abs":
		return &numberFunc{f: abs, arg: list[0]}, numberKind, nil
	}
	return &printTerm{arg: list[0]}, textKind, nil
}

func (b *formulaBuilder) round(n ast.Node, args []ast.Node) (term, valueKind, error) {
	digits := 0
	if len(args) == 2 {
		var ok bool
		if digits, ok = wholeLiteral(args[1]); !ok || digits < 0 || digits > 100 {
			return nil, 0, b.refuse(n, "round wants the number of decimals as a whole number: round(x, 2)")
		}
		args = args[:1]
	}
	list, err := b.arguments(n, "round", args, numberKind, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	return &numberFunc{f: func(x *exact) { x.round(digits) }, arg: list[0]}, numberKind, nil
}

func ceil(x *exact) {
	x.neg()
	x.floor()
	x.neg()
}

func abs(x *exact) { x.coef.Abs(&x.coef) }

// numberFunc changes a copy of its argument.
type numberFunc struct {
	f   func(*exact)
	arg term
	x   exact
}

func (t *numberFunc) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	t.x.set(v.number)
	t.f(&t.x)
	return value{number: &t.x}, nil
}

// extremeTerm is the smallest or largest of its arguments; NULL if one is.
type extremeTerm struct {
	max  bool
	args []term
	a, b exact
}

func (t *extremeTerm) eval(e *evaluation) (value, error) {
	var best value
	for i, arg := range t.args {
		v, err := arg.eval(e)
		if err != nil || v.null {
			return v, err
		}
		if i == 0 {
			best = v
			continue
		}
		t.a.set(v.number)
		t.b.set(best.number)
		align(&t.a, &t.b)
		if c := t.a.coef.Cmp(&t.b.coef); c > 0 == t.max && c != 0 {
			best = v
		}
	}
	return best, nil
}

// foldTerm is lower and upper, character by character.
type foldTerm struct {
	arg     term
	fold    func(rune) rune
	scratch []byte
}

func (t *foldTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	t.scratch = t.scratch[:0]
	for b := v.text; len(b) > 0; {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 { // not UTF-8: the byte stays
			t.scratch = append(t.scratch, b[0])
		} else {
			t.scratch = utf8.AppendRune(t.scratch, t.fold(r))
		}
		b = b[size:]
	}
	return value{text: t.scratch}, nil
}

type trimTerm struct{ arg term }

func (t trimTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	v.text = bytes.TrimSpace(v.text)
	return v, err
}

// lenTerm counts characters.
type lenTerm struct {
	arg term
	x   exact
}

func (t *lenTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	t.x.coef.SetInt64(int64(utf8.RuneCount(v.text)))
	t.x.scale = 0
	return value{number: &t.x}, nil
}

// parseTerm reads a text as a number.
type parseTerm struct {
	arg term
	x   exact
}

func (t *parseTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	if !t.x.parse(v.text) {
		return value{}, faultFormulaNumber.err()
	}
	return value{number: &t.x}, nil
}

// printTerm writes a number as a text.
type printTerm struct {
	arg     term
	scratch []byte
}

func (t *printTerm) eval(e *evaluation) (value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.null {
		return v, err
	}
	t.scratch = v.number.append(t.scratch[:0])
	return value{text: t.scratch}, nil
}

// replaceTerm replaces every occurrence of a text by another.
type replaceTerm struct {
	args    []term // text, old, new
	scratch []byte
}

func (t *replaceTerm) eval(e *evaluation) (value, error) {
	var v [3]value
	for i, arg := range t.args {
		var err error
		if v[i], err = arg.eval(e); err != nil || v[i].null {
			return v[i], err
		}
	}
	text, was, is := v[0].text, v[1].text, v[2].text
	t.scratch = t.scratch[:0]
	for len(was) > 0 {
		at := bytes.Index(text, was)
		if at < 0 {
			break
		}
		t.scratch = append(append(t.scratch, text[:at]...), is...)
		text = text[at+len(was):]
	}
	t.scratch = append(t.scratch, text...)
	return value{text: t.scratch}, nil
}

// splitTerm is one part of a text that is cut at a separator; NULL where there are fewer.
type splitTerm struct {
	args []term // text, separator
	at   int    // from 0; from the end where negative
}

func (t *splitTerm) eval(e *evaluation) (value, error) {
	text, err := t.args[0].eval(e)
	if err != nil || text.null {
		return text, err
	}
	separator, err := t.args[1].eval(e)
	if err != nil || separator.null {
		return separator, err
	}
	if len(separator.text) == 0 {
		return value{null: true}, nil
	}
	at := t.at
	if at < 0 {
		at += bytes.Count(text.text, separator.text) + 1
	}
	rest := text.text
	for ; at > 0; at-- {
		_, after, found := bytes.Cut(rest, separator.text)
		if !found {
			return value{null: true}, nil
		}
		rest = after
	}
	if at < 0 {
		return value{null: true}, nil
	}
	part, _, _ := bytes.Cut(rest, separator.text)
	return value{text: slices.Clip(part)}, nil
}
