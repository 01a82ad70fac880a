package plan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// outcome says what an expression returns after the columns of its row are treated. The zero value means that the
// expression returns the same result as in the source.
type outcome struct {
	treated  *columnState // a treated column that the outcome depends on, or nil
	null     bool         // NULL in every row
	sameNull bool         // NULL in the same rows as in the source
	truth    *bool        // the outcome of every row, if it is known to be true or false
	constant bool         // one outcome for all rows, except that NULL may stay NULL
	unique   bool         // different results in the source become different results
	space    float64      // the number of different outcomes, 0 if it is not known
	text     bool         // a text, or a value of JSON: a cast to another type reads its characters
	folds    bool         // two results may be equal except for the case of their letters
	digits   bool         // every digit became a digit, and the rest stayed
	fails    string       // what cannot be computed from the results
	unsure   string       // what masker does not know about the computation
	lost     bool         // true in the source, but false in the target for the rows in which the treated column has a value
	then     string       // what happens if the computation fails in a row: "and then the index is left out", or "" if the refresh stops
}

// evaluator computes the outcomes of expressions over one table.
type evaluator struct {
	b     *builder
	t     *tableState
	inner bool         // inside the expression of a generated column. No generated column reads another generated column
	value *columnState // the column that VALUE stands for in the CHECK constraint of a domain, or nil
}

// text returns the outcome of an expression in SQL. The argument has the form in which PostgreSQL prints expressions.
// An expression that sqlexpr does not read may depend on every column that it names.
func (e evaluator) text(sql string) outcome {
	if sql == "" {
		return outcome{}
	}
	if x, err := sqlexpr.Parse(sql); err == nil {
		return e.of(x)
	}
	names := sqlexpr.Names(sql)
	for _, c := range e.t.columns {
		if c.treated() && (slices.Contains(names, c.cat.Name) || slices.Contains(names, e.t.cat.Name.Name)) {
			return outcome{treated: c, unsure: "masker cannot read the expression"}
		}
	}
	return outcome{}
}

func (e evaluator) of(x *sqlexpr.Expr) outcome {
	switch x.Kind {
	case sqlexpr.Column:
		return e.column(x.Name)
	case sqlexpr.Literal:
		return literal(x)
	case sqlexpr.Cast:
		return castOf(e.of(x.Args[0]), x)
	case sqlexpr.Operator:
		if o, ok := e.documentPath(x); ok {
			return o
		}
		if e.asksForKey(x) {
			return outcome{}
		}
		if o, ok := e.logic(x); ok {
			return o
		}
		if o, ok := e.countsNulls(x); ok {
			return o
		}
	}
	args := make([]outcome, len(x.Args))
	for i, a := range x.Args {
		args[i] = e.of(a)
	}
	return combine(x, args)
}

func literal(x *sqlexpr.Expr) outcome {
	o := outcome{constant: true, sameNull: true, unique: true, text: true}
	switch x.Name {
	case "NULL":
		o.null = true
	case "TRUE", "FALSE":
		truth := x.Name == "TRUE"
		o.truth = &truth
	}
	return o
}

func (e evaluator) column(name string) outcome {
	c := e.t.column(name)
	if c == nil && name == "value" {
		c = e.value
	}
	switch {
	case c == nil || c.cat.Generated && e.inner:
		return outcome{}
	case c.cat.Generated:
		return evaluator{b: e.b, t: e.t, inner: true}.text(c.cat.Default)
	case !c.treated():
		return outcome{text: readsAsText(c.cat.Type)}
	}
	o := useOutcome(c.use, c.traits)
	o.treated, o.text = c, readsAsText(c.cat.Type)
	return o
}

func readsAsText(t catalog.Type) bool { return t.Family == catalog.Text || t.Family == catalog.JSON }

// useOutcome returns the outcome of a treatment.
func useOutcome(u transform.Use, traits transform.Traits) outcome {
	o := outcome{unique: traits.Unique, space: traits.Space, sameNull: keepsNull(u), digits: keepsDigits(u)}
	o.folds = u.Treatment == "permute" || u.Treatment == "keep" || len(u.Paths) > 0
	switch {
	case u.Is("null"):
		o.null, o.constant, o.unique = true, true, true
	case u.Is("constant"), u.Is("redact"):
		o.constant, o.space = true, 1
		if truth, ok := u.Params["value"].(bool); ok {
			o.truth = &truth
		}
	}
	return o
}

// keepsNull reports whether the treatment gives NULL for NULL, and for no other value.
func keepsNull(u transform.Use) bool {
	return u.Params["special"] != "null" && !slices.Contains([]string{"null", "expr", "command", "map"}, u.Treatment) && (u.Else == nil || keepsNull(*u.Else))
}

// documentPath returns the outcome of doc ->> 'key', doc -> 'a' ->> 'b' and doc #>> '{a,b}', for a document that is
// treated path by path.
func (e evaluator) documentPath(x *sqlexpr.Expr) (outcome, bool) {
	name, path, ok := pathIn(x)
	if !ok {
		return outcome{}, false
	}
	c := e.t.column(name)
	if c == nil || !c.treated() || len(c.use.Paths) == 0 {
		return outcome{}, false
	}
	o := outcome{treated: c, text: true, unsure: ""}
	for _, p := range c.use.Paths {
		switch {
		case p.Path != path && !strings.HasPrefix(path, p.Path+".") && !strings.HasPrefix(path, p.Path+"["):
			continue
		case p.Use.Is("keep"):
			return outcome{text: true}, true
		case p.Path != path:
			return o, true
		}
		traits, err := library.Check(transform.Column{Name: c.cat.Name, Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}}, p.Use)
		if err != nil {
			_, err = library.Check(transform.Column{Name: c.cat.Name, Type: catalog.Type{Name: "numeric", Base: "numeric", Family: catalog.Numeric}}, p.Use)
			o.digits = err == nil // the treatment takes numbers, so a number of the document stays a number
			return o, true
		}
		o = useOutcome(p.Use, traits)
		o.treated, o.text = c, true
		return o, true
	}
	if keepsRest(c.use.Paths, path) {
		return outcome{text: true}, true
	}
	return o, true
}

// asksForKey reports whether an expression asks a document for a key, and every rule for the document is about values
// below a key. The keys of the document then stay as they are.
func (e evaluator) asksForKey(x *sqlexpr.Expr) bool {
	if !x.IsOperator("?", "?|", "?&") || len(x.Args) != 2 || x.Args[0].Kind != sqlexpr.Column {
		return false
	}
	c := e.t.column(x.Args[0].Name)
	return c != nil && c.cat.Type.Family == catalog.JSON && len(c.use.Paths) > 0 && !slices.ContainsFunc(c.use.Paths, func(p transform.Path) bool {
		return !strings.HasPrefix(p.Path, "$.") || strings.HasPrefix(p.Path, "$..") || strings.HasPrefix(p.Path, "$.*") || strings.Contains(p.Path, "~")
	})
}

// keepsRest reports whether the rules for a document keep everything at a path, because they keep all paths that they
// do not list.
func keepsRest(paths []transform.Path, path string) bool {
	rest := false
	for _, p := range paths {
		switch {
		case p.Path == "$..*":
			rest = p.Use.Is("keep")
		case p.Use.Is("keep"):
		case strings.HasPrefix(p.Path, path+".") || strings.HasPrefix(p.Path, path+"["):
			return false
		case !plainPath.MatchString(p.Path):
			return false // it may reach into the path
		}
	}
	return rest
}

var plainPath = regexp.MustCompile(`^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$`)

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// letterFirst matches the keys that rules write in quotes, such as "E-Mail". A key that begins with a digit may be the
// number of an element, and a key with a quote would need an escape.
var letterFirst = regexp.MustCompile(`^[\pL_][\pL\pN_ .:/-]*$`)

// pathIn returns the column and the path that an expression reads from a document.
func pathIn(x *sqlexpr.Expr) (column, path string, ok bool) {
	switch {
	case x.Kind == sqlexpr.Column:
		return x.Name, "$", true
	case x.Kind == sqlexpr.Cast && (x.Name == "json" || x.Name == "jsonb"):
		return pathIn(x.Args[0])
	case !x.IsOperator("->", "->>", "#>", "#>>") || len(x.Args) != 2:
		return "", "", false
	}
	column, path, ok = pathIn(x.Args[0])
	key := x.Args[1]
	for key.Kind == sqlexpr.Cast {
		key = key.Args[0]
	}
	if !ok || key.Kind != sqlexpr.Literal {
		return "", "", false
	}
	steps := []string{key.Text}
	if strings.HasPrefix(x.Name, "#") {
		steps = strings.Split(strings.Trim(key.Text, "{}"), ",")
	}
	for _, s := range steps {
		switch {
		case plainKey.MatchString(s):
			path += "." + s
		case letterFirst.MatchString(s) && !strings.HasPrefix(x.Name, "#"):
			path += "." + strconv.Quote(s)
		default:
			return "", "", false
		}
	}
	return column, path, true
}

// logic returns the outcome of AND, OR, NOT and IS. This outcome can be known even if a column is treated.
func (e evaluator) logic(x *sqlexpr.Expr) (outcome, bool) {
	if !x.IsOperator("and", "or", "not", "is null", "is not null", "is true", "is not false") {
		return outcome{}, false
	}
	args := make([]outcome, len(x.Args))
	for i, a := range x.Args {
		args[i] = e.of(a)
	}
	first := args[0]
	treated := combine(x, args).treated
	known := func(v bool) (outcome, bool) { return outcome{treated: treated, truth: &v, constant: true}, true }
	switch x.Name {
	case "is null", "is not null":
		switch {
		case first.null:
			return known(x.Name == "is null")
		case first.treated != nil && first.sameNull && first.fails == "" && first.unsure == "":
			return outcome{}, true
		}
	case "not":
		if first.truth != nil {
			return known(!*first.truth)
		}
	case "is true", "is not false":
		return first, true
	case "and", "or":
		// One argument can decide alone: false decides AND, and true decides OR.
		decides := x.Name == "or"
		var rest []outcome
		var settled *columnState // a treated column of an argument that no longer decides
		for _, a := range args {
			switch {
			case a.truth != nil && *a.truth == decides:
				return known(decides)
			case a.truth == nil:
				rest = append(rest, a)
			case a.treated != nil:
				settled = a.treated
			}
		}
		if len(rest) == 0 {
			return known(!decides)
		}
		if settled == nil && len(rest) == 1 {
			return rest[0], true
		}
		o := combine(x, rest)
		if o.treated == nil {
			o = outcome{treated: settled} // the other arguments decide alone, which they did not do in the source
		}
		return o, true
	}
	return combine(x, args), true
}
