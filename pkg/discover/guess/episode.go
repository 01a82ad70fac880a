package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// isDate reports whether a column holds dates.
func (c *column) isDate() bool {
	return c.family == catalog.Date || c.family == catalog.Timestamp || c.family == catalog.TimestampTZ
}

// whenOf guesses that a date with a general name, such as start_date, is a date in the life of a person. This is so if
// the rows of the table are parts of the lives of people, such as absences or stays in a hospital. It is also so if the
// rows are people, and the date is the beginning or the end of something such as a membership.
func (d *Detectors) whenOf(t *table, c *column) *candidate {
	if !c.isDate() || len(c.words) == 0 || t.nobody || !d.refersToPerson(t) {
		return nil
	}
	bound := t.persons && !t.named && d.endsWithRole(t) && d.among(c.words, "@bound")
	if !t.episode && !(t.medical && d.ofCare(t)) && !bound {
		return nil
	}
	for _, w := range c.words {
		says := len(w) == 1 || d.sets["@when"][w] || d.sets["@episode"][w] || d.sets["@plain"][w]
		if !says && !(bound && d.sets["@joined"][w]) {
			return nil
		}
	}
	return &candidate{kind: &kind{name: "date_of_event"}, points: sure, end: len(c.words), why: "it is a date of something in the life of a person"}
}

// isCatalogue reports whether the rows of a table are all values of something, such as types of contacts, or drafts of
// texts, such as mail that a program fills in. No column identifies or references a person.
func (d *Detectors) isCatalogue(t *table, first, last string) bool {
	if d.among(t.words, "@template") { // it may have a sender
		return !t.holds("given_name", "family_name", "birth_date") && !d.refersToPerson(t)
	}
	glued := func(w string) bool { return strings.HasPrefix(w, "tipo") && w != "tipologia" }
	listed := slices.ContainsFunc(t.words, glued) || d.sets["@catalogue"][last] || d.sets["@catalogue"][first] && (d.sets["@front"][first] || !d.sets["@person"][last])
	return listed && !t.holds("email", "given_name", "family_name", "full_name", "birth_date", "national_id", "user_name", "pan") && !d.refersToPerson(t)
}

// writtenTable returns the words of a table with the long forms of short forms for people: patient for pt in pt_mstr.
func (d *Detectors) writtenTable(words []string) []string {
	for i, w := range words {
		if full := d.short.listed[w]; full != "" && d.role(full) && !d.sets["@person"][w] && !slices.Contains([]string{"dep", "ee", "mem", "dr", "cont"}, w) {
			words = slices.Clone(words)
			words[i] = full
		}
	}
	return words
}

// withoutUnit returns the words of a number without the unit of money at their end: total_cents is a total.
func (d *Detectors) withoutUnit(words []string, f catalog.Family) []string {
	if last := len(words) - 1; last > 0 && (f == catalog.Integer || f == catalog.Numeric) && d.sets["@coin"][words[last]] {
		return words[:last]
	}
	return words
}

// aboutPlace reports whether a text names the place of an event, and not its date: birth_region, luogo_nascita.
func (d *Detectors) aboutPlace(c *column, n *candidate) bool {
	for i, w := range c.words {
		if c.family == catalog.Text && (i < n.start || i >= n.end) && slices.ContainsFunc(d.phrases[w], func(e entry) bool {
			return slices.Contains([]string{"region", "city", "nationality"}, e.kind.name)
		}) {
			return true
		}
	}
	return false
}

// payOf guesses that a number is a part of what somebody earns, because the table's name says so.
func (d *Detectors) payOf(t *table, c *column) *candidate {
	if c.family != catalog.Numeric && c.family != catalog.Money && c.family != catalog.Float && !d.sums(c) || len(c.words) == 0 || t.nobody || t.named && !t.isOfPeople() || d.countsOrRates(c) ||
		!d.among(t.words, "@payroll") {
		return nil
	}
	return &candidate{kind: &kind{name: "money"}, points: forPhrase + 1, end: len(c.words), why: "it is an amount in a table of pay"}
}

// countsOrRates reports whether a number is no amount: it has a unit of time, or it is a share or a count.
func (d *Detectors) countsOrRates(c *column) bool {
	return slices.ContainsFunc(c.words, func(w string) bool {
		return isKey(w) || d.sets["@measure"][w] && !d.sets["@sum"][w] || d.sets["@number"][w] && w != "code" || d.sets["@rate"][w]
	})
}

// sums reports whether a whole number in a table of pay is an amount: its name ends with a word such as amount, or with
// such a word and a few letters, as in amountded.
func (d *Detectors) sums(c *column) bool {
	if c.family != catalog.Integer || len(c.words) == 0 {
		return false
	}
	last := c.words[len(c.words)-1]
	for cut := range shortestPart + 1 {
		if rest := last[:max(0, len(last)-cut)]; d.sets["@sum"][rest] && (cut == 0 || len(rest) >= shortestHead) {
			return true
		}
	}
	return false
}
