package formula

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"github.com/masker-project/masker/internal/spell"
)

// functionNames lists the functions of formulas, for errors.
func functionNames() []string {
	return []string{
		"lower", "upper", "trim", "len", "concat", "replace", "split", "string", "number",
		"round", "floor", "ceil", "abs", "min", "max",
	}
}

// call makes the term of a function call and checks its arguments.
func (b *formulaBuilder) call(n ast.Node, name string, args []ast.Node) (term, Kind, error) {
	switch name {
	case "lower", "upper", "trim", "len", "number":
		return b.textFunction(n, name, args)
	case "floor", "ceil", "abs", "string":
		return b.numberFunction(n, name, args)
	case "round":
		return b.round(n, args)
	case "min", "max":
		list, err := b.arguments(n, name, args, Number, 2, 100)
		return &extremeTerm{max: name == "max", args: list}, Number, err
	case "concat":
		list, err := b.arguments(n, name, args, Text, 1, 100)
		return &concatTerm{parts: list}, Text, err
	case "replace":
		list, err := b.arguments(n, name, args, Text, 3, 3)
		return &replaceTerm{args: list}, Text, err
	case "split":
		list, err := b.arguments(n, name, args, Text, 2, 2)
		return &splitTerm{args: list}, listKind, err
	}
	return nil, 0, b.refuse(n, "there is no function %s here%s", name, spell.Mean(name, functionNames()))
}

func (b *formulaBuilder) arguments(n ast.Node, name string, args []ast.Node, k Kind, least, most int) ([]term, error) {
	if len(args) < least || len(args) > most {
		return nil, b.refuse(n, "%s has %d arguments, but it needs %d%s", name, len(args), least, map[bool]string{true: " or more"}[most > least])
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

func (b *formulaBuilder) textFunction(n ast.Node, name string, args []ast.Node) (term, Kind, error) {
	list, err := b.arguments(n, name, args, Text, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	switch name {
	case "len":
		return &lenTerm{arg: list[0]}, Number, nil
	case "number":
		return &parseTerm{arg: list[0]}, Number, nil
	case "lower":
		return &foldTerm{arg: list[0], fold: unicode.ToLower}, Text, nil
	case "upper":
		return &foldTerm{arg: list[0], fold: unicode.ToUpper}, Text, nil
	}
	return trimTerm{list[0]}, Text, nil
}

func (b *formulaBuilder) numberFunction(n ast.Node, name string, args []ast.Node) (term, Kind, error) {
	list, err := b.arguments(n, name, args, Number, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	switch name {
	case "floor":
		return &numberFunc{f: (*Exact).floor, arg: list[0]}, Number, nil
	case "ceil":
		return &numberFunc{f: ceil, arg: list[0]}, Number, nil
	case "abs":
		return &numberFunc{f: abs, arg: list[0]}, Number, nil
	}
	return &printTerm{arg: list[0]}, Text, nil
}

func (b *formulaBuilder) round(n ast.Node, args []ast.Node) (term, Kind, error) {
	digits := 0
	if len(args) == 2 {
		var ok bool
		if digits, ok = wholeLiteral(args[1]); !ok || digits < 0 || digits > 100 {
			return nil, 0, b.refuse(n, "round needs the number of decimals as a whole number: round(x, 2)")
		}
		args = args[:1]
	}
	list, err := b.arguments(n, "round", args, Number, 1, 1)
	if err != nil {
		return nil, 0, err
	}
	return &numberFunc{f: func(x *Exact) { x.Round(digits) }, arg: list[0]}, Number, nil
}

func ceil(x *Exact) {
	x.neg()
	x.floor()
	x.neg()
}

func abs(x *Exact) {
	x.Coef.Abs(&x.Coef)
	if x.special == minusInfinity {
		x.special = plusInfinity
	}
}

// numberFunc applies f to a copy of its argument.
type numberFunc struct {
	f   func(*Exact)
	arg term
	x   Exact
}

func (t *numberFunc) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	t.x.Set(v.Number)
	t.f(&t.x)
	return Value{Number: &t.x}, nil
}

// extremeTerm is the smallest or the largest of its arguments. It is NULL if an argument is NULL.
type extremeTerm struct {
	max  bool
	args []term
	a, b Exact
}

func (t *extremeTerm) eval(e *evaluation) (Value, error) {
	var best Value
	for i, arg := range t.args {
		v, err := arg.eval(e)
		if err != nil || v.Null {
			return v, err
		}
		if i == 0 {
			best = v
			continue
		}
		t.a.Set(v.Number)
		t.b.Set(best.Number)
		if c := t.a.compare(&t.b); c > 0 == t.max && c != 0 {
			best = v
		}
	}
	return best, nil
}

// foldTerm is the function "lower" or the function "upper". It changes one character at a time.
type foldTerm struct {
	arg     term
	fold    func(rune) rune
	scratch []byte
}

func (t *foldTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	t.scratch = t.scratch[:0]
	for b := v.Text; len(b) > 0; {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 { // not UTF-8: leave the byte unchanged
			t.scratch = append(t.scratch, b[0])
		} else {
			t.scratch = utf8.AppendRune(t.scratch, t.fold(r))
		}
		b = b[size:]
	}
	return Value{Text: t.scratch}, nil
}

type trimTerm struct{ arg term }

func (t trimTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	v.Text = bytes.TrimSpace(v.Text)
	return v, err
}

// lenTerm is the number of characters of a text.
type lenTerm struct {
	arg term
	x   Exact
}

func (t *lenTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	t.x.Coef.SetInt64(int64(utf8.RuneCount(v.Text)))
	t.x.scale, t.x.special = 0, finite
	return Value{Number: &t.x}, nil
}

// parseTerm reads a text as a number.
type parseTerm struct {
	arg term
	x   Exact
}

func (t *parseTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	if !t.x.parse(v.Text) {
		return Value{}, faultFormulaNumber.err()
	}
	return Value{Number: &t.x}, nil
}

// printTerm writes a number as a text.
type printTerm struct {
	arg     term
	scratch []byte
}

func (t *printTerm) eval(e *evaluation) (Value, error) {
	v, err := t.arg.eval(e)
	if err != nil || v.Null {
		return v, err
	}
	t.scratch = v.Number.Append(t.scratch[:0])
	return Value{Text: t.scratch}, nil
}

// replaceTerm replaces every occurrence of a text by another.
type replaceTerm struct {
	args    []term // text, old, new
	scratch []byte
}

func (t *replaceTerm) eval(e *evaluation) (Value, error) {
	var v [3]Value
	for i, arg := range t.args {
		var err error
		if v[i], err = arg.eval(e); err != nil || v[i].Null {
			return v[i], err
		}
	}
	text, was, is := v[0].Text, v[1].Text, v[2].Text
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
	return Value{Text: t.scratch}, nil
}

// splitTerm is one part of a text that is split at a separator. It is NULL if the text has fewer parts.
type splitTerm struct {
	args []term // text, separator
	at   int    // index from 0; a negative index counts from the end
}

func (t *splitTerm) eval(e *evaluation) (Value, error) {
	text, err := t.args[0].eval(e)
	if err != nil || text.Null {
		return text, err
	}
	separator, err := t.args[1].eval(e)
	if err != nil || separator.Null {
		return separator, err
	}
	if len(separator.Text) == 0 {
		return Value{Null: true}, nil
	}
	at := t.at
	if at < 0 {
		at += bytes.Count(text.Text, separator.Text) + 1
	}
	rest := text.Text
	for ; at > 0; at-- {
		_, after, found := bytes.Cut(rest, separator.Text)
		if !found {
			return Value{Null: true}, nil
		}
		rest = after
	}
	if at < 0 {
		return Value{Null: true}, nil
	}
	part, _, _ := bytes.Cut(rest, separator.Text)
	return Value{Text: slices.Clip(part)}, nil
}
