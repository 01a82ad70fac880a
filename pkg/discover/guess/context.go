package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// table is a table, and what its name and its columns say about its rows.
type table struct {
	cat      *catalog.Table
	words    []string
	columns  []column
	people   bool // the rows are people, or columns identify people
	thing    bool // the rows are things, such as products or settings
	company  bool // the rows are companies
	mail     bool // the rows are sent or received mail
	ofPeople bool // a foreign key leads to a table of people
}

// column is a column with the words of its name.
type column struct {
	cat    *catalog.Column
	words  []string
	family catalog.Family
	clear  []string // kinds that the name gives without other evidence
}

// isOfPeople reports whether the rows are people or belong to people.
func (t *table) isOfPeople() bool { return t.people || t.ofPeople }

// table reads the words of a table and of its columns.
func (d *Detectors) table(cat *catalog.Table) *table {
	t := &table{cat: cat, words: d.Tokens(cat.Name.Name), columns: make([]column, len(cat.Columns))}
	for i := range cat.Columns {
		c := &t.columns[i]
		*c = column{cat: &cat.Columns[i], words: d.Tokens(cat.Columns[i].Name), family: familyOf(cat.Columns[i].Type)}
		for _, n := range d.phrasesIn(c.words, c.family) {
			if mark(n.points) == enough && !d.about(c, &n) {
				c.clear = append(c.clear, n.kind.name)
			}
		}
	}
	if len(t.words) == 0 {
		return t
	}
	first, last := t.words[0], t.words[len(t.words)-1]
	is := func(section string) bool { return d.sets[section][last] || d.sets[section][first] }
	t.mail = is("@mail")
	t.thing = d.sets["@thing"][last] || d.sets["@about"][last] && !d.sets["@person"][last] || d.sets["@thing"][first] && !d.sets["@person"][last] && !d.sets["@company"][last]
	t.company = is("@company") && !t.thing && !d.sets["@person"][last]
	t.people = is("@person") && !t.thing && !t.company || t.identifies()
	return t
}

// familyOf returns the family of a type, or of the elements of an array.
func familyOf(t catalog.Type) catalog.Family {
	for t.Elem != nil {
		t = *t.Elem
	}
	return t.Family
}

// identifies reports whether a column identifies a person.
func (t *table) identifies() bool {
	return slices.ContainsFunc(t.columns, func(c column) bool {
		return slices.ContainsFunc(c.clear, func(k string) bool {
			return slices.Contains([]string{"email", "given_name", "family_name", "full_name", "birth_date", "national_id", "user_name", "gender", "phone", "pan"}, k)
		})
	})
}

// places counts the columns beside c that are clearly parts of an address.
func (t *table) places(c *column) int {
	n := 0
	for i := range t.columns {
		if o := &t.columns[i]; o != c && slices.ContainsFunc(o.clear, func(k string) bool {
			return slices.Contains([]string{"city", "postcode", "street", "address"}, k)
		}) {
			n++
		}
	}
	return n
}

// lists reports whether the table is a list of places, and the candidate is the name of such a place. An example is the
// column city of a table city.
func (t *table) lists(c *column, n *candidate) bool {
	place := slices.Contains([]string{"city", "region", "postcode", "street"}, n.kind.name)
	return place && !t.isOfPeople() && len(t.words) > 0 && slices.Contains(c.words[n.start:n.end], t.words[len(t.words)-1])
}

// has reports whether a column beside c is clearly of the kind.
func (t *table) has(kind string, c *column) bool {
	return slices.ContainsFunc(t.columns, func(o column) bool { return o.cat != c.cat && slices.Contains(o.clear, kind) })
}

// surrogate reports whether the database itself makes the values of a key.
func surrogate(t *table, c *column) bool { return Surrogate(t.cat, c.cat) }

// Surrogate reports whether a column is a key whose values the database makes: an identity column, a column that a
// sequence feeds, or a uuid with a default that makes one. It is also true for the only column of a primary key that is
// called id and holds numbers or uuids.
func Surrogate(t *catalog.Table, c *catalog.Column) bool {
	if c.Identity != "" || c.Sequence != nil {
		return true
	}
	if c.Type.Family == catalog.UUID && strings.Contains(strings.ToLower(c.Default), "uuid") {
		return true
	}
	number := c.Type.Family == catalog.Integer || c.Type.Family == catalog.UUID
	return number && strings.EqualFold(c.Name, "id") && slices.ContainsFunc(t.Keys, func(k catalog.Key) bool {
		return k.Primary && len(k.Columns) == 1 && k.Columns[0] == c.Name
	})
}
