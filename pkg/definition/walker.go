package definition

import (
	"slices"
	"strconv"

	"github.com/masker-project/masker/pkg/sqltext"
)

// walker reads the tokens of one text, and decides what each name is: a word of the language, a column, a relation, a
// type or a function. It knows only the part of the grammar of SQL and PL/pgSQL that this decision needs.
type walker struct {
	s      *schema
	d      *draft
	tokens []token
	i      int

	program  bool            // the text is statements, not the command of an entry
	start    bool            // a statement begins here
	declares bool            // the walker is in the DECLARE part of a block
	local    map[string]bool // names that the text declares
	frames   []frame
	opener   frame // the frame that the next parenthesis opens
	operator int   // index after the last OPERATOR()
	headAt   int   // index of the word that begins the statement
	depth    int   // number of EXECUTE texts around this text

	defaultAt int  // number of open frames around the DEFAULT that is read now
	columns   bool // the next parenthesis holds the columns of a table
}

// frame is an open parenthesis or CASE, or the whole text.
type frame struct {
	inCase     bool     // the frame is a CASE
	relations  bool     // the walker is in a list of relations, after FROM
	expect     nodeKind // reading or writing if the next name is a relation, else none
	expression bool     // FROM is a part of a call here, as in EXTRACT and SUBSTRING
	cast       bool     // AS is followed by a type here
	query      bool     // the parenthesis contains a WITH query
	columns    bool     // the parenthesis contains the columns of a table
	queries    []string // the WITH queries whose names are known here
}

const none nodeKind = -1

func (s *schema) walk(d *draft, tokens []token, program bool) {
	w := &walker{s: s, d: d, tokens: tokens, program: program, start: program, headAt: -1, local: map[string]bool{}}
	w.columns = d.kind == "TABLE" && w.at(0).Is("(")
	w.run()
}

func (w *walker) run() {
	w.frames = []frame{{expect: none}}
	w.opener = frame{expect: none}
	w.declareLocals()
	for w.i < len(w.tokens) {
		from := w.i
		w.step()
		if w.i == from {
			w.i++
		}
	}
	if len(w.frames) != 1 {
		w.refuse("has SQL that cannot be read")
	}
}

func (w *walker) step() {
	t := w.at(0)
	if w.d.part == inDefault && len(w.frames) == w.defaultAt && t.Is(",", ")", "not", "constraint", "check", "generated") {
		w.d.part = always
	}
	if t.Is("default") {
		w.defaults()
	}
	if w.start && w.program && !t.Is(";") {
		w.start, w.headAt = false, w.i
		if w.head(t) {
			return
		}
	}
	if w.top().columns && w.at(-1).Is("(", ",") && t.Name() && !t.Is("constraint", "check", "exclude", "primary", "unique", "foreign") {
		w.i++
		w.typeName()
		return
	}
	switch t.Kind {
	case sqltext.Operator:
		w.infix(t.Value)
		w.i++
	case sqltext.Symbol:
		w.symbol(t)
	case sqltext.Word, sqltext.Quoted:
		w.name()
	default:
		w.i++
	}
}

func (w *walker) infix(operator string) {
	if operator == "=>" { // before the value of a named argument
		return
	}
	if n := (node{operating, operator}); len(w.s.provided[n]) > 0 {
		w.d.use(n, "uses operator")
	} else if !operators[operator] {
		w.refuse("uses operator " + operator + ", which masker does not know")
	}
}

func (w *walker) symbol(t token) {
	w.i++
	switch t.Value {
	case "(":
		f := w.opener
		f.columns, w.columns = w.columns, false
		w.opener = frame{expect: none}
		if top := w.top(); top.expect != none && !f.expression && !f.cast {
			if !w.at(0).Is("select", "with", "values", "insert", "update", "delete", "merge") {
				f.expect, f.relations = top.expect, true
			}
			top.expect = none
		}
		w.frames = append(w.frames, f)
	case ")":
		if len(w.frames) == 1 || w.top().inCase {
			w.refuse("has SQL that cannot be read")
			return
		}
		query := w.top().query
		w.frames = w.frames[:len(w.frames)-1]
		if query && w.at(0).Is(",") {
			w.i++
			w.query()
		}
	case ",":
		if top := w.top(); top.relations {
			top.expect = reading
		}
	case ";":
		top := w.top()
		top.relations, top.expect, top.queries = false, none, nil
		w.start = len(w.frames) == 1 || w.program
	case "::":
		w.typeName()
	case ".":
		if w.at(0).Name() {
			w.field(w.at(0).Value, false, w.program)
			w.i++
		}
	}
}

// knowsQuery reports whether the name of a WITH query is known at the walker's position.
func (w *walker) knowsQuery(name string) bool {
	return slices.ContainsFunc(w.frames, func(f frame) bool { return slices.Contains(f.queries, name) })
}

func (w *walker) top() *frame { return &w.frames[len(w.frames)-1] }

func (w *walker) refuse(reason string) { w.d.because(reason) }

// at returns the token n places further. Before the first and after the last token, it returns a token of no kind.
func (w *walker) at(n int) token {
	if n += w.i; n < 0 || n >= len(w.tokens) {
		return token{Kind: -1}
	}
	return w.tokens[n]
}

// skip skips the keywords if all of them come next. It reports whether they come next.
func (w *walker) skip(texts ...string) bool {
	for n, text := range texts {
		if !w.at(n).Is(text) {
			return false
		}
	}
	w.i += len(texts)
	return true
}

// find moves the walker to the first place outside parentheses where the keywords come, and reports whether there is
// such a place. The walker then stands at the last of the keywords.
func (w *walker) find(texts ...string) bool {
	depth := 0
	for ; w.i < len(w.tokens); w.i++ {
		switch t := w.at(0); {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth == 0:
			at := w.i
			if w.skip(texts...) {
				w.i = at + len(texts) - 1
				return true
			}
		}
	}
	return false
}

// relation skips the keyword at the walker's position, and the keyword ONLY if it follows. Then relation reads a name,
// and returns the last part of the name.
func (w *walker) relation() string {
	w.i++
	w.skip("only")
	return last(w.path())
}

// path reads a name with dots between its parts.
func (w *walker) path() (parts []token) {
	for w.at(0).Name() {
		parts = append(parts, w.at(0))
		w.i++
		if !w.at(0).Is(".") || !w.at(1).Name() {
			break
		}
		w.i++
	}
	return parts
}

func last(parts []token) string {
	if len(parts) == 0 {
		return ""
	}
	return parts[len(parts)-1].Value
}

// declareLocals notes the names that the text itself gives to columns. These are the names after AS, and the lists of
// names after an alias.
func (w *walker) declareLocals() {
	for i, t := range w.tokens {
		if !t.Is("as") || i+1 == len(w.tokens) || !w.tokens[i+1].Name() {
			continue
		}
		w.local[w.tokens[i+1].Value] = true
		w.listed(i + 2)
	}
	for i := 1; i < len(w.tokens); i++ {
		if w.tokens[i].Name() && w.tokens[i-1].Is(")", "ordinality", "with", "recursive", ",") {
			w.listed(i + 1)
		}
	}
}

// listed notes the names in a list in parentheses at index i. The first name of each item counts. listed stops at an
// inner parenthesis.
func (w *walker) listed(i int) {
	if i >= len(w.tokens) || !w.tokens[i].Is("(") {
		return
	}
	for j := i + 1; j < len(w.tokens) && !w.tokens[j].Is("(", ")"); j++ {
		if w.tokens[j].Name() && w.tokens[j-1].Is("(", ",") {
			w.local[w.tokens[j].Value] = true
		}
	}
}

func idName(id int) string { return strconv.Itoa(id) }

// visible returns a name for the text of a reason. A quoted name stays in quotes, so that nobody takes it for words of
// the reason.
func visible(parts []token) string {
	text := ""
	for i, p := range parts {
		if i > 0 {
			text += "."
		}
		if p.Value == placeholder {
			text += "%I"
		} else if p.Kind == sqltext.Quoted {
			text += strconv.Quote(p.Value)
		} else {
			text += p.Value
		}
	}
	return text
}
