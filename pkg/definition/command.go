package definition

import (
	"strings"

	"github.com/masker-project/masker/pkg/sqltext"
)

// commands lists the commands that pg_dump writes for each kind of entry that can be silent. Functions and procedures
// are not in the list, because routine reads them. An entry of any other kind is reaching, for example a foreign data
// wrapper, an event trigger, a language, an access method or a publication.
var commands = map[string][]string{
	"AGGREGATE":                 {"create aggregate"},
	"CAST":                      {"create cast"},
	"CHECK CONSTRAINT":          {"alter table", "alter domain"},
	"COLLATION":                 {"create collation"},
	"COMMENT":                   {"comment on"},
	"CONSTRAINT":                {"alter table"},
	"DEFAULT":                   {"alter table"},
	"DOMAIN":                    {"create domain", "alter domain"},
	"EXTENSION":                 {"create extension"},
	"FK CONSTRAINT":             {"alter table"},
	"INDEX":                     {"create index", "create unique index", "alter table", "alter index"},
	"INDEX ATTACH":              {"alter index"},
	"MATERIALIZED VIEW":         {"create materialized view", "alter table", "alter materialized view"},
	"OPERATOR":                  {"create operator"},
	"OPERATOR CLASS":            {"create operator class"},
	"OPERATOR FAMILY":           {"create operator family", "alter operator family"},
	"POLICY":                    {"create policy"},
	"ROW SECURITY":              {"alter table"},
	"RULE":                      {"create rule", "alter table"},
	"SCHEMA":                    {"create schema"},
	"SEQUENCE":                  {"create sequence", "create unlogged sequence", "alter sequence", "alter table"},
	"SEQUENCE OWNED BY":         {"alter sequence"},
	"STATISTICS":                {"create statistics", "alter statistics"},
	"TABLE":                     {"create table", "create unlogged table", "alter table", "alter sequence"},
	"TABLE ATTACH":              {"alter table"},
	"TEXT SEARCH CONFIGURATION": {"create text search configuration", "alter text search configuration"},
	"TRIGGER":                   {"create trigger", "create constraint trigger", "alter table"},
	"TYPE":                      {"create type", "alter type"},
	"VIEW":                      {"create view", "create or replace view", "alter table", "alter view"},
}

// judge notes in a draft the reasons why the draft is reaching, and the nodes that the draft uses.
func (s *schema) judge(d *draft) {
	if d.setting {
		return
	}
	d.literal(d.tokens)
	switch d.kind {
	case "FUNCTION", "PROCEDURE":
		s.routine(d)
		return
	case "EXTENSION":
		if _, trusted := extensions[d.tag]; !trusted {
			d.part = never
			d.because("is an extension that masker does not know")
		}
	}
	heads, ok := commands[d.kind]
	if !ok {
		d.because("is of a kind that can run any code")
		return
	}
	for _, command := range split(d.tokens) {
		s.command(d, heads, command)
	}
}

// command finds what makes one command of an entry reaching. The command must begin with one of the heads.
func (s *schema) command(d *draft, heads []string, tokens []token) {
	w := &walker{tokens: tokens}
	if !w.begins(heads) {
		d.because("has SQL that cannot be read")
		return
	}
	w.skip("only")
	switch d.kind {
	case "COMMENT", "EXTENSION", "SCHEMA":
		return
	case "TABLE ATTACH":
		s.bounds(d, tokens)
		return
	case "OPERATOR", "AGGREGATE", "TYPE":
		s.options(d, w)
		return
	case "CAST":
		s.cast(d, w)
	}
	w.path()
	s.walk(d, tokens[w.i:], false)
}

// begins skips one of the heads. It returns false if the next tokens are none of the heads.
func (w *walker) begins(heads []string) bool {
	for _, head := range heads {
		if w.skip(strings.Fields(head)...) {
			return true
		}
	}
	return false
}

// split returns the commands of an entry, without their semicolons.
func split(tokens []token) (commands [][]token) {
	depth, from := 0, 0
	for i, t := range tokens {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Is(";") && depth == 0:
			if i > from {
				commands = append(commands, tokens[from:i])
			}
			from = i + 1
		}
	}
	if from < len(tokens) {
		commands = append(commands, tokens[from:])
	}
	return commands
}

// functionOptions are the options of CREATE AGGREGATE, OPERATOR and TYPE that name a function.
var functionOptions = words(`sfunc finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc mfinalfunc function procedure
	restrict join canonical subtype_diff`)

// otherOptions are the options that name no function.
var otherOptions = words(`stype mstype initcond minitcond sspace msspace finalfunc_extra finalfunc_modify mfinalfunc_extra
	mfinalfunc_modify parallel sortop leftarg rightarg commutator negator hashes merges subtype collation multirange_type_name
	hypothetical`)

// options looks for the options that make a CREATE AGGREGATE, CREATE OPERATOR or CREATE TYPE a reaching definition. The
// walker stands after these words.
func (s *schema) options(d *draft, w *walker) {
	from := w.i
	for w.i < len(w.tokens) && !w.at(0).Is("(") {
		w.i++
	}
	switch {
	case d.kind == "AGGREGATE": // the arguments come first
		w.i = w.closing(w.i) + 1
	case w.at(-1).Is("enum"):
		d.labels = true
		return
	case w.at(-1).Is("range") && w.at(-2).Is("as"):
	case d.kind == "TYPE":
		w.i = from
		w.path()
		if !w.at(0).Is("as") {
			d.because("is a type with functions in C")
		}
		s.walk(d, w.tokens[w.i:], false)
		return
	}
	if !w.at(0).Is("(") {
		d.because("has SQL that cannot be read")
		return
	}
	reader := &walker{s: s, d: d, tokens: w.tokens, i: w.i + 1, local: map[string]bool{}, frames: []frame{{expect: none}}}
	for reader.i < len(reader.tokens) {
		reader.option()
	}
}

// option reads one option of the form name = value, and notes which function it uses.
func (w *walker) option() {
	name := w.at(0)
	w.i++
	switch {
	case name.Is(")", ","):
	case !w.at(0).Is("=") && otherOptions[name.Value]:
	case functionOptions[name.Value]:
		w.i++
		w.call(w.path())
	case otherOptions[name.Value]:
		w.i++
		if w.at(0).Is("operator") {
			w.i = w.closing(w.i+1) + 1
			return
		}
		if n := (node{ofType, last(w.path())}); len(w.s.provided[n]) > 0 {
			w.d.use(n, "uses type")
		}
		for w.i < len(w.tokens) && !w.at(0).Is(",") {
			w.i++
		}
	default:
		w.refuse("has the option " + visible([]token{name}) + ", which masker does not know")
		w.i = len(w.tokens)
	}
}

// cast notes the types that a cast changes. A cast between two types of pg_catalog may change every expression, so it
// makes every definition reaching.
func (s *schema) cast(d *draft, w *walker) {
	w.i++ // skip the parenthesis
	ours := false
	for _, until := range []string{"as", ")"} {
		name := last(w.path())
		for w.i < len(w.tokens) && !w.at(0).Is(until) {
			w.i++
		}
		w.i++
		if n := (node{ofType, name}); len(s.provided[n]) > 0 {
			d.provide(n)
			ours = true
		}
	}
	if !ours {
		d.provide(anyCast)
		s.anywhere = "can be changed by a cast between types of PostgreSQL: " + d.name
	}
}

// setting finds what makes a change of a setting reaching. A search path may name only schemas that masker knows.
func (s *schema) setting(d *draft, name string, values []string) {
	if !silentSettings[strings.ToLower(name)] {
		d.because("changes the setting " + visible([]token{{Kind: sqltext.Quoted, Value: name}}))
		return
	}
	if strings.ToLower(name) != "search_path" {
		return
	}
	for _, schema := range values {
		switch schema {
		case "", "$user", "public", "pg_catalog", "pg_temp":
		default:
			if !s.schemas[schema] {
				d.because("searches names in a schema that masker does not know")
			}
		}
	}
}

// addSetting adds the draft for a setting of the database.
func (s *schema) addSetting(set Setting) {
	d := &draft{kind: "SETTING", name: set.Name, text: set.Name + " = " + set.Value, setting: true, texts: []string{set.Value}}
	tokens, err := sqltext.Scan(set.Value)
	values := (&walker{tokens: append(make([]token, 3), sqltext.Plain(tokens)...)}).values()
	if name := strings.ToLower(set.Name); name == "search_path" && (err != nil || len(tokens) > 0 && len(values)*2-1 != len(tokens)) {
		d.because("has a value that cannot be read")
	} else if name == "standard_conforming_strings" || name == "backslash_quote" {
		s.anywhere = "is read in another way because of the setting " + name
	}
	s.setting(d, set.Name, values)
	d.labels = silentSettings[strings.ToLower(set.Name)]
	s.drafts = append(s.drafts, d)
}
