package sqlexpr

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// maxDepth is the largest depth of brackets that Parse reads.
const maxDepth = 200

type parser struct {
	tokens []token
	pos    int
	depth  int
}

// end stands for the token after the last one.
var end = token{Kind: -1}

func (p *parser) peek() token {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	return end
}

func (p *parser) next() token {
	t := p.peek()
	p.pos++
	return t
}

// skip reads the given symbols or words, if all of them come next in this order.
func (p *parser) skip(texts ...string) bool {
	for i, s := range texts {
		if p.pos+i >= len(p.tokens) {
			return false
		}
		if !p.tokens[p.pos+i].Is(s) {
			return false
		}
	}
	p.pos += len(texts)
	return true
}

// expr reads an operand, and then operators with their operands from left to right.
func (p *parser) expr() (*Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errSyntax
	}
	defer func() { p.depth-- }()
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		name, ok := p.infix()
		if !ok {
			return left, nil
		}
		if strings.HasPrefix(name, "is ") && !strings.HasSuffix(name, " from") {
			left = &Expr{Kind: Operator, Name: name, Args: []*Expr{left}}
			continue
		}
		right, err := p.unary()
		if err != nil {
			return nil, err
		}
		left = &Expr{Kind: Operator, Name: name, Args: []*Expr{left, right}}
	}
}

// infix reads an operator that stands after an operand.
func (p *parser) infix() (string, bool) {
	t := p.peek()
	switch {
	case t.Kind == sqltext.Operator:
		p.pos++
		return t.Value, true
	case t.Kind != sqltext.Word:
		return "", false
	case t.Value == "and" || t.Value == "or":
		p.pos++
		return t.Value, true
	case p.skip("at", "time", "zone"):
		return "at time zone", true
	case p.skip("operator", "("):
		return p.qualifiedOperator()
	case p.skip("is", "distinct", "from"):
		return "is distinct from", true
	case p.skip("is", "not", "distinct", "from"):
		return "is not distinct from", true
	}
	for _, is := range []string{"is null", "is not null", "is true", "is not true", "is false", "is not false", "is unknown", "is not unknown"} {
		if p.skip(strings.Fields(is)...) {
			return is, true
		}
	}
	return "", false
}

// qualifiedOperator reads the rest of OPERATOR(schema.=). The schema stays in the name, unless it is pg_catalog.
func (p *parser) qualifiedOperator() (string, bool) {
	schema := p.next()
	if !schema.Name() || !p.skip(".") {
		return "", false
	}
	name := p.next()
	if name.Kind != sqltext.Operator || !p.skip(")") {
		return "", false
	}
	if schema.Value == "pg_catalog" {
		return name.Value, true
	}
	return schema.Value + "." + name.Value, true
}

func (p *parser) unary() (*Expr, error) {
	t := p.peek()
	switch {
	case t.Is("-", "+", "~", "@", "|/", "||/", "!!"):
		p.pos++
		return p.wrap(Operator, t.Value, p.unary)
	case t.Kind == sqltext.Word && t.Value == "not":
		p.pos++
		return p.wrap(Operator, "not", p.unary)
	}
	e, err := p.primary()
	if err != nil {
		return nil, err
	}
	return p.suffixes(e)
}

func (p *parser) wrap(k Kind, name string, read func() (*Expr, error)) (*Expr, error) {
	e, err := read()
	if err != nil {
		return nil, err
	}
	return &Expr{Kind: k, Name: name, Args: []*Expr{e}}, nil
}

// suffixes reads casts, subscripts, fields and collations.
func (p *parser) suffixes(e *Expr) (*Expr, error) {
	for {
		switch {
		case p.skip("::"):
			cast := &Expr{Kind: Cast, Args: []*Expr{e}}
			if err := p.typeOf(cast); err != nil {
				return nil, err
			}
			e = cast
		case p.skip("["):
			args, err := p.list("]")
			if err != nil {
				return nil, err
			}
			e = &Expr{Kind: Other, Name: "subscript", Args: append([]*Expr{e}, args...)}
		case p.skip("."):
			p.pos++
			e = &Expr{Kind: Other, Name: "field", Args: []*Expr{e}}
		case p.skip("collate"):
			if _, err := p.path(); err != nil {
				return nil, err
			}
		default:
			return e, nil
		}
	}
}

func (p *parser) primary() (*Expr, error) {
	t := p.next()
	switch {
	case t.Kind == sqltext.String || t.Kind == sqltext.Number:
		return &Expr{Kind: Literal, Text: t.Value}, nil
	case t.Is("("):
		return p.brackets()
	case t.Kind == sqltext.Quoted:
		p.pos--
		return p.name()
	case t.Kind != sqltext.Word:
		return nil, errSyntax
	}
	switch t.Value {
	case "null", "true", "false":
		return &Expr{Kind: Literal, Name: strings.ToUpper(t.Value)}, nil
	case "case":
		return p.chain("case", "when", "then", "else", "end")
	case "array":
		if p.skip("[") {
			args, err := p.list("]")
			return &Expr{Kind: Other, Name: "array", Args: args}, err
		}
		return nil, errSyntax
	case "any", "all", "row":
		if !p.skip("(") {
			return nil, errSyntax
		}
		args, err := p.list(")")
		return &Expr{Kind: Other, Name: t.Value, Args: args}, err
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role", "user", "current_catalog", "current_schema":
		return &Expr{Kind: Call, Name: t.Value}, nil
	case "select", "exists":
		return nil, errSyntax
	}
	p.pos--
	return p.name()
}

// brackets reads what stands in parentheses: an expression, or a row.
func (p *parser) brackets() (*Expr, error) {
	args, err := p.list(")")
	if err != nil || len(args) == 0 {
		return nil, errSyntax
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return &Expr{Kind: Other, Name: "row", Args: args}, nil
}

// name reads a column or a call.
func (p *parser) name() (*Expr, error) {
	parts, err := p.path()
	if err != nil {
		return nil, err
	}
	if !p.skip("(") {
		if len(parts) > 1 { // a column after the name of its table. PostgreSQL does not print this form in these expressions
			return nil, errSyntax
		}
		return &Expr{Kind: Column, Name: parts[0]}, nil
	}
	if parts[0] == "pg_catalog" && len(parts) == 2 {
		parts = parts[1:]
	}
	call := &Expr{Kind: Call, Name: strings.Join(parts, ".")}
	if call.Name == "extract" { // the field before FROM is a word of SQL, and no column
		call.Args = []*Expr{{Kind: Literal, Text: p.next().Value}}
	}
	args, err := p.list(")")
	call.Args = append(call.Args, args...)
	return call, err
}

// path reads a name with dots between its parts.
func (p *parser) path() ([]string, error) {
	var parts []string
	for {
		t := p.next()
		if !t.Name() {
			return nil, errSyntax
		}
		parts = append(parts, t.Value)
		if !p.skip(".") {
			return parts, nil
		}
	}
}

// list reads expressions up to the closing bracket. SQL's own functions have words between arguments in place of commas
// (EXTRACT(year FROM x), SUBSTRING(x FROM 1 FOR 2), TRIM(BOTH FROM x)), and slices have a colon.
func (p *parser) list(closing string) ([]*Expr, error) {
	var args []*Expr
	separated := true
	for !p.skip(closing) {
		if p.separator() {
			separated = true
			continue
		}
		if !separated {
			return nil, errSyntax
		}
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		args, separated = append(args, e), false
	}
	return args, nil
}

// separators are the words that may stand in place of a comma or before an argument.
var separators = []string{"from", "for", "in", "both", "leading", "trailing", "placing", "variadic"}

func (p *parser) separator() bool {
	t := p.peek()
	if !t.Is(",", ":") && (t.Kind != sqltext.Word || !slices.Contains(separators, t.Value)) {
		return false
	}
	p.pos++
	return true
}

// chain reads expressions with the words between them, up to the word end.
func (p *parser) chain(name string, words ...string) (*Expr, error) {
	e := &Expr{Kind: Other, Name: name}
	for !p.skip("end") {
		if t := p.peek(); t.Kind == sqltext.Word && slices.Contains(words, t.Value) {
			p.pos++
			continue
		}
		arg, err := p.expr()
		if err != nil {
			return nil, err
		}
		e.Args = append(e.Args, arg)
	}
	return e, nil
}

// typeWords are the words that continue the name of a type.
var typeWords = map[string][]string{
	"character": {"varying"}, "bit": {"varying"}, "double": {"precision"},
	"timestamp": {"with", "without", "time", "zone"}, "time": {"with", "without", "time", "zone"},
	"interval": {"year", "month", "day", "hour", "minute", "second", "to"},
}

// typeOf reads the name of a type and its modifiers into a cast.
func (p *parser) typeOf(cast *Expr) error {
	parts, err := p.path()
	if err != nil {
		return err
	}
	cast.Name = strings.Join(parts, ".")
	more := typeWords[cast.Name]
	for {
		t := p.peek()
		switch {
		case t.Kind == sqltext.Word && slices.Contains(more, t.Value):
			p.pos++
			cast.Name += " " + t.Value
		case t.Is("("):
			p.pos++
			list, err := p.list(")")
			if err != nil {
				return err
			}
			modifiers := make([]string, len(list))
			for i, m := range list {
				modifiers[i] = m.Text
			}
			cast.Text = strings.Join(modifiers, ",")
		case p.skip("[", "]"):
			cast.Name += "[]"
		default:
			return nil
		}
	}
}
