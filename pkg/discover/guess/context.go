package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// table is a table, and what its name and its columns say about its rows.
type table struct {
	cat       *catalog.Table
	words     []string
	columns   []column
	people    bool            // the rows are people, or columns identify people
	persons   bool            // the rows are people: the table's name says so, or the table has columns that only people have
	thing     bool            // the rows are things, such as products or settings
	named     bool            // the table's name ends with a word for things, or says that the rows are keys of programs
	company   bool            // the rows are companies
	nobody    bool            // the rows are settings of the application, animals, or a catalogue
	catalogue bool            // the rows are all values of something, such as types, or drafts of texts
	episode   bool            // the rows are parts of the lives of people, such as absences
	medical   bool            // the database is about patients
	telephony bool            // the database has tables of calls
	counted   map[string]bool // the roles of people who have a table whose keys the database makes
	mail      bool            // the rows are sent or received mail
	ofPeople  bool            // foreign keys lead to a table of people, perhaps over other tables
	textKeys  bool            // most keys of the database are texts
	textKey   bool            // the key of this table is a text
	tables    map[string]bool // the names of all tables, as words
}

// column is a column with the words of its name.
type column struct {
	cat    *catalog.Column
	words  []string
	family catalog.Family
	clear  []string // kinds that the name gives without other evidence
	place  bool     // the name gives a part of an address, although the column may be a key of a list of places
	shared bool     // at least half of the table's columns begin with the first word, so it says little about this one
}

// isOfPeople reports whether the rows are people or belong to people.
func (t *table) isOfPeople() bool { return t.people || t.ofPeople }

// isOfThings reports whether the rows are things that belong to nobody.
func (t *table) isOfThings() bool { return t.thing && !t.persons && !t.ofPeople }

// table reads the words of a table and of its columns. The prefix is glued to the names of the tables.
func (d *Detectors) table(cat *catalog.Table, prefix string) *table {
	t := &table{cat: cat, words: d.writtenTable(d.without(prefix, withoutKind(cat.Name.Name))), columns: make([]column, len(cat.Columns))}
	names := make([]string, len(cat.Columns))
	for i := range cat.Columns {
		names[i] = cat.Columns[i].Name
	}
	glued := d.prefixOf(names)
	for i := range cat.Columns {
		c := &t.columns[i]
		f := cat.Columns[i].Type.Innermost().Family
		*c = column{cat: &cat.Columns[i], words: d.withoutUnit(unnumbered(d.without(glued, names[i])), f), family: f}
	}
	d.withoutGlued(t, d.withoutAffix(t))
	t.markShared()
	for i := range t.columns {
		c := &t.columns[i]
		for _, n := range d.phrasesIn(c.words, c.family) {
			if mark(n.points) == enough && !d.about(t, c, &n) && !d.coded(t, c, &n) {
				c.clear = append(c.clear, n.kind.name)
			}
		}
		c.place = slices.ContainsFunc(c.clear, isPlace)
		if c.family == catalog.Integer && !c.place { // the key of a city, without the word id
			c.place = slices.ContainsFunc(d.phrasesIn(c.words, catalog.Text), func(n candidate) bool {
				return mark(n.points) == enough && n.kind.name == "city" && n.end-n.start == len(c.words)
			})
		}
	}
	return t
}

// judgeTable says what the words of a table's name and its columns say about its rows.
func (d *Detectors) judgeTable(t *table) {
	if len(t.words) == 0 {
		return
	}
	words := slices.DeleteFunc(slices.Clone(t.words), func(w string) bool { return !d.known[w] })
	if len(words) == 0 {
		words = t.words
	}
	first, last := words[0], words[len(words)-1]
	is := func(section string) bool { return d.sets[section][last] || d.sets[section][first] }
	person := func(w string) bool { return d.sets["@person"][w] }
	t.catalogue = d.isCatalogue(t, first, last)
	t.nobody = t.catalogue || (d.sets["@settings"][last] || d.among(t.words, "@animal")) && !slices.ContainsFunc(t.words, person)
	t.mail = !t.nobody && d.among(t.words, "@mail")
	t.named = t.nobody || d.sets["@thing"][last] || d.sets["@catalogue"][last] || d.sets["@about"][last] && !person(last) || d.ofService(t)
	t.thing = t.nobody || t.named && !slices.ContainsFunc(t.words, person) && !t.personal() ||
		d.sets["@thing"][first] && !person(last) && !d.sets["@company"][last]
	t.company = is("@company") && !t.thing && !person(last)
	// A word such as account or profile names people only if the rows also have something that identifies people.
	named := d.role(first) || d.role(last) || (person(first) || person(last)) && (t.identifies() || slices.ContainsFunc(words, d.role))
	t.persons = !t.nobody && (named && !t.thing && !t.company || t.personal())
	t.people = t.persons || !t.nobody && t.identifies()
	t.episode = d.among(t.words, "@episode") || slices.ContainsFunc(t.words[1:], func(w string) bool { return d.sets["@episode"][first+" "+w] })
	t.ofPeople = !t.nobody && t.episode && d.refersToPerson(t)
	t.thing = t.thing && !(t.ofPeople && d.sets["@episode"][last]) // the holidays of employees, and not the holidays of a country
}

// withoutKind returns the name of a table without a word at its end that only says that it is a table: messagetbl.
func withoutKind(name string) string {
	if rest := len(name) - len("tbl"); rest >= shortestPart && strings.EqualFold(name[rest:], "tbl") {
		return name[:rest]
	}
	return name
}

// unnumbered returns words without numbers of one or two digits, because such numbers say nothing. An example is
// parent_1_phone_2. If all words are such numbers, it returns all words.
func unnumbered(words []string) []string {
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return len(w) <= 2 && w[0] >= '0' && w[0] <= '9' })
	if len(kept) == 0 {
		return words
	}
	return kept
}

// fewestAffixed is the smallest number of columns that show that a word is an affix of their table.
const fewestAffixed = 4

// withoutAffix removes the affix of a table: a word that begins or ends the names of many of its columns, such as adh
// in nom_adh and ville_adh. It keeps words of the vocabulary, except for single letters. It returns each removed word
// once for each column.
func (d *Detectors) withoutAffix(t *table) []string {
	var removed []string
	for _, last := range []bool{false, true} {
		counts := map[string]int{}
		word := func(c *column) string {
			switch {
			case len(c.words) < 2:
				return ""
			case last:
				return c.words[len(c.words)-1]
			}
			return c.words[0]
		}
		for i := range t.columns {
			if w := word(&t.columns[i]); w != "" && (len(w) == 1 || !d.known[w] && !d.stemmed(w)) {
				counts[w]++
			}
		}
		for i := range t.columns {
			c := &t.columns[i]
			if n := counts[word(c)]; n < fewestAffixed || 3*n < len(t.columns) || len(word(c)) == 1 && d.known[word(c)] && 2*n < len(t.columns) {
				continue
			}
			removed = append(removed, word(c))
			if last {
				c.words = c.words[:len(c.words)-1]
			} else {
				c.words = c.words[1:]
			}
		}
	}
	return removed
}

// markShared sets the field shared of each column whose first word begins the names of at least half of the columns,
// and of at least four. An example is comment in comment_author and comment_date.
func (t *table) markShared() {
	counts := map[string]int{}
	for i := range t.columns {
		if w := t.columns[i].words; len(w) > 1 {
			counts[w[0]]++
		}
	}
	for i := range t.columns {
		c := &t.columns[i]
		n := 0
		if len(c.words) > 1 {
			n = counts[c.words[0]]
		}
		c.shared = n >= fewestAffixed && 2*n >= len(t.columns)
	}
}

// isPlace reports whether columns of a kind are parts of an address.
func isPlace(kind string) bool {
	return slices.Contains([]string{"city", "postcode", "street", "address"}, kind)
}

// places counts the columns beside c that are clearly parts of an address.
func (t *table) places(c *column) int {
	n := 0
	for i := range t.columns {
		if o := &t.columns[i]; o.cat != c.cat && o.place {
			n++
		}
	}
	return n
}

// inAddress reports whether a word such as state or zone belongs to an address. It does if the name has no other words, or
// if another part of an address has the same other words: billing_state beside billing_city. Otherwise it can be the state
// of a payment, or a time zone.
func (t *table) inAddress(c *column, n *candidate) bool {
	if !slices.Contains([]string{"state", "estado", "stato", "zone", "local"}, c.words[n.start]) {
		return true
	}
	before, after := c.words[:n.start], c.words[n.end:]
	if len(before)+len(after) == 0 {
		return true
	}
	return slices.ContainsFunc(t.columns, func(o column) bool {
		return o.cat != c.cat && o.place && len(o.words) > len(before)+len(after) &&
			slices.Equal(o.words[:len(before)], before) && slices.Equal(o.words[len(o.words)-len(after):], after)
	})
}

// fromStreet is the largest distance from a column of streets to a column of house numbers, in columns.
const fromStreet = 2

// afterStreet reports whether a column comes shortly after a column of streets.
func (t *table) afterStreet(c *column) bool {
	at := slices.IndexFunc(t.columns, func(o column) bool { return o.cat == c.cat })
	return at >= 0 && slices.ContainsFunc(t.columns[max(0, at-fromStreet):at], func(o column) bool {
		return slices.Contains(o.clear, "street") || slices.Contains(o.clear, "address")
	})
}

// lists reports whether the table is a list of places, and the candidate is the name of such a place. An example is the
// column city of a table city.
func (d *Detectors) lists(t *table, c *column, n *candidate) bool {
	place := slices.Contains([]string{"city", "region", "postcode", "street"}, n.kind.name)
	if n.kind.name == "street" && d.sets["@address"][c.words[n.start]] && t.places(c) > 0 {
		return false // a list of addresses, and not of streets
	}
	if !place && n.kind.name != "latitude" && n.kind.name != "longitude" || t.isOfPeople() || len(t.words) == 0 {
		return false
	}
	last := len(t.words) - 1
	return slices.Contains(c.words[n.start:n.end], t.words[last]) || slices.ContainsFunc(d.phrasesIn(t.words[last:], catalog.Text), func(o candidate) bool {
		return slices.Contains([]string{"city", "region", "postcode"}, o.kind.name)
	})
}

// coded reports whether the table is a list of all values of the kind, and not of people who have such a value. Examples
// are the column gender_name of a table genders, and the column tax_code of a table invoice_taxes.
func (d *Detectors) coded(t *table, c *column, n *candidate) bool {
	last := len(t.words) - 1
	named := bare(strings.Join(t.words, ""))
	if n.kind.name == "personal" && n.end-n.start == 1 && strings.HasSuffix(named, bare(c.words[n.start])) {
		return true
	}
	if n.kind.name == "health" && !(d.among(c.words, "@name") && !d.refersToPerson(t)) {
		return false // the name of a disease, in a list of diseases
	}
	return last >= 0 && !slices.ContainsFunc(t.words, d.role) && slices.Contains([]string{"health", "title", "gender", "marital_status", "nationality", "religion", "ethnicity", "job_title", "national_id", "personal"}, n.kind.name) &&
		slices.ContainsFunc(c.words[n.start:n.end], func(w string) bool { return bare(w) == bare(t.words[last]) })
}

// bare returns a word without the ending of a plural.
func bare(word string) string {
	word = strings.TrimSuffix(word, "s")
	if stem := strings.TrimRight(word, "aeiouy"); len(stem) >= shortestPart {
		return stem
	}
	return word
}

// has reports whether a column beside c is clearly of the kind.
func (t *table) has(kind string, c *column) bool {
	return slices.ContainsFunc(t.columns, func(o column) bool { return o.cat != c.cat && slices.Contains(o.clear, kind) })
}

func surrogate(t *table, c *column) bool { return Surrogate(t.cat, c.cat) }

// numbered reports whether an identity or a sequence gives a column its values.
func numbered(c *column) bool { return c.cat.Identity != "" || c.cat.Sequence != nil }

// Surrogate reports whether the database makes the values of a column: an identity column, a column that a sequence
// feeds, or a uuid with a default that makes one. It is also true for the only column of a primary key that is called
// id and holds integers or uuids.
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
