package guess

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// isMedical reports whether a database is about patients: it has a table of them, and other tables whose names are about
// health or about care.
func (d *Detectors) isMedical(tables map[catalog.Name]*table) bool {
	patients, care := false, 0
	for _, t := range tables {
		if d.inTable(t, "@patient") {
			patients = true
		}
		if d.ofCare(t) {
			care++
		}
	}
	return patients && care >= fewestTables
}

// ofCare reports whether the name of a table is about health, or about a visit, an examination or another part of care.
func (d *Detectors) ofCare(t *table) bool {
	return d.among(t.words, "@care") || d.ofSpecial(t)
}

// findingOf guesses that a column says something about the health of a patient, because it has a general name or holds
// a measured value, and the table is a part of the record of a patient.
func (d *Detectors) findingOf(t *table, c *column) *candidate {
	if !t.medical || !d.ofCare(t) || !d.refersToPerson(t) || len(c.words) == 0 || d.isCounted(c) {
		return nil
	}
	text := c.family == catalog.Text && d.wholly(c.words, "@finding") && !d.sets["@name"][c.words[0]]
	whole := c.family == catalog.Integer && !slices.ContainsFunc(c.words, func(w string) bool { return isKey(w) || w == "by" || d.sets["@person"][w] || d.sets["@switch"][w] }) && d.among(t.words, "@vital")
	measured := whole || c.family == catalog.Float || c.family == catalog.Numeric
	if !text && !measured {
		return nil
	}
	return &candidate{kind: &kind{name: "health", special: true}, points: least, end: len(c.words), why: "it is a finding in the record of a patient"}
}

// isCounted reports whether the first or last word of a name says that the column counts something, or holds a price.
func (d *Detectors) isCounted(c *column) bool {
	if slices.ContainsFunc(d.phrasesIn(c.words, c.family), func(n candidate) bool { return n.kind.name == "amount" }) {
		return true
	}
	return slices.ContainsFunc([]string{c.words[0], c.words[len(c.words)-1]}, func(w string) bool { return d.sets["@priced"][w] || d.sets["@price"][w] || w == "id" })
}
