package ruleset

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a rule file. Real files stay far below them, and a hostile file is refused before it costs much
// time. maxLine also helps reviewers, because every problem shows its line.
const (
	MaxFile  = 8 << 20  // bytes of a rule file, a hook or a dictionary
	maxLine  = 16 << 10 // bytes
	maxDepth = 32       // levels of nesting
)

// reader reads one file and collects its problems.
type reader struct {
	set      *Set
	src      *source
	pack     string // name of the pack being read, "" for a rule file
	problems *Problems
	read     func(path string) ([]byte, error) // reads a hook or a dictionary
}

// pair is an entry of a mapping.
type pair struct {
	key   string
	pos   Pos
	value ast.Node
}

func (r *reader) fail(at Pos, format string, args ...any) {
	p := Problem{Pos: at, Text: fmt.Sprintf(format, args...), Excerpt: r.src.excerpt(at)}
	*r.problems = append(*r.problems, p)
}

// document parses the file's one YAML document. If the file cannot be used, document adds a problem and returns nil.
func (r *reader) document(data []byte) ast.Node {
	if line, msg := overBound(data, r.src.lines); msg != "" {
		r.fail(Pos{File: r.src.name, Line: line}, "%s", msg)
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if at := tooDeep(tokens); at != nil {
		r.fail(r.at(at), "nested deeper than %d levels", maxDepth)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			r.fail(r.pos(doc.Body), "a second YAML document; a rule file is one document")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		r.fail(Pos{File: r.src.name}, "the file is empty; a rule file needs at least `revision` or `tables`")
		return nil
	}
	if r.refused(body) {
		return nil
	}
	return body
}

// overBound returns the line that is over a limit, and a message. If the file itself is too large, line
// is 0. If nothing is over a limit, msg is "".
func overBound(data []byte, lines []string) (line int, msg string) {
	if len(data) > MaxFile {
		return 0, fmt.Sprintf("larger than %d MiB; split the rules into several files", MaxFile>>20)
	}
	for i, l := range lines {
		if len(l) > maxLine {
			return i + 1, fmt.Sprintf("the line is longer than %d KiB; break it after a comma, or write one entry a line", maxLine>>10)
		}
	}
	return 0, ""
}

// tooDeep returns the first token that nests deeper than maxDepth. It counts brackets and entries that begin on the
// same line. The parser is recursive, so deeper nesting could exhaust its stack. Nesting by indentation needs no check,
// because the size of the file limits its depth.
func tooDeep(tokens token.Tokens) *token.Token {
	flow, inline, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			inline, line = 0, tk.Position.Line
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			inline++
		}
		if flow > maxDepth || inline > maxDepth {
			return tk
		}
	}
	return nil
}

func (r *reader) syntax(err error) {
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if errors.As(err, &at) && at.GetToken() != nil {
		message := at.GetMessage()
		if strings.ContainsRune(message, '\t') {
			message = "YAML does not allow tabs for indentation; use spaces"
		}
		r.fail(r.at(at.GetToken()), "not YAML: %s", message)
		return
	}
	r.fail(Pos{File: r.src.name}, "not YAML")
}

func (r *reader) at(tk *token.Token) Pos {
	return Pos{File: r.src.name, Line: tk.Position.Line, Col: tk.Position.Column}
}

// pos returns the position of a node. A block mapping has the position of its first key.
func (r *reader) pos(n ast.Node) Pos {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return r.pos(v.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return r.pos(v.Key)
	}
	if n == nil || n.GetToken() == nil {
		return Pos{File: r.src.name}
	}
	return r.at(n.GetToken())
}

// refused adds a problem for every YAML feature that rule files must not use, and reports whether there are any. A
// reviewer must see each decision at the place where it applies. Anchors, merge keys and tags hide decisions.
func (r *reader) refused(body ast.Node) bool {
	v := &refusals{r: r}
	ast.Walk(v, body)
	return v.found
}

type refusals struct {
	r     *reader
	found bool
}

func (v *refusals) Visit(n ast.Node) ast.Visitor {
	what := ""
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		what = "anchors and aliases are not supported: write the rule where it applies"
	case *ast.MergeKeyNode:
		what = "merge keys are not supported: write the rule where it applies"
	case *ast.TagNode:
		what = "tags are not supported: quote the value instead"
	case *ast.MappingKeyNode:
		what = "`? key` is not supported: write `key: value`"
	}
	if what != "" {
		v.found = true
		v.r.fail(v.r.pos(n), "%s", what)
		return nil
	}
	return v
}

// pairs returns the entries of a mapping. A duplicate key is a problem, and pairs returns its first entry only.
func (r *reader) pairs(n ast.Node, what string) []pair {
	var values []*ast.MappingValueNode
	switch v := n.(type) {
	case *ast.MappingNode:
		values = v.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{v}
	case nil, *ast.NullNode:
		r.fail(r.pos(n), "%s is empty", what)
		return nil
	default:
		r.fail(r.pos(n), "%s must be a mapping, `key: value`", what)
		return nil
	}
	seen := map[string]Pos{}
	var out []pair
	for _, v := range values {
		p := pair{key: keyText(v.Key), pos: r.pos(v.Key), value: v.Value}
		if first, dup := seen[p.key]; dup {
			r.fail(p.pos, "%q is already at %s", p.key, first)
			continue
		}
		seen[p.key] = p.pos
		out = append(out, p)
	}
	return out
}

// keyText returns a key as it is written, because a column can be named null, true or 1.
func keyText(n ast.MapKeyNode) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return strings.TrimSpace(n.GetToken().Value)
}

// text reads a string. If YAML does not read the value as a string, text adds a problem.
func (r *reader) text(n ast.Node, what string) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(v.Value.Value, "\n"), true
	case nil, *ast.NullNode:
		r.fail(r.pos(n), "%s is empty", what)
	case ast.ScalarNode:
		r.fail(r.pos(n), "%s must be a string; quote it", what)
	default:
		r.fail(r.pos(n), "%s must be a string", what)
	}
	return "", false
}

// reason reads a text that must say something: it needs a letter or a digit. A dot, a dash or invisible characters say
// nothing.
func (r *reader) reason(n ast.Node, what string) (string, bool) {
	if _, null := n.(*ast.NullNode); null || n == nil {
		r.fail(r.pos(n), "%s needs a reason: say why for the reviewer", what)
		return "", false
	}
	s, ok := r.text(n, "the reason of "+what)
	if ok && !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }) {
		r.fail(r.pos(n), "%s needs a reason: say why for the reviewer", what)
		return "", false
	}
	return strings.TrimSpace(s), ok
}

func (r *reader) list(n ast.Node, what string) []ast.Node {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fail(r.pos(n), "%s must be a list, `[a, b]`", what)
		return nil
	}
	return seq.Values
}

// value reads a parameter as plain data: string, int64, float64, bool, nil, []any, map[string]any.
func (r *reader) value(n ast.Node, what string) any {
	switch v := n.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.BoolNode:
		return v.Value
	case *ast.FloatNode:
		return v.Value
	case *ast.IntegerNode:
		return r.integer(v, what)
	case *ast.SequenceNode:
		out := make([]any, len(v.Values))
		for i, e := range v.Values {
			out[i] = r.value(e, what)
		}
		return out
	case *ast.MappingNode, *ast.MappingValueNode:
		out := map[string]any{}
		for _, p := range r.pairs(n, what) {
			out[p.key] = r.value(p.value, what)
		}
		return out
	}
	r.fail(r.pos(n), "%s: this kind of value is not supported; quote it if it is a text", what)
	return nil
}

func (r *reader) integer(n *ast.IntegerNode, what string) any {
	switch v := n.Value.(type) {
	case int64:
		return v
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
	}
	r.fail(r.pos(n), "%s: the number does not fit in 64 bits", what)
	return nil
}

// Insertion says where an entry can be added to a mapping of a rule file.
type Insertion struct {
	File   string
	Line   int  // block style: new lines go below this line. Flow style: the line of the opening bracket
	Col    int  // flow style: new text goes before this column. Block style: 0
	Indent int  // block style: spaces before a new entry
	Empty  bool // flow style: the mapping has no entries yet
}

// insertion returns where entries of the mapping under key can be added.
func (r *reader) insertion(key Pos, n ast.Node) Insertion {
	p := Insertion{File: r.src.name, Line: key.Line, Indent: key.Col + 1}
	m, ok := n.(*ast.MappingNode)
	switch {
	case ok && m.IsFlowStyle:
		at := r.at(m.Start)
		p.Line, p.Col, p.Empty = at.Line, at.Col+1, len(m.Values) == 0
	case ok && len(m.Values) > 0:
		p.Indent = r.pos(m).Col - 1
	}
	return p
}
