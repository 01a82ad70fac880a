package guess

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// harmless returns the reason why a column without a guess looks harmless, or "" if there is no reason.
func (d *Detectors) harmless(t *table, c *column) string {
	if len(c.words) == 0 || c.cat.Type.Elem != nil {
		return ""
	}
	has := func(section string) bool {
		return d.sets[section][c.words[0]] || d.sets[section][c.words[len(c.words)-1]]
	}
	// A boolean or an enum about a person can be about health or faith, in words that the vocabulary does not have. So
	// a column is about things only if the table is not about people or about a special category. In addition, either
	// the column's name has a word of the vocabulary, or the table is about things and no column of it is the key of a
	// person.
	said := slices.ContainsFunc(c.words, func(w string) bool { return len(w) >= shortestPart && d.known[w] && !d.sets["@plain"][w] })
	ofThings := !t.isOfPeople() && !d.ofSpecial(t) && (said || (t.thing || t.named) && !d.refersToPerson(t))
	switches := d.among(c.words, "@switch")
	known := ofThings || switches && (len(c.words) <= longestSwitch || !d.ofSpecial(t))
	switch c.family {
	case catalog.Boolean:
		if known {
			return "a yes or no"
		}
	case catalog.Enum:
		if known {
			return "one of a fixed list"
		}
	case catalog.Date, catalog.Timestamp, catalog.TimestampTZ:
		if has("@written") {
			return "when the row was written"
		}
	case catalog.Integer, catalog.Numeric, catalog.Float:
		if has("@measure") {
			return "a count, size or order"
		}
	case catalog.Text:
		if has("@code") || d.sets["@code"][c.words[max(0, len(c.words)-2)]] && c.words[len(c.words)-1] == "code" {
			return "a code or state of the application"
		}
	}
	return ""
}

// longestSwitch is the largest number of words in the name of a switch in a table about a special category: is_active.
const longestSwitch = 2

// ofSpecial reports whether the name of a table is about a special category of personal data, such as health.
func (d *Detectors) ofSpecial(t *table) bool {
	return slices.ContainsFunc(d.phrasesIn(t.words, catalog.Text), func(n candidate) bool {
		return mark(n.points) == enough && n.kind.special
	})
}
