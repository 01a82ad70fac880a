package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// fewestTables is the smallest number of tables that show a habit of the whole database.
const fewestTables = 4

// schema judges each table, after it has added what only all tables together show:
//   - A word that begins the names of many tables says nothing about a single table. An example is tbl in tbl_user.
//   - If the keys of most tables are texts, a text such as patient_id is a key, and not the number of a person.
//   - A number such as tax_id is a reference if there is a table tax.
func (d *Detectors) schema(tables map[catalog.Name]*table) {
	first, names := map[string]int{}, map[string]bool{}
	ids, texts := 0, 0
	for _, t := range tables {
		if len(t.words) > 1 {
			first[t.words[0]]++
		}
		for i := range t.columns {
			if c := &t.columns[i]; len(c.words) == 1 && c.words[0] == "id" || t.keyedBy(c) {
				ids++
				if c.family == catalog.Text {
					texts++
					t.textKey = true
				}
			}
		}
	}
	for _, t := range tables {
		if len(t.words) > 1 && d.saysNothing(t.words[0], first[t.words[0]], len(tables)) {
			t.words = t.words[1:]
		}
		names[bare(strings.Join(t.words, " "))] = true
	}
	medical, telephony, counted := d.isMedical(tables), d.isTelephony(names), d.countedRoles(tables)
	for _, t := range tables {
		t.medical, t.telephony, t.counted = medical, telephony, counted
		t.tables, t.textKeys = names, texts >= fewestTables && 2*texts > ids
		d.judgeTable(t)
	}
	belongByName(tables)
}

// followNames removes the guesses for numbers that are called like the key of another table, if the database counts the
// values of the key. They are references without a foreign key.
func (g *Guesses) followNames(tables map[catalog.Name]*table) {
	keys := map[string]bool{}
	for _, t := range tables {
		for i := range t.columns {
			if c := &t.columns[i]; numbered(c) && g.Of(t.cat.Name, c.cat.Name) == nil {
				keys[c.cat.Name] = true
			}
		}
	}
	for _, t := range tables {
		for i := range t.columns {
			if c := &t.columns[i]; c.family == catalog.Integer && keys[c.cat.Name] {
				delete(g.byColumn, catalog.ColumnName{Table: t.cat.Name, Column: c.cat.Name})
			}
		}
	}
}

// keyedBy reports whether a column is the only column of the primary key, and its name ends with id: users.user_id.
func (t *table) keyedBy(c *column) bool {
	return len(c.words) > 1 && c.words[len(c.words)-1] == "id" && slices.ContainsFunc(t.cat.Keys, func(k catalog.Key) bool {
		return k.Primary && len(k.Columns) == 1 && k.Columns[0] == c.cat.Name
	})
}

// saysNothing reports whether a word is only the prefix of the tables: it begins n of all names.
func (d *Detectors) saysNothing(word string, n, all int) bool {
	return n >= fewestTables && !d.sets["@person"][word] && (5*n >= 4*all || 2*n >= all && !d.known[word])
}

// refersTo reports whether a column is a number or a uuid that refers to a row of another table, although its name has
// words of a kind. Examples are tax_id beside a table tax and bank_account_id beside a table bank_accounts. In a table
// with several keys and no person, tax_id is a key without a table tax, too.
func (t *table) refersTo(c *column, n *candidate) bool {
	key := c.family == catalog.Integer || c.family == catalog.UUID || c.family == catalog.Text && t.textKeys
	if name := bare(strings.Join(c.words, " ")); c.family == catalog.Integer && n.end == len(c.words) && t.tables[name] && !(n.kind.name == "money" && name == bare(strings.Join(t.words, " "))) {
		return true // allergy beside a table allergies
	}
	if key && n.kind.name == "user_name" && isKey(c.words[n.end-1]) {
		return true
	}
	if last := len(c.words) - 1; key && last > 0 && c.words[last] == "id" && n.end > last && !n.kind.special {
		if n.kind.name == "national_id" && c.words[0] != "national" && !t.describes(c) && t.numberKeys() >= fewestKeys {
			return true
		}
		for i := range last {
			if n.kind.name == "bank_account" || t.tables[bare(strings.Join(c.words[i:last], " "))] {
				return true
			}
		}
	}
	return false
}

// fewestKeys is the smallest number of keys that show that a table mostly connects other tables.
const fewestKeys = 3

// numberKeys counts the columns that are numbers and whose name ends with id.
func (t *table) numberKeys() (n int) {
	for i := range t.columns {
		if c := &t.columns[i]; c.family == catalog.Integer && len(c.words) > 1 && c.words[len(c.words)-1] == "id" {
			n++
		}
	}
	return n
}

// describes reports whether a column beside c identifies a person.
func (t *table) describes(c *column) bool {
	return slices.ContainsFunc([]string{"email", "given_name", "family_name", "full_name", "birth_date", "user_name", "phone"}, func(k string) bool { return t.has(k, c) })
}

// called reports whether a column has a name that is only this word.
func (t *table) called(word string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return len(c.words) == 1 && c.words[0] == word })
}

// personal reports whether the table has columns that only people have.
func (t *table) personal() bool {
	return t.holds("given_name", "family_name", "birth_date", "national_id") || !t.named && t.holds("gender")
}

// identifies reports whether a column of the table identifies a person.
func (t *table) identifies() bool {
	return t.holds("email", "given_name", "family_name", "full_name", "birth_date", "national_id", "user_name", "phone", "pan") || !t.named && t.holds("gender")
}

// holds reports whether a column is clearly of one of the kinds.
func (t *table) holds(kinds ...string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool {
		return slices.ContainsFunc(c.clear, func(k string) bool { return slices.Contains(kinds, k) })
	})
}

// belongByName marks the tables of parts of a life with a key that is called like a table of people: member_id beside a
// table members. Many databases have such keys without foreign keys. In other tables, most such keys are those of
// tenants.
func belongByName(tables map[catalog.Name]*table) {
	people := map[string]bool{}
	for _, t := range tables {
		if t.persons && len(t.words) > 0 {
			people[bare(t.words[len(t.words)-1])] = true
		}
	}
	for _, t := range tables {
		for i := range t.columns {
			c := &t.columns[i]
			last := len(c.words) - 1
			if last == 1 && c.family != catalog.Boolean && (c.words[last] == "id" && people[bare(c.words[0])] || c.words[0] == "id" && people[bare(c.words[last])]) {
				t.ofPeople = t.ofPeople || !t.nobody && !t.company && t.episode
			}
		}
	}
}
