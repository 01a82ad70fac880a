package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// ofGeneral guesses what a column with a general name holds from the people, the calls, the contacts or the passwords
// that its table is about. Examples are customers.number, recording.caller, person_contacts.value and users.sel.
func (d *Detectors) ofGeneral(t *table, c *column) *candidate {
	if c.family != catalog.Text || c.cat.Type.Elem != nil || len(c.words) == 0 {
		return nil
	}
	switch first, last := c.words[0], c.words[len(c.words)-1]; {
	case len(c.words) == 1 && d.sets["@salt"][first] && t.has("password", c):
		return d.beside("password", c, "it is the salt beside a password")
	case len(c.words) == 1 && d.sets["@coded"][first] && t.persons && !t.named && (d.endsWithRole(t) || d.role(t.words[0])) && c.cat.Type.MaxLen >= shortestUnknown:
		return &candidate{kind: &kind{name: "identifier"}, points: sure, end: 1, why: "it is the code in a table of people"}
	case len(c.words) == 1 && same(first) == number && t.persons && !t.named && d.endsWithRole(t):
		return &candidate{kind: &kind{name: "identifier"}, points: sure, end: 1, why: "it is the number in a table of people"}
	case t.telephony && len(c.words) == 1 && (first == "caller" || first == "callee"):
		return d.beside("phone", c, "it is a side of a call, in a database with calls")
	case len(c.words) <= 2 && d.sets["@value"][last] && (len(c.words) == 1 || d.sets["@contact"][first]) && d.inTable(t, "@contact"):
		return d.beside("phone", c, "it is the contact itself, in a table of contacts")
	case len(c.words) == 1 && (first == "ln" || first == "line") && d.among(t.words, "@address"):
		n := d.beside("street", c, "it is a line of an address")
		n.points++ // elsewhere, ln is a last name
		return n
	case len(c.words) == 2 && d.sets["@account"][first] && d.deed(last):
		return &candidate{kind: &kind{name: "user_name", as: true}, points: forSuggestion, end: 2, why: "its name says that a person has done it"}
	}
	return nil
}

// endsWithRole reports whether the table is named after people.
func (d *Detectors) endsWithRole(t *table) bool {
	return len(t.words) > 0 && d.role(t.words[len(t.words)-1])
}

// deed reports whether a word means that somebody has done something: alta, anulacao, removed.
func (d *Detectors) deed(word string) bool {
	if d.sets["@deed"][word] {
		return true
	}
	return len(word) > shortestDeed && strings.HasSuffix(word, "ed") && !d.sets["@about"][word] && !d.sets["@state"][word] && !d.sets["@switch"][word]
}

// ofOthers reports whether a candidate is about countries, about drafts of mail, or about things, and not about people:
//   - the name of the nationality in a list of countries
//   - the sender in a template of a mail
//   - the name of a profile in a table of things
//   - the number of a house in a table of things, without a street beside it
//   - what something costs for each user: price_per_user
func (d *Detectors) ofOthers(t *table, c *column, n *candidate) bool {
	switch n.kind.name {
	case "nationality":
		return d.inTable(t, "@nation") && !t.ofPeople
	case "full_name":
		if d.eachOf(c) || d.ofListed(t, c) {
			return true
		}
		draft := d.among(t.words, "@draft")
		if draft && !t.ofPeople && d.among(c.words, "@sends") {
			return true
		}
		return (t.thing || t.named) && !t.persons && slices.ContainsFunc(c.words, func(w string) bool { return w == "profile" || w == "profil" }) &&
			d.among(c.words, "@name")
	case "user_name":
		return d.eachOf(c)
	case "street":
		return t.isOfThings() && !t.company && t.places(c) == 0 && n.start == 0 && d.numbersHouse(c)
	case "latitude", "longitude":
		if n.end-n.start == 1 && c.words[n.start] == "long" && !d.isLast(c, n) {
			return true // a long timer
		}
		return !d.isLast(c, n) && d.known[c.words[n.end]] && !isPlace(d.kindOfWord(c.words[n.end]))
	}
	return false
}

// eachOf reports whether a name says that something is counted for each person.
func (d *Detectors) eachOf(c *column) bool {
	return len(c.words) > 2 && d.sets["@each"][c.words[len(c.words)-2]] && d.sets["@person"][c.words[len(c.words)-1]] && !d.deed(c.words[0])
}

// numbersHouse reports whether a name is only a word for a house and a word for number.
func (d *Detectors) numbersHouse(c *column) bool {
	return len(c.words) <= 2 && slices.ContainsFunc(c.words, func(w string) bool {
		return same(w) == number || strings.HasSuffix(w, "nr") || strings.HasPrefix(w, "num")
	})
}

// isTelephony reports whether a database has tables of calls.
func (d *Detectors) isTelephony(tables map[string]bool) bool {
	for name := range tables {
		for w := range strings.FieldsSeq(name) {
			if d.sets["@calls"][w] {
				return true
			}
		}
	}
	return false
}

// countedRoles returns the roles of people who have a table of their own, if the database makes the keys of this table.
// A text such as user_id is then a copy of such a key.
func (d *Detectors) countedRoles(tables map[catalog.Name]*table) map[string]bool {
	out := map[string]bool{}
	for _, t := range tables {
		if len(t.words) == 1 && slices.ContainsFunc(t.columns, func(c column) bool { return surrogate(t, &c) }) {
			out[bare(t.words[0])] = true
		}
	}
	return out
}

// countedElsewhere reports whether another table has the people of a role, and the database makes its keys.
func (d *Detectors) countedElsewhere(t *table, role string) bool {
	return t.counted[bare(role)] && !slices.ContainsFunc(t.words, func(w string) bool { return bare(w) == bare(role) })
}
