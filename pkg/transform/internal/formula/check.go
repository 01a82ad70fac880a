package formula

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Kind is the type of a formula's value.
type Kind int

// The kinds of values.
const (
	Nil Kind = iota // the word nil, which fits any kind
	Text
	Number
	Bool
	listKind // a list of texts, from split; an index selects one text
)

// String returns the name of the kind for errors.
func (k Kind) String() string {
	return [...]string{"nil", "a text", "a number", "true or false", "a list"}[k]
}

// KindOf returns the kind of a column in a formula. Types without a kind of their own, such as dates, timestamps, UUIDs
// and enums, are texts in a formula. The text is as PostgreSQL prints it.
func KindOf(t catalog.Type) Kind {
	switch t.Family {
	case catalog.Integer, catalog.Numeric, catalog.Float:
		return Number
	case catalog.Boolean:
		return Bool
	}
	return Text
}

// formulaBuilder checks the types of a formula and makes its terms. Each term has its own scratch memory, so each
// goroutine needs its own terms.
type formulaBuilder struct {
	*Formula
	reads []transform.Read // in the order of Formula.Wanted
}

// build checks the formula against the columns that it reads, and makes the formula's terms.
func (f *Formula) build(reads []transform.Read) (term, Kind, error) {
	b := &formulaBuilder{f, reads}
	return b.term(f.root)
}

func (b *formulaBuilder) term(n ast.Node) (term, Kind, error) {
	switch n := n.(type) {
	case *ast.NilNode:
		return constantTerm{Value{Null: true}}, Nil, nil
	case *ast.BoolNode:
		return constantTerm{Value{Truth: n.Value}}, Bool, nil
	case *ast.StringNode:
		return constantTerm{Value{Text: []byte(n.Value)}}, Text, nil
	case *ast.IntegerNode:
		return b.literal(n, strconv.Itoa(n.Value))
	case *ast.FloatNode:
		return b.literal(n, strconv.FormatFloat(n.Value, 'g', -1, 64))
	case *ast.IdentifierNode:
		return b.columnTerm(n)
	case *ast.MemberNode:
		if _, ok := n.Property.(*ast.StringNode); ok {
			return b.columnTerm(n)
		}
		return b.index(n)
	case *ast.UnaryNode:
		return b.unary(n)
	case *ast.BinaryNode:
		return b.binary(n)
	case *ast.ConditionalNode:
		return b.conditional(n)
	case *ast.SliceNode:
		return b.slice(n)
	case *ast.BuiltinNode:
		return b.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return b.call(n, callee.Value, n.Arguments)
		}
	case *ast.ArrayNode:
		return nil, 0, b.refuse(n, "a list is allowed only after in")
	}
	return nil, 0, b.refuse(n, "this part of the language is not available here")
}

// typed makes the term of n. The argument want is the kind that the term must have. The argument where names the
// operator or function for errors.
func (b *formulaBuilder) typed(n ast.Node, want Kind, where string) (term, error) {
	t, k, err := b.term(n)
	if err != nil {
		return nil, err
	}
	if k != want && k != Nil {
		return nil, b.refuse(n, "%s needs %s, but this is %s", where, want, k)
	}
	return t, nil
}

func (b *formulaBuilder) literal(n ast.Node, text string) (term, Kind, error) {
	x := new(Exact)
	if !x.parse([]byte(text)) {
		return nil, 0, b.refuse(n, "is not a number that formulas support")
	}
	return constantTerm{Value{Number: x}}, Number, nil
}

func (b *formulaBuilder) columnTerm(n ast.Node) (term, Kind, error) {
	w, err := b.column(n)
	if err != nil {
		return nil, 0, err
	}
	at := slices.Index(b.Wanted, w)
	typ := b.reads[at].Type
	return &columnTerm{at: at, treated: w.Treated, kind: KindOf(typ), family: typ.Family, padded: typ.Padded}, KindOf(typ), nil
}

func (b *formulaBuilder) unary(n *ast.UnaryNode) (term, Kind, error) {
	switch n.Operator {
	case "not", "!":
		t, err := b.typed(n.Node, Bool, "not")
		return notTerm{t}, Bool, err
	case "-":
		t, err := b.typed(n.Node, Number, "minus")
		return &numberFunc{f: (*Exact).neg, arg: t}, Number, err
	case "+":
		t, err := b.typed(n.Node, Number, "plus")
		return t, Number, err
	}
	return nil, 0, b.refuse(n, "there is no operator %s here", n.Operator)
}

func (b *formulaBuilder) binary(n *ast.BinaryNode) (term, Kind, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		left, err := b.typed(n.Left, Bool, n.Operator)
		if err != nil {
			return nil, 0, err
		}
		right, err := b.typed(n.Right, Bool, n.Operator)
		return logicTerm{and: n.Operator == "and" || n.Operator == "&&", left: left, right: right}, Bool, err
	case "in":
		return b.in(n)
	case "matches":
		return b.matches(n)
	}
	left, l, err := b.term(n.Left)
	if err != nil {
		return nil, 0, err
	}
	right, r, err := b.term(n.Right)
	if err != nil {
		return nil, 0, err
	}
	if l == Nil {
		l = r
	}
	if r == Nil {
		r = l
	}
	if l != r || l == listKind {
		return nil, 0, b.refuse(n, "%s cannot combine %s and %s", n.Operator, l, r)
	}
	return b.operation(n, l, left, right)
}

// operation makes the term of an operator between two values of one kind.
func (b *formulaBuilder) operation(n *ast.BinaryNode, k Kind, left, right term) (term, Kind, error) {
	switch n.Operator {
	case "==", "!=":
		return &compareTerm{kind: k, op: n.Operator, equal: true, left: left, right: right}, Bool, nil
	case "??":
		return elseTerm{left, right}, k, nil
	case "<", "<=", ">", ">=":
		if k == Text || k == Number {
			return &compareTerm{kind: k, op: n.Operator, left: left, right: right}, Bool, nil
		}
	case "+", "-", "*", "/", "%":
		if k == Number {
			return &arithmeticTerm{op: n.Operator[0], left: left, right: right}, Number, nil
		}
		if k == Text && n.Operator == "+" {
			return &concatTerm{parts: []term{left, right}}, Text, nil
		}
	case "contains", "startsWith", "endsWith":
		if k == Text {
			return findTerm{op: n.Operator, left: left, right: right}, Bool, nil
		}
	}
	return nil, 0, b.refuse(n, "there is no operator %s for %s", n.Operator, k)
}

func (b *formulaBuilder) in(n *ast.BinaryNode) (term, Kind, error) {
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return nil, 0, b.refuse(n, `in needs a list of values after it: x in ["a", "b"]`)
	}
	var found term = constantTerm{Value{}}
	for _, item := range list.Nodes {
		equal, _, err := b.binary(&ast.BinaryNode{Operator: "==", Left: n.Left, Right: item})
		if err != nil {
			return nil, 0, b.refuse(item, "the item has another kind than the value before in")
		}
		found = logicTerm{left: found, right: equal}
	}
	return found, Bool, nil
}

func (b *formulaBuilder) matches(n *ast.BinaryNode) (term, Kind, error) {
	left, err := b.typed(n.Left, Text, "matches")
	if err != nil {
		return nil, 0, err
	}
	pattern, ok := n.Right.(*ast.StringNode)
	if !ok {
		return nil, 0, b.refuse(n, "matches needs a pattern after it, written as a text")
	}
	re, err := regexp.Compile(pattern.Value)
	if err != nil {
		return nil, 0, b.refuse(n, "the pattern is not a regular expression of RE2")
	}
	return matchTerm{left, re}, Bool, nil
}

func (b *formulaBuilder) conditional(n *ast.ConditionalNode) (term, Kind, error) {
	cond, err := b.typed(n.Cond, Bool, "a condition")
	if err != nil {
		return nil, 0, err
	}
	then, l, err := b.term(n.Exp1)
	if err != nil {
		return nil, 0, err
	}
	other, r, err := b.term(n.Exp2)
	if err != nil {
		return nil, 0, err
	}
	if l != r && l != Nil && r != Nil {
		return nil, 0, b.refuse(n, "one result of the condition is %s, but the other is %s", l, r)
	}
	return chooseTerm{cond, then, other}, max(l, r), nil
}

// index makes the term of split(text, separator)[n], which is one part of a text.
func (b *formulaBuilder) index(n *ast.MemberNode) (term, Kind, error) {
	list, k, err := b.term(n.Node)
	if err != nil {
		return nil, 0, err
	}
	at, ok := wholeLiteral(n.Property)
	split, isSplit := list.(*splitTerm)
	if k != listKind || !isSplit || !ok {
		return nil, 0, b.refuse(n, "an index must be a whole number after split: split(text, separator)[0]")
	}
	split.at = at
	return split, Text, nil
}

func wholeLiteral(n ast.Node) (int, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.UnaryNode:
		at, ok := wholeLiteral(n.Node)
		return -at, ok && n.Operator == "-"
	}
	return 0, false
}

// slice makes the term of text[from:to], which is some characters of a text.
func (b *formulaBuilder) slice(n *ast.SliceNode) (term, Kind, error) {
	t, err := b.typed(n.Node, Text, "a part in brackets")
	if err != nil {
		return nil, 0, err
	}
	s := sliceTerm{text: t, to: maxExactDigits << 20}
	ok := true
	if n.From != nil {
		s.from, ok = wholeLiteral(n.From)
	}
	if n.To != nil && ok {
		s.to, ok = wholeLiteral(n.To)
	}
	if !ok {
		return nil, 0, b.refuse(n, "the limits in brackets must be whole numbers: text[0:3]")
	}
	return s, Text, nil
}
