package formula

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"

	"github.com/masker-project/masker/pkg/transform"
)

// Cut is a limit between smaller and larger values of a column. The result of a condition may be different on the two
// sides of the limit.
type Cut struct {
	Column string // as in transform.Read
	At     string // the number or text that the condition compares the column with
	Above  bool   // the cut is directly above At; if false, it is directly below At
}

// Cuts returns the cuts that a condition makes in the values of columns. The parts of the condition may compare a
// column with a fixed value by <, <=, > or >=, or test it for NULL or an empty text. If there is another part, ok is
// false, because that part may be true for only one value of a column. Parts that read only open columns may have any
// form, and make no cuts.
func Cuts(source string, open func(column string) bool) (cuts []Cut, ok bool) {
	f, err := Parse("when", source, false)
	if err != nil {
		return nil, false
	}
	c := cutter{Formula: f, open: open}
	ok = c.divides(f.root)
	return c.cuts, ok
}

type cutter struct {
	*Formula
	open func(column string) bool
	cuts []Cut
}

func (c *cutter) divides(n ast.Node) bool {
	if c.opens(n) {
		return true
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		return (n.Operator == "not" || n.Operator == "!") && c.divides(n.Node)
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			return c.divides(n.Left) && c.divides(n.Right)
		case "==", "!=":
			return c.asksForValue(n.Left, n.Right) || c.asksForValue(n.Right, n.Left)
		case "<", "<=", ">", ">=":
			return c.cut(n.Operator, n.Left, n.Right) || c.cut(mirrored(n.Operator), n.Right, n.Left)
		}
	}
	return false
}

// opens reports whether a part of the condition reads only columns for which c.open returns true.
func (c *cutter) opens(n ast.Node) bool {
	part := Formula{param: c.param, source: c.source, prefix: c.prefix}
	if part.collect(n) != nil {
		return false
	}
	return !slices.ContainsFunc(part.Wanted, func(w transform.Wanted) bool { return !c.open(w.Name) })
}

// asksForValue reports whether a comparison only tests a column for NULL or for an empty text.
func (c *cutter) asksForValue(column, none ast.Node) bool {
	_, err := c.column(column)
	_, null := none.(*ast.NilNode)
	text, ok := none.(*ast.StringNode)
	return err == nil && (null || ok && text.Value == "")
}

// cut adds the cut of one comparison. It returns false unless the comparison compares a column with a fixed value.
func (c *cutter) cut(operator string, column, value ast.Node) bool {
	w, err := c.column(column)
	minus := ""
	if u, ok := value.(*ast.UnaryNode); ok && u.Operator == "-" {
		minus, value = "-", u.Node
	}
	var text string
	switch v := value.(type) {
	case *ast.IntegerNode:
		text = minus + strconv.Itoa(v.Value)
	case *ast.FloatNode:
		text = minus + strconv.FormatFloat(v.Value, 'f', -1, 64)
	case *ast.StringNode:
		text = v.Value
	default:
		return false
	}
	if err != nil {
		return false
	}
	c.cuts = append(c.cuts, Cut{Column: w.Name, At: text, Above: operator == "<=" || operator == ">"})
	return true
}

// mirrored returns the operator for the same comparison with exchanged sides: a < b is the same as b > a.
func mirrored(operator string) string {
	return map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]
}
