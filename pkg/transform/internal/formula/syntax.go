// Package formula implements the language of conditions and expressions. It parses a formula, checks its types and
// evaluates it on rows. It reads columns through an interface and does not import any treatment.
package formula

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	exprfile "github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Formula is a condition or an expression in the syntax of expr-lang, with the columns that it reads. Only the syntax
// comes from expr-lang. This package defines the allowed parts, the types and the evaluation. Therefore a formula
// cannot read the current time or environment variables, its numbers are exact, and a row costs no allocation.
type Formula struct {
	param  string // name of the parameter, for errors
	source string
	root   ast.Node
	Wanted []transform.Wanted // in the order of their first use
	prefix bool               // columns are written old.x and new.x, not x
}

// maxFormula is the largest length of a formula, in bytes. A longer formula is hard to review.
const maxFormula = 4096

// Parse parses a formula. The argument param is the name of the parameter that holds the formula, for errors. If prefix
// is true, columns are written old.x and new.x.
func Parse(param, source string, prefix bool) (*Formula, error) {
	f := &Formula{param: param, source: source, prefix: prefix}
	if len(source) > maxFormula {
		return nil, f.Fail(0, "is longer than %d characters", maxFormula)
	}
	if strings.TrimSpace(source) == "" {
		return nil, f.Fail(0, "is empty")
	}
	tree, err := parser.Parse(source)
	if err != nil {
		var at *exprfile.Error
		if errors.As(err, &at) {
			return nil, f.Fail(at.From, "%s", at.Message)
		}
		return nil, f.Fail(0, "cannot be read")
	}
	f.root = tree.Node
	return f, f.collect(f.root)
}

// Fail returns an error at a character of the formula, counted from 0. The text of an error at 0 names no character.
func (f *Formula) Fail(at int, format string, args ...any) error {
	where := ""
	if at > 0 {
		where = fmt.Sprintf(" (at character %d)", at+1)
	}
	return &transform.ParamError{Param: f.param, Text: fmt.Sprintf(format, args...) + where}
}

func (f *Formula) refuse(n ast.Node, format string, args ...any) error {
	return f.Fail(n.Location().From, format, args...)
}

// collect finds the columns in a node.
func (f *Formula) collect(n ast.Node) error {
	switch n := n.(type) {
	case nil:
		return nil
	case *ast.IdentifierNode:
		return f.add(n)
	case *ast.MemberNode:
		if _, ok := n.Property.(*ast.StringNode); ok {
			return f.add(n)
		}
		return f.all(n.Node, n.Property)
	case *ast.UnaryNode:
		return f.collect(n.Node)
	case *ast.BinaryNode:
		return f.all(n.Left, n.Right)
	case *ast.ConditionalNode:
		return f.all(n.Cond, n.Exp1, n.Exp2)
	case *ast.SliceNode:
		return f.all(n.Node, n.From, n.To)
	case *ast.ArrayNode:
		return f.all(n.Nodes...)
	case *ast.BuiltinNode:
		return f.all(n.Arguments...)
	case *ast.CallNode:
		return f.all(n.Arguments...)
	}
	return nil // a later check of the types refuses a node that is not allowed
}

func (f *Formula) all(nodes ...ast.Node) error {
	for _, n := range nodes {
		if err := f.collect(n); err != nil {
			return err
		}
	}
	return nil
}

func (f *Formula) add(n ast.Node) error {
	w, err := f.column(n)
	if err == nil && !slices.Contains(f.Wanted, w) {
		f.Wanted = append(f.Wanted, w)
	}
	return err
}

// column reads the name of a column: status, customer_id.country, $env["any name"]. With a prefix, the name begins with
// old. or new.
func (f *Formula) column(n ast.Node) (transform.Wanted, error) {
	parts, ok := pathOf(n)
	if !ok {
		return transform.Wanted{}, f.refuse(n, "a column must be a name, or names with dots between them")
	}
	if len(parts) > 1 && parts[0] == "$env" {
		parts = parts[1:]
	}
	w := transform.Wanted{Param: f.param}
	if f.prefix {
		if len(parts) < 2 || parts[0] != "old" && parts[0] != "new" {
			return transform.Wanted{}, f.refuse(n, "%s is not a column here: write old.%s for its source value or new.%s for its result", parts[0], parts[0], parts[0])
		}
		w.Treated = parts[0] == "new"
		parts = parts[1:]
	}
	for i, p := range parts {
		parts[i] = catalog.Quote(p)
	}
	w.Name = strings.Join(parts, ".")
	return w, nil
}

func pathOf(n ast.Node) (parts []string, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return []string{n.Value}, true
	case *ast.MemberNode:
		property, text := n.Property.(*ast.StringNode)
		parts, ok := pathOf(n.Node)
		if !ok || !text || n.Optional || n.Method {
			return nil, false
		}
		return append(parts, property.Value), true
	}
	return nil, false
}
