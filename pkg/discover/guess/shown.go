package guess

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// fewestShown is the smallest number of columns which show that the texts of a table are texts of the application.
const fewestShown = 3

// isShown reports whether the application shows a text to everybody, such as a footer or the text of a button. Beside
// several such texts, the other columns whose names end like them are such texts too: approval_req_text.
func (d *Detectors) isShown(t *table, c *column, n *candidate) bool {
	if n.kind.name != "free_text" || n.start == 0 || !isText(c.words[n.end-1]) {
		return false
	}
	shown := func(c *column) bool {
		return isText(c.words[len(c.words)-1]) && d.among(c.words[:len(c.words)-1], "@shown")
	}
	if shown(c) {
		return true
	}
	count := 0
	for i := range t.columns {
		if o := &t.columns[i]; len(o.words) > 1 && shown(o) {
			count++
		}
	}
	return count >= fewestShown
}

// isText reports whether a word means a text that anybody may have written.
func isText(word string) bool {
	return slices.Contains([]string{"text", "texte", "texto", "testo", "tekst", "message", "html", "body"}, word)
}

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

// madeKey reports whether a column holds the key of a session of a login, which a program has made.
func (d *Detectors) madeKey(t *table, c *column) bool {
	last := len(t.words) - 1
	ofSessions := last > 0 && d.sets["@sessions"][t.words[last-1]] && t.words[last] == "key"
	return ofSessions && c.cat.Type.MaxLen >= shortestMade && !t.textKeys
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
