package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// namesThing reports whether a word of a table of people says what they have or do, and the column names that: the
// column nom_intervention of a table responsable_intervention.
func (d *Detectors) namesThing(t *table, words []string) bool {
	person := func(w string) bool {
		return d.role(w) || slices.ContainsFunc(d.phrases[w], func(e entry) bool { return e.kind.name == "full_name" })
	}
	return len(t.words) > 1 && slices.ContainsFunc(t.words, person) && slices.ContainsFunc(words, func(w string) bool {
		return !person(w) && !d.sets["@name"][w] && slices.Contains(t.words, w)
	})
}

// ofListed reports whether a full name is the long name of a thing, such as a currency: no other column says that the
// rows are people.
func (d *Detectors) ofListed(t *table, c *column) bool {
	general := !slices.ContainsFunc(c.words, func(w string) bool { return !d.sets["@plain"][w] && !d.sets["@name"][w] })
	ofThings := t.named && !t.ofPeople && !slices.ContainsFunc(t.words, d.role)
	return general && ofThings && !t.describes(c) && t.places(c) == 0
}

// ofTree reports whether a word such as children means parts of a tree: the children of a group.
func (d *Detectors) ofTree(t *table, c *column) bool {
	return t.named && !t.persons && len(c.words) == 1 && d.sets["@kin"][c.words[0]]
}

// ofInstitution reports whether a column is the name of a bank, or the name in a table of institutions, such as schools.
func (d *Detectors) ofInstitution(t *table, c *column) bool {
	if !d.among(c.words, "@name") {
		return false
	}
	return slices.ContainsFunc(c.words, isBank) || d.inTable(t, "@institution") && !t.persons
}

// isBank reports whether a word means bank.
func isBank(word string) bool {
	return slices.Contains([]string{"bank", "banco", "banque", "banca"}, word)
}

// listsPlaces reports whether the rows of a table are places, such as cities or countries. An alias is then the alias of
// a place.
func (d *Detectors) listsPlaces(t *table) bool {
	last := len(t.words) - 1
	return last >= 0 && (d.sets["@nation"][t.words[last]] || slices.ContainsFunc(d.phrasesIn(t.words[last:], catalog.Text), func(n candidate) bool {
		return n.kind.name == "city" || n.kind.name == "region"
	}))
}

// groupsPeople reports whether the rows of a table are groups of people, such as grupos_clientes.
func (d *Detectors) groupsPeople(t *table) bool {
	return len(t.words) > 1 && slices.Contains([]string{"group", "groupe", "grupo", "gruppo", "categoria", "categorie", "category"}, t.words[len(t.words)-2])
}

// namesShared reports whether a column is the name of the thing whose word most columns share: report_name beside
// report_format and report_date.
func (d *Detectors) namesShared(t *table, c *column) bool {
	thing := d.sets["@thing"][c.words[0]] && !d.sets["@person"][c.words[0]]
	return thing && len(c.words) == 2 && d.sets["@name"][c.words[1]]
}

// ofLedger reports whether a column called documento has the document of an entry in a ledger, or of another thing, and
// not the number of a person's document: nothing in the table has a name or says who somebody is.
func (d *Detectors) ofLedger(t *table, c *column) bool {
	if len(c.words) != 1 || !d.sets["@document"][c.words[0]] || t.ofPeople || slices.ContainsFunc(t.words, d.role) {
		return false
	}
	return !slices.ContainsFunc(t.columns, func(o column) bool {
		return slices.ContainsFunc(o.words, func(w string) bool {
			return d.sets["@name"][w] || d.sets["@person"][w] || strings.Contains(" email phone given_name family_name full_name user_name birth_date ", " "+d.kindOfWord(w)+" ")
		})
	})
}
