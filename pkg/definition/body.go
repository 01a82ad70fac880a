package definition

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// heads are the words that may begin a statement in the body of a silent function. The walker reads the tokens after
// such a word like any other tokens.
var heads = words(`select insert update delete with values merge perform return if elsif while for foreach raise assert get open
	close move exit continue null case when call exception end execute do`)

// head reads the beginning of a statement. It reports whether it read any token.
func (w *walker) head(t token) bool {
	switch {
	case t.Is("<<"): // a label
		w.i += 3
		w.start = true
		return true
	case t.Is("#") && w.at(1).Is("variable_conflict"):
		w.i += 3
		w.start = true
		return true
	case t.Is("("):
		return false
	case t.Is("declare"):
		w.declares, w.start = true, true
		w.i++
		return true
	case t.Is("begin"):
		w.declares, w.start = false, true
		w.i++
		w.skip("atomic")
		return true
	case w.declares:
		w.declaration()
		return true
	case t.Is("loop", "else"):
		w.i++
		w.start = true
		return true
	case t.Is("case"): // the statement CASE: THEN begins a statement
		w.i++
		return true
	case t.Is("end"):
		w.i++
		_ = w.skip("if") || w.skip("loop") || w.skip("case")
		return true
	case t.Is("fetch"):
		w.refuse("has the statement FETCH, which masker does not follow")
	case t.Kind == sqltext.Word && heads[t.Value]:
	case t.Name() && w.assigns():
	default:
		w.refuse("has the statement " + strings.ToUpper(visible([]token{t})) + ", which masker does not know")
	}
	return false
}

// assigns reports whether an assignment begins at the walker's position: v := …, v.f = …, v[1] := ….
func (w *walker) assigns() bool {
	depth := 0
	for n := 0; ; n++ {
		switch t := w.at(n); {
		case t.Is("["):
			depth++
		case t.Is("]"):
			depth--
		case t.Kind < 0 || t.Is(";"):
			return false
		case depth > 0 || t.Name() && n == 0 || t.Is("."):
		case t.Name():
			if !w.at(n - 1).Is(".") {
				return false
			}
		default:
			return t.Is(":=", "=")
		}
	}
}

// declaration reads the name and the type of a variable.
func (w *walker) declaration() {
	if !w.at(0).Name() {
		w.refuse("has SQL that cannot be read")
		return
	}
	w.local[w.at(0).Value] = true
	w.i++
	w.skip("constant")
	if w.at(0).Is("alias", "cursor", "no", "scroll") {
		return
	}
	w.typeName()
}

// execute reads EXECUTE in a body. The text to execute must be a constant, or a call of the function format with a
// constant that has no other directives than %I and %%. execute reads the text as SQL. In the place of each %I, it
// reads a name that no definition declares.
func (w *walker) execute() bool {
	if !w.program || w.at(1).Is("function", "procedure") && w.d.kind == "TRIGGER" {
		w.i++
		return true
	}
	w.i++
	text, end := w.at(0), w.i+1
	if w.at(0).Is("format") && w.at(1).Is("(") {
		text, end = w.at(2), w.closing(w.i+1)+1
		if !w.at(3).Is(",", ")") {
			text = token{Kind: -1}
		}
	}
	after := token{Kind: -1}
	if end < len(w.tokens) {
		after = w.tokens[end]
	}
	source := text.Value
	constant := text.Kind == sqltext.String && (after.Kind < 0 || after.Is(";", "into", "using", "loop"))
	if constant && w.at(0).Is("format") {
		text.Value, constant = withNames(text.Value)
	}
	if !constant || w.depth > 4 {
		w.refuse("has EXECUTE of a text that is not constant")
		return true
	}
	tokens, err := sqltext.Scan(text.Value)
	if err != nil || slices.ContainsFunc(tokens, misplaced) {
		w.refuse("has EXECUTE of a text that cannot be read")
		return true
	}
	if w.d.code == nil {
		w.d.code = map[string]bool{}
	}
	w.d.code[source] = true
	plain := sqltext.Plain(tokens)
	w.d.comments(tokens)
	w.d.literal(plain)
	inner := &walker{s: w.s, d: w.d, tokens: plain, program: true, start: true, headAt: -1, local: w.local, depth: w.depth + 1}
	inner.run()
	return true
}

// closing returns the index of the token ")" that closes the parenthesis at index i. If it is not
// closed, closing returns the number of tokens.
func (w *walker) closing(i int) int {
	depth := 0
	for ; i < len(w.tokens); i++ {
		if w.tokens[i].Is("(") {
			depth++
		} else if w.tokens[i].Is(")") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// placeholder stands for a name that the SQL function format puts into a text. No name in PostgreSQL has a zero byte.
const placeholder = "\x00name"

// misplaced reports whether a placeholder is inside a string, a comment or a longer name. A quote or another character
// in the real name could end such a string, comment or longer name.
func misplaced(t token) bool {
	return strings.Contains(t.Value, placeholder) && !(t.Kind == sqltext.Quoted && t.Value == placeholder)
}

// withNames replaces each %I of a text by the placeholder, and each %% by %. It returns false if the text has other
// directives of the SQL function format.
func withNames(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		i++
		for i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == '$') {
			i++
		}
		switch {
		case i < len(text) && text[i] == 'I':
			b.WriteString(` "` + placeholder + `" `)
		case i < len(text) && text[i] == '%':
			b.WriteByte('%')
		default:
			return "", false
		}
	}
	return b.String(), true
}

// routine finds what makes a CREATE FUNCTION or CREATE PROCEDURE reaching.
func (s *schema) routine(d *draft) {
	w := &walker{tokens: d.tokens}
	kind := strings.ToLower(d.kind)
	if !w.skip("create", kind) {
		d.because("has SQL that cannot be read")
		return
	}
	w.path()
	arguments := w.i
	if !w.at(0).Is("(") {
		d.because("has SQL that cannot be read")
		return
	}
	d.arguments = map[string]bool{}
	for end := w.closing(w.i); w.i < end; w.i++ { // the arguments, with their types and defaults
		d.arguments[w.at(0).Value] = d.arguments[w.at(0).Value] || w.at(0).Name()
	}
	w.i++
	language := ""
	body := 0
	for ; w.i < len(w.tokens) && body == 0; w.i++ {
		switch t := w.at(0); {
		case t.Is("("):
			w.i = w.closing(w.i)
		case t.Is("language"):
			language += last([]token{w.at(1)})
		case t.Is("as", "begin", "return"):
			body = w.i
		case t.Is("support", "transform", "window"):
			d.because("has the option " + t.Value + ", which masker does not follow")
		case t.Is("set"):
			s.setting(d, w.at(1).Value, w.values())
		}
	}
	if language != "sql" && language != "plpgsql" {
		d.because("is in another language than sql and plpgsql")
		for _, t := range d.tokens[min(body, len(d.tokens)):] {
			if t.Kind == sqltext.String {
				d.texts = append(d.texts, t.Value)
			}
		}
		return
	}
	if body == 0 {
		d.because("has SQL that cannot be read")
		return
	}
	s.walk(d, d.tokens[arguments:body], false)
	s.body(d, d.tokens[body:])
}

// values returns the values in SET name TO value, value.
func (w *walker) values() (values []string) {
	for n := 3; w.at(n).Kind == sqltext.String || w.at(n).Name(); n += 2 {
		values = append(values, w.at(n).Value)
		if !w.at(n + 1).Is(",") {
			break
		}
	}
	return values
}

// body finds what makes the body of a function reaching. The tokens begin with AS, BEGIN or RETURN.
func (s *schema) body(d *draft, tokens []token) {
	if !tokens[0].Is("as") {
		s.walk(d, tokens, true)
		return
	}
	if len(tokens) < 2 || tokens[1].Kind != sqltext.String || len(tokens) > 3 || len(tokens) == 3 && !tokens[2].Is(";") {
		d.because("has a body that cannot be read")
		return
	}
	inside, err := sqltext.Scan(tokens[1].Value)
	if err != nil {
		d.because("has a body that cannot be read")
		d.texts = append(d.texts, tokens[1].Value)
	}
	d.comments(inside)
	plain := sqltext.Plain(inside)
	d.literal(plain)
	s.walk(d, plain, true)
}
