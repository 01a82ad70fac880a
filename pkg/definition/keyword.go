package definition

import "github.com/masker-project/masker/pkg/sqltext"

// keyword reads a word of the language, and reports whether the word was one. A function of the schema may have the
// name of a word that is not reserved. If there is such a function, the word before a parenthesis also counts as a call
// of the function.
func (w *walker) keyword(word string) bool {
	top := w.top()
	switch word {
	case "from", "join", "into", "update", "using", "table", "only", "lateral":
		return w.relationWord(word)
	case "where", "group", "having", "window", "order", "limit", "offset", "fetch", "for", "union", "intersect", "except", "returning", "set", "select", "values", "when":
		top.relations, top.expect = false, none
	case "rows":
		if w.skip("rows", "from") { // ROWS FROM (…): calls that are one relation
			return true
		}
	case "then", "else", "loop", "begin":
		top.relations, top.expect = false, none
		w.start = w.program && !top.inCase
	case "case":
		w.compares()
		w.frames = append(w.frames, frame{inCase: true, expect: none})
	case "end":
		if top.inCase {
			w.frames = w.frames[:len(w.frames)-1]
		}
	case "as":
		w.i++
		w.afterAs()
		return true
	case "with":
		w.i++
		w.skip("recursive")
		w.query()
		return true
	case "operator":
		return w.qualifiedOperator()
	case "collate":
		w.i++
		w.path()
		return true
	case "execute":
		return w.execute()
	case "in", "nullif", "between", "distinct", "any", "some", "all":
		w.compares()
	case "like", "ilike", "similar":
		w.infix(map[string]string{"like": "~~", "ilike": "~~*", "similar": "~"}[word])
	case "do":
		if !w.at(1).Is("nothing", "update", "instead", "also", "select", "insert", "delete", "(") {
			w.refuse("has the statement DO, which masker does not know")
		}
	case "copy", "load", "import", "prepare", "listen", "notify", "security":
		if w.program && !w.at(-1).Is(".") && (w.at(1).Name() || w.at(1).Kind == sqltext.String || w.at(1).Is("(")) {
			w.refuse("has the statement " + word + ", which masker does not know")
		}
	}
	if !w.at(1).Is("(") {
		if !reserved[word] {
			return false
		}
		w.i++
		return true
	}
	return w.beforeParenthesis(word)
}

// relationWord reads a word after which a relation may follow.
func (w *walker) relationWord(word string) bool {
	top, before := w.top(), w.at(-1)
	switch word {
	case "from":
		if top.expression || before.Is("distinct") {
			break
		}
		top.relations, top.expect = true, reading
		if before.Is("delete") {
			top.expect = writing
		}
	case "join":
		top.relations, top.expect = true, reading
	case "into":
		top.relations, top.expect = false, none
		if before.Is("insert", "merge") {
			top.expect = writing
		}
	case "update":
		if !before.Is("for", "key", "on", "or", "before", "after", "of") && !w.at(1).Is("set") {
			top.expect = writing
		}
	case "using":
		if w.at(1).Is("(") {
			break
		}
		if top.relations {
			top.expect = reading
		} else if w.program && w.at(1).Name() && before.Name() {
			top.relations, top.expect = true, reading
		}
	case "table":
		if w.at(1).Name() && !reserved[w.at(1).Value] {
			top.expect = reading
		}
	}
	w.i++
	return true
}

// afterAs reads the tokens after AS: a type, the name of a column, or an alias with names of columns.
func (w *walker) afterAs() {
	if w.top().cast {
		w.typeName()
		return
	}
	if w.at(0).Name() && !w.at(0).Is("select", "with", "values", "table", "not", "materialized", "identity", "enum", "range", "on", "permissive", "restrictive") {
		w.i++
		for w.at(0).Is(".") && w.at(1).Name() { // the type of a sequence or of a domain
			w.i++
			w.mention([]token{w.at(-2), w.at(0)})
			w.i++
		}
	}
}

// compares notes the comparison operators, because words such as IN and BETWEEN call these operators.
func (w *walker) compares() {
	for _, operator := range []string{"=", "<>", "<", "<=", ">", ">="} {
		w.infix(operator)
	}
}

// query reads the head of a query in WITH, up to the query's parenthesis. If something else follows WITH, query reads
// nothing.
func (w *walker) query() {
	from, name := w.i, w.at(0)
	if !name.Name() {
		return
	}
	w.i++
	if w.at(0).Is("(") {
		w.i++
		for w.at(0).Name() || w.at(0).Is(",") {
			w.i++
		}
		if !w.skip(")") {
			w.i = from
			return
		}
	}
	if !w.skip("as") {
		w.i = from
		return
	}
	w.skip("not")
	w.skip("materialized")
	if !w.at(0).Is("(") {
		w.i = from
		return
	}
	top := w.top()
	top.queries = append(top.queries, name.Value)
	top.relations, top.expect = false, none
	w.opener = frame{expect: none, query: true}
}

// qualifiedOperator reads OPERATOR(pg_catalog.+).
func (w *walker) qualifiedOperator() bool {
	if !w.at(1).Is("(") {
		return false
	}
	w.i += 2
	for w.at(0).Name() && w.at(1).Is(".") {
		w.i += 2
	}
	if w.at(0).Kind != sqltext.Operator || !w.at(1).Is(")") {
		w.refuse("has SQL that cannot be read")
		return true
	}
	w.infix(w.at(0).Value)
	w.i += 2
	w.operator = w.i
	return true
}

// beforeParenthesis reads a word of the language before a parenthesis.
func (w *walker) beforeParenthesis(word string) bool {
	known := reserved[word] || beforeParentheses[word] || types[word] && !w.s.functions[word]
	if statementWords[word] {
		known = known && w.i == w.headAt
	}
	if word == "filter" || word == "over" || word == "within" {
		known = known && w.at(-1).Is(")")
	}
	if word == "btree" || word == "hash" || word == "gin" || word == "gist" || word == "brin" || word == "spgist" {
		known = known && (w.at(-1).Is("using") || word == "hash" && w.at(-1).Is("by"))
	}
	if !known {
		return false
	}
	if n := (node{function, word}); len(w.s.provided[n]) > 0 && !reserved[word] {
		w.d.use(n, "calls")
	}
	if n := (node{ofType, word}); len(w.s.provided[n]) > 0 {
		w.d.use(n, "uses type")
	}
	switch word {
	case "extract", "substring", "trim", "overlay", "position":
		w.opener.expression = true
	case "cast", "treat":
		w.opener.cast = true
	}
	if word != "rows" && word != "lateral" && w.top().expect != none && !reserved[word] {
		w.top().expect = none
	}
	w.i++
	return true
}

// beforeParentheses are the words that are not reserved and may come before a parenthesis.
var beforeParentheses = words(`by coalesce cube exists extract filter greatest grouping hash if include includes inherits interval
	insert key least list nullif over overlay position precision range recursive return rollup row rows sets share substring
	treat trim values varying elsif while exit next query conflict identity btree gin gist brin spgist within bit char character
	dec decimal float national nchar numeric time timestamp varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest
	xmlnamespaces xmlparse xmlpi xmlroot xmlserialize ndistinct materialized is between no perform raise assert at zone
	enum data when matched normalize none set setof out inout overlaps escape`)

// statementWords are the words that may come before a parenthesis only at the beginning of a statement.
var statementWords = words("if elsif while return exit perform raise assert merge")

// reserved are the words that cannot be the name of a function, a column or a table without quotes.
var reserved = words(`all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
		current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct do
		else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime
		localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric
		table then to trailing true union unique user using variadic when where window with`)
