package definition

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/sqltext"
)

// Datum is a part of a definition that contains something that looks like personal data. A Datum names the object, but
// does not contain the data.
type Datum struct {
	Schema, Object string   // the object itself; for a trigger, a rule, a policy, an index or a constraint, the table or domain
	Column         string   // "" if the part does not belong to a single column
	What           string   // "view", "check numbers", "default"
	Kinds          []string // "email", "pan"
}

// data returns the parts of a definition that contain personal data. It searches the literals in all forms of quotes,
// literals that are joined with ||, comments and names. It searches numbers only for card numbers. It searches each
// column and constraint of a table separately.
func (t *teller) data(d *draft) (list []Datum) {
	place := d.place()
	for _, part := range d.columns() {
		if kinds := t.personal(part.draft); len(kinds) > 0 {
			list = append(list, Datum{place.Schema, place.Object, part.column, part.what, kinds})
		}
	}
	rest := slices.DeleteFunc(t.personal(d), func(kind string) bool {
		return slices.ContainsFunc(list, func(found Datum) bool { return slices.Contains(found.Kinds, kind) })
	})
	if len(rest) > 0 {
		place.Kinds = rest
		list = append(list, place)
	}
	return list
}

// personal returns the kinds of personal data in the texts, names and numbers of a draft.
func (t *teller) personal(d *draft) (kinds []string) {
	add := func(found []recognise.Kind, wanted ...recognise.Kind) {
		for _, k := range found {
			if slices.Contains(wanted, k) && !slices.Contains(kinds, k.String()) {
				kinds = append(kinds, k.String())
			}
		}
	}
	for _, text := range d.texts {
		if !d.code[text] && !d.bound {
			add(t.scanner.Kinds(text), recognise.Email, recognise.PAN, recognise.IBAN, recognise.Phone, recognise.NationalID)
		}
	}
	for _, name := range append(slices.Clone(d.quoted), d.tag) {
		add(t.scanner.Kinds(name), recognise.Email, recognise.PAN, recognise.IBAN)
	}
	if d.kind != "SEQUENCE" && !d.bound {
		for _, number := range d.numbers {
			add(t.numbers.Kinds(number), recognise.PAN)
		}
	}
	return kinds
}

// column is a column or a constraint in CREATE TABLE.
type column struct {
	column, what string
	draft        *draft
}

// columns returns the columns and constraints in a CREATE TABLE. It returns nil for other definitions.
func (d *draft) columns() (list []column) {
	open := slices.IndexFunc(d.tokens, func(t token) bool { return t.Is("(") })
	if d.kind != "TABLE" || open < 0 {
		return nil
	}
	depth, from := 1, open+1
	for i := from; i < len(d.tokens) && depth > 0; i++ {
		switch t := d.tokens[i]; {
		case t.Is("(", "["):
			depth++
		case t.Is(")", "]"):
			depth--
		}
		if depth == 0 || depth == 1 && d.tokens[i].Is(",") {
			list = append(list, columnOf(d.tokens[from:i]))
			from = i + 1
		}
	}
	return list
}

func columnOf(tokens []token) column {
	c := column{what: "column", draft: &draft{kind: "COLUMN"}}
	c.draft.literal(tokens)
	c.draft.comments(tokens)
	switch {
	case len(tokens) > 1 && tokens[0].Is("constraint"):
		c.what = "constraint " + visible(tokens[1:2])
	case len(tokens) > 0:
		c.column = tokens[0].Value
		if slices.ContainsFunc(tokens, func(t token) bool { return t.Is("default") }) {
			c.what = "default"
		}
	}
	return c
}

// place returns a Datum that says where the draft belongs: the schema, the object and what it is. Findings about the
// draft use it. Its Kinds are empty.
func (d *draft) place() Datum {
	w := &walker{tokens: d.tokens}
	at := Datum{Schema: d.namespace, Object: d.tag, What: strings.ToLower(d.kind)}
	object := func(word string) bool {
		if !w.find(word) {
			return false
		}
		w.i++
		w.skip("only")
		parts := w.path()
		if len(parts) == 0 {
			return false
		}
		at.Schema, at.Object = "", last(parts)
		if len(parts) > 1 {
			at.Schema = parts[len(parts)-2].Value
		}
		return true
	}
	own := func() {
		if name := strings.TrimPrefix(d.tag, at.Object+" "); name != "" {
			at.What += " " + name
		}
	}
	switch d.kind {
	case "TRIGGER", "INDEX", "POLICY":
		if object("on") {
			own()
		}
	case "RULE":
		if object("to") {
			own()
		}
	case "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT":
		if object("table") || object("domain") {
			own()
		}
	case "SCHEMA":
		at.Schema, at.Object = d.tag, ""
	case "DEFAULT":
		if object("table") && w.find("column") {
			w.i++
			at.Column = last(w.path())
		}
	case "TABLE ATTACH":
		at.What = "partition bound"
		object("partition")
	case "FUNCTION", "PROCEDURE", "AGGREGATE":
		object(strings.ToLower(d.kind))
	case "COMMENT":
		d.commented(w, &at)
	}
	return at
}

// commented reads the object of a COMMENT ON, and writes it into at.
func (d *draft) commented(w *walker, at *Datum) {
	w.skip("comment", "on")
	column, schema := w.at(0).Is("column"), w.at(0).Is("schema")
	part := w.at(0).Is("constraint", "trigger", "policy", "rule") && !w.at(1).Is(".")
	if part {
		at.What += " on " + w.at(0).Value + " " + visible([]token{w.at(1)})
		w.find("on")
		w.i++
		w.skip("domain")
	} else {
		for w.at(0).Kind == sqltext.Word && w.at(1).Name() && !w.at(1).Is("is") {
			w.i++
		}
	}
	parts := w.path()
	if w.at(0).Is(".") && w.at(1).Kind == sqltext.Operator {
		parts = append(parts, w.at(1))
	}
	switch n := len(parts); {
	case n == 0:
	case schema:
		at.Schema, at.Object = parts[0].Value, ""
	case column && n > 1:
		at.Column, at.Object, at.Schema = parts[n-1].Value, parts[n-2].Value, ""
		if n > 2 {
			at.Schema = parts[n-3].Value
		}
	case n > 1:
		at.Schema, at.Object = parts[n-2].Value, parts[n-1].Value
	default:
		at.Schema, at.Object = "", parts[0].Value
	}
}
