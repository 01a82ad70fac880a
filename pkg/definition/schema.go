package definition

import (
	"maps"
	"strings"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/sqltext"
)

type token = sqltext.Token

// node is something that a definition uses or makes. Objects with the same name are one node, even if their schemas or
// arguments differ, because only the running code decides which object a name means.
type node struct {
	kind nodeKind
	name string
}

type nodeKind int

const (
	function nodeKind = iota
	ofType
	reading // a relation that is read
	writing
	operating // an operator
	entry     // the object of an archive's entry; the node's name is the dump ID
	casting   // a cast that every expression may use
)

// use is a node that a draft uses, and what the draft does with it.
type use struct {
	node
	how  string
	part part
}

// schema holds what all entries together declare.
type schema struct {
	drafts    []*draft
	provided  map[node][]*draft
	links     map[node][]node // from each node to other nodes: a draft that uses one of the others also uses the node
	names     map[string]bool // names of objects, columns, fields, arguments and labels of enums; not those of constraints and triggers
	columns   map[string]bool // the names of columns, fields and arguments
	schemas   map[string]bool
	functions map[string]bool // functions of pg_catalog and of extensions that are known to be silent
	fromOther map[string]bool // functions of extensions that are known to be silent
	enums     map[string]bool
	strangers bool            // there are extensions that masker does not know
	measured  map[string]bool // partitioned tables whose bounds tell nothing
	anywhere  string          // why no definition can be silent; "" if definitions can be silent
}

// columnsOfPostgreSQL are names of columns that no entry declares: of every table, and of what reviewed functions
// return.
const columnsOfPostgreSQL = "ctid xmin xmax cmin cmax tableoid key value ordinality lexeme positions weights"

func newSchema(entries []archive.Entry, settings []Setting) *schema {
	s := &schema{
		provided: map[node][]*draft{}, links: map[node][]node{}, schemas: map[string]bool{}, names: words("public pg_catalog", columnsOfPostgreSQL), columns: words(columnsOfPostgreSQL),
		functions: maps.Clone(reviewed), fromOther: map[string]bool{}, enums: map[string]bool{}, measured: map[string]bool{},
	}
	for _, e := range entries {
		if !ignored(e.Desc) && strings.TrimSpace(e.Defn) != "" {
			s.add(e)
		}
	}
	for _, set := range settings {
		s.addSetting(set)
	}
	for _, d := range s.drafts {
		s.declare(d)
	}
	for _, d := range s.drafts {
		if d.kind == "TABLE" {
			s.partitions(d)
		}
	}
	return s
}

func (s *schema) add(e archive.Entry) {
	d := &draft{kind: e.Desc, name: e.Tag, tag: e.Tag, ids: append([]int{e.ID}, e.Deps...)}
	if e.Namespace != "" {
		d.name, d.namespace = e.Namespace+"."+e.Tag, e.Namespace
		s.schemas[e.Namespace], s.names[e.Namespace] = true, true
	} else if e.Desc == "SCHEMA" {
		s.schemas[e.Tag] = true
	}
	tokens, err := sqltext.Scan(e.Defn)
	if err != nil {
		d.because("has SQL that cannot be read")
		d.texts = append(d.texts, e.Defn)
	}
	d.text = normalised(e.Defn, tokens, err)
	d.comments(tokens)
	d.tokens = sqltext.Plain(tokens)
	d.finishesView()
	s.drafts = append(s.drafts, d)
}

// finishesView changes the kind of a draft to VIEW if the draft is the rule of a view. pg_dump writes such a rule if
// the view's query groups by a primary key: it first writes the view without its query, and later the query as a rule.
func (d *draft) finishesView() {
	if view, ok := strings.CutSuffix(d.tag, " _RETURN"); ok && d.kind == "RULE" && (&walker{tokens: d.tokens}).skip("create", "or", "replace", "view") {
		d.kind, d.entry, d.tag = "VIEW", d.kind, view
	}
}

// declare notes the names that an entry declares, and the nodes that the entry makes or changes.
func (s *schema) declare(d *draft) {
	if !d.setting {
		s.names[d.tag] = true
	}
	w := &walker{tokens: d.tokens}
	switch d.kind {
	case "TABLE", "FOREIGN TABLE":
		d.provide(node{reading, d.tag}, node{writing, d.tag}, node{ofType, d.tag})
		s.fields(d.tokens)
		s.inherits(d)
	case "VIEW", "MATERIALIZED VIEW":
		d.provide(node{reading, d.tag}, node{writing, d.tag}, node{ofType, d.tag})
		s.fields(d.tokens)
	case "SEQUENCE":
		d.provide(node{reading, d.tag})
	case "TYPE", "DOMAIN", "SHELL TYPE":
		d.provide(node{ofType, d.tag})
		s.fields(d.tokens)
		s.enum(d.tokens)
		for _, t := range d.tokens {
			if t.Kind == sqltext.String && d.kind == "TYPE" { // labels of an enum
				s.names[t.Value] = true
			}
		}
		if w.find("as", "range") {
			d.provide(node{function, d.tag})
		}
	case "FUNCTION", "PROCEDURE", "AGGREGATE":
		if w.find(strings.ToLower(d.kind)) {
			w.i++
			d.provide(node{function, last(w.path())})
		}
		s.fields(d.tokens)
	case "OPERATOR":
		d.provide(node{operating, d.tag})
	case "EXTENSION":
		s.extension(d.tag)
	}
	s.attach(d)
	switch d.kind {
	case "FUNCTION", "PROCEDURE", "AGGREGATE", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "CAST", "TYPE", "DOMAIN", "SHELL TYPE", "EXTENSION", "ACCESS METHOD", "PROCEDURAL LANGUAGE", "SERVER", "FOREIGN DATA WRAPPER":
		d.provide(node{entry, idName(d.ids[0])})
	}
	for _, n := range d.provides {
		s.provided[n] = append(s.provided[n], d)
		if n.kind != entry {
			s.names[n.name] = true
		}
	}
	if len(d.ids) > 0 {
		for _, id := range d.ids[1:] {
			d.use(node{entry, idName(id)}, "depends on")
		}
	}
}

func (s *schema) extension(name string) {
	list, ok := extensions[name]
	for f := range words(list) {
		s.functions[f], s.fromOther[f] = true, true
	}
	s.strangers = s.strangers || !ok
}

func (d *draft) provide(nodes ...node) { d.provides = append(d.provides, nodes...) }

func (d *draft) use(n node, how string) { d.uses = append(d.uses, use{n, how, d.part}) }

// attach notes the table or type whose use runs the code of an entry, for example the table of a trigger.
func (s *schema) attach(d *draft) {
	w := &walker{tokens: d.tokens}
	switch d.kind {
	case "TRIGGER", "INDEX":
		if w.find("on") {
			d.provide(node{writing, w.relation()})
		}
	case "POLICY":
		if w.find("on") {
			t := w.relation()
			d.provide(node{writing, t}, node{reading, t})
		}
	case "RULE":
		if w.find("to") {
			t := w.relation()
			d.provide(node{writing, t}, node{reading, t})
		}
	case "DEFAULT", "CHECK CONSTRAINT", "CONSTRAINT":
		if w.find("table") {
			d.provide(node{writing, w.relation()})
		}
	case "OPERATOR CLASS":
		d.provide(node{ofType, d.tag}) // an index names the class where a type could be
		if w.find("type") {
			d.serve(w.relation())
		}
	case "OPERATOR FAMILY":
		d.serves()
	case "FK CONSTRAINT":
		if !w.find("table") {
			return
		}
		child := w.relation()
		if w.find("references") {
			parent := w.relation()
			s.links[node{writing, child}] = append(s.links[node{writing, child}], node{writing, parent})
		}
	case "TABLE ATTACH":
		if !w.find("table") {
			return
		}
		parent := w.relation()
		if w.find("partition") {
			s.link(w.relation(), parent)
		}
	}
}

// serves notes the types of the operators and functions of an operator family. Sorting and comparing values of these
// types may call the functions.
func (d *draft) serves() {
	w := &walker{tokens: d.tokens}
	for depth := 0; w.i < len(w.tokens); w.i++ {
		switch t := w.at(0); {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case depth > 0 && t.Name():
			d.serve(last(w.path()))
			w.i--
		}
	}
}

// serve notes that a type depends on an operator class or family. PostgreSQL uses the classes for btree and hash
// wherever it compares or joins values of the type. It uses the classes for other access methods in indexes only, and
// each index depends on its class.
func (d *draft) serve(name string) {
	w := &walker{tokens: d.tokens}
	compares := w.find("using") && w.at(1).Is("btree", "hash")
	if compares || !types[name] {
		d.provide(node{ofType, name})
	}
}

// link records that a draft that uses the parent also uses the child.
func (s *schema) link(child, parent string) {
	for _, kind := range []nodeKind{reading, writing} {
		s.links[node{kind, child}] = append(s.links[node{kind, child}], node{kind, parent})
	}
}

func (s *schema) inherits(d *draft) {
	w := &walker{tokens: d.tokens}
	if !w.find("inherits") {
		return
	}
	for w.i += 2; w.i < len(w.tokens) && w.at(0).Name(); w.i++ {
		s.link(d.tag, last(w.path()))
	}
}

// fields notes the names at the beginning of each item in parentheses, and the names after AS.
func (s *schema) fields(tokens []token) {
	depth := 0
	for i, t := range tokens {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Name() && i > 0 && (tokens[i-1].Is("as") || depth == 1 && tokens[i-1].Is("(", ",")):
			s.names[t.Value], s.columns[t.Value] = true, true
		case t.Name() && i > 1 && tokens[i-1].Is("out", "inout", "in", "variadic") && tokens[i-2].Is("(", ","):
			s.names[t.Value], s.columns[t.Value] = true, true
		}
	}
}

// spread makes a draft reaching if the draft uses a node that a reaching draft provides.
func (s *schema) spread() {
	users := map[node][]*draft{}
	hows := map[*draft]map[node]string{}
	for _, d := range s.drafts {
		hows[d] = map[node]string{}
		for _, u := range d.uses {
			if _, seen := hows[d][u.node]; !seen {
				users[u.node] = append(users[u.node], d)
				hows[d][u.node] = u.how
			}
		}
	}
	tainted := map[node]bool{}
	var queue []node
	taint := func(n node) {
		if !tainted[n] {
			tainted[n] = true
			queue = append(queue, n)
		}
		if n.kind == ofType && types[n.name] && s.anywhere == "" {
			s.anywhere = "may use type " + n.name + ", for which an operator class or family calls what is not silent"
		}
	}
	for _, d := range s.drafts {
		if len(d.reasons) > 0 {
			for _, n := range d.provides {
				taint(n)
			}
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, other := range s.links[n] {
			taint(other)
		}
		for _, d := range users[n] {
			d.because(hows[d][n] + " " + s.nameOf(n) + ", which is not silent")
			for _, made := range d.provides {
				taint(made)
			}
		}
	}
	if s.anywhere != "" {
		for _, d := range s.drafts {
			d.because(s.anywhere)
		}
	}
}

func (s *schema) nameOf(n node) string {
	if n.kind == entry && len(s.provided[n]) > 0 {
		d := s.provided[n][0]
		return strings.ToLower(d.kind) + " " + d.name
	}
	return n.name
}
