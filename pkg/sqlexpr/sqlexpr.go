// Package sqlexpr reads SQL expressions in the form in which PostgreSQL prints the expressions of indexes, CHECK
// constraints and generated columns (pg_get_expr, pg_get_indexdef). In this form every operator stands in parentheses,
// so the package needs no table of precedences. The package reads syntax only: it knows no types, no functions and no
// catalog.
package sqlexpr

import (
	"errors"
	"slices"
	"strings"
)

// Kind says what an expression is.
type Kind int

// The kinds of expressions.
const (
	Column   Kind = iota // Name is the column. In the CHECK of a domain, the word VALUE is a Column with the Name value
	Literal              // Text is the value without quotes; NULL, TRUE and FALSE are literals too, with Name in capitals
	Call                 // Name is the function, without its schema if that is pg_catalog. SQL's own functions are in lower case: coalesce, extract, current_date
	Operator             // Name is the operator, "and", "or", "not", "is null", "is not null", "is distinct from", …
	Cast                 // Name is the type, without quotes and modifiers, such as numeric[]. Text is its modifiers, such as 10,2
	Other                // Name is case, array, row, any, all, subscript (of an array), or field (of a composite value)
)

// Expr is a node of an expression.
type Expr struct {
	Kind Kind
	Name string
	Text string
	Args []*Expr
}

// errSyntax is returned for anything that the package does not read. The error does not quote the expression, because
// the expression may contain data.
var errSyntax = errors.New("not an expression that masker can read")

// Parse reads an expression. It returns an error for anything that it does not know, for example a subquery.
func Parse(s string) (*Expr, error) {
	tokens, err := scan(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.tokens) {
		return nil, errSyntax
	}
	return e, nil
}

// Walk calls f for the expression and for everything below it.
func (e *Expr) Walk(f func(*Expr)) {
	f(e)
	for _, a := range e.Args {
		a.Walk(f)
	}
}

// Names returns every identifier and keyword in the text, each once, even if Parse cannot read the text. So Names shows
// which columns the text may read. If a part of the text is not SQL, Names returns only the words before this part.
func Names(s string) []string {
	tokens, _ := scan(s)
	var names []string
	for _, t := range tokens {
		if t.Name() && !slices.Contains(names, t.Value) {
			names = append(names, t.Value)
		}
	}
	return names
}

// IsCall reports whether the expression is a call of one of the named functions.
func (e *Expr) IsCall(names ...string) bool {
	return e.Kind == Call && slices.Contains(names, strings.ToLower(e.Name))
}

// IsOperator reports whether the expression is an operation with one of the named operators.
func (e *Expr) IsOperator(names ...string) bool {
	return e.Kind == Operator && slices.Contains(names, e.Name)
}
