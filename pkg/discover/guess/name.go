package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// nameOf guesses whether a column with the word "name" names a person, a company or a thing.
func (d *Detectors) nameOf(t *table, c *column) *candidate {
	at := slices.IndexFunc(c.words, func(w string) bool { return d.sets["@name"][w] })
	if c.family != catalog.Text || at < 0 || d.sets["@front"][c.words[0]] {
		return nil
	}
	var rest []string
	for i, w := range c.words {
		if i != at && !d.sets["@plain"][w] {
			rest = append(rest, w)
		}
	}
	named := func(of string, points int, why string) *candidate {
		return &candidate{kind: &kind{name: of, as: of != "company"}, points: points, start: at, end: len(c.words), why: why}
	}
	if len(rest) == 0 {
		return d.ownName(t, c, named)
	}
	head := rest[len(rest)-1]
	if at == 0 { // as in nom_moderateur (French), where the word for name comes first
		head = rest[0]
	}
	switch {
	case t.besideGiven(c, at):
		return named("family_name", forPhrase+1, "it is a name beside a given name of the same person")
	case len(rest) == 1 && d.sets["@party"][head] && d.inTable(t, "@calls"):
		return named("full_name", sure, "it is the name of a side of a call")
	case d.sets["@person"][head] || len(rest) > 1 && at == len(c.words)-1 && head == "by":
		return named("full_name", forPhrase, "its name says that a person has it")
	case d.sets["@company"][head]:
		return named("company", sure, "its name says that a company has it")
	}
	return nil
}

// besideGiven reports whether a given name, but no family name, stands beside the name c with the same other words:
// owner_firstname beside owner_name. The word for name is at the position at.
func (t *table) besideGiven(c *column, at int) bool {
	if slices.ContainsFunc(c.clear, func(k string) bool { return strings.HasSuffix(k, "_name") && k != "full_name" }) {
		return false
	}
	same := func(o *column, kind string) bool {
		if o.cat == c.cat || !slices.Contains(o.clear, kind) {
			return false
		}
		if at > 0 {
			return len(o.words) > at && slices.Equal(o.words[:at], c.words[:at])
		}
		rest := c.words[1:]
		return len(o.words) > len(rest) && slices.Equal(o.words[len(o.words)-len(rest):], rest)
	}
	given, family := false, false
	for i := range t.columns {
		given, family = given || same(&t.columns[i], "given_name"), family || same(&t.columns[i], "family_name")
	}
	return given && !family && (at == 0 || at == len(c.words)-1)
}

// ownName guesses what a column holds if its name is only "name". Such a column holds the name of the thing, company
// or person that a row describes.
func (d *Detectors) ownName(t *table, c *column, named func(string, int, string) *candidate) *candidate {
	switch {
	case t.nobody, d.groupsPeople(t) && !t.describes(c):
		return nil
	case (t.thing || t.named) && t.has("national_id", c) && d.inTable(t, "@deal"):
		return named("full_name", sure-1, "it is a name beside a number of a person")
	case (t.thing || t.named) && t.has("family_name", c) && !t.has("given_name", c):
		return named("given_name", sure-1, "it is a name beside a family name")
	case (t.thing || t.named) && !t.has("family_name", c) && !t.has("given_name", c) && (t.has("birth_date", c) || t.has("pan", c)):
		return named("full_name", sure-1, "it is a name beside a birth date or a card")
	case t.thing || t.named:
		return nil
	case t.company && !d.inTable(t, "@company"): // company_loans
		return nil
	case t.company:
		return named("company", sure, "it is the name in a table of companies")
	case !t.persons && !(len(c.words) > 1 && (t.has("email", c) || d.inTable(t, "@person"))) && !(t.has("email", c) && d.inTable(t, "@address")):
		if d.ofPhones(t) || t.has("iban", c) || t.has("pan", c) || t.has("bank_account", c) && !d.sets["@company"][t.words[0]] {
			return named("full_name", sure-1, "it is a name beside a telephone number or an account")
		}
		return nil
	case len(c.words) > 1 && t.has("given_name", c) && t.has("family_name", c):
		return named("full_name", sure, "it is a whole name beside its parts")
	case t.has("given_name", c):
		return named("family_name", sure, "it is a name beside a given name")
	case t.has("family_name", c):
		return named("given_name", sure, "it is a name beside a family name")
	}
	return named("full_name", sure-1, "it is the name in a table of people")
}

// personOf guesses whether a column of text holds the name of a person because the name of the column is a person's
// role. Examples are physician and approver_2.
func (d *Detectors) personOf(t *table, c *column) *candidate {
	if c.family != catalog.Text || c.cat.Type.Elem != nil || len(c.words) == 0 || d.ofTree(t, c) ||
		t.named && (len(c.words) > 1 || t.textKeys || d.sets["@machine"][c.words[0]]) && !t.reachable(c) ||
		!d.role(c.words[len(c.words)-1]) && !(len(c.words) == 1 && d.sets["@somebody"][c.words[0]] && t.reachable(c)) {
		return nil
	}
	if len(c.words) > 1 && !slices.ContainsFunc(c.words[:1], func(w string) bool { return d.sets["@person"][w] || d.sets["@plain"][w] }) {
		return nil
	}
	return &candidate{kind: &kind{name: "full_name", as: true}, points: forSuggestion, end: len(c.words), why: "its name is the role of a person"}
}

// reachable reports whether the columns beside c hold a telephone number, and an email address or a street. A row then
// describes somebody.
func (t *table) reachable(c *column) bool {
	return t.has("phone", c) && (t.has("email", c) || t.has("street", c))
}

// role reports whether a word nearly always names a person.
func (d *Detectors) role(word string) bool {
	return d.sets["@person"][word] && !d.sets["@unclear"][word]
}

// numberOf guesses whether a column holds a number that identifies a person, or in a table of calls a person's
// telephone number. Examples are patient_number and staff_code.
func (d *Detectors) numberOf(t *table, c *column) *candidate {
	text, number := c.family == catalog.Text, c.family == catalog.Integer || c.family == catalog.Numeric
	if len(c.words) < 2 || !text && !number || d.countsThings(c) {
		return nil
	}
	last, before := c.words[len(c.words)-1], c.words[len(c.words)-2]
	of := &candidate{kind: &kind{name: "identifier"}, points: sure, end: len(c.words), why: "its name says that it is the number of a person"}
	if last != "code" && last != "id" && d.among(t.words, "@calls") {
		of.kind, of.why = &kind{name: "phone", as: true}, "it is the number of a person, in a table of calls"
	}
	switch {
	case last == "code" && (!d.role(before) || number) && !t.persons: // of a ledger, or of a provider of payments
		return nil
	case d.sets["@number"][last] && d.sets["@person"][before]:
		return of
	case d.sets["@number"][c.words[0]] && c.words[1] != "of" && d.among(c.words[1:], "@person"):
		return of
	case text && !t.textKeys && !t.textKey && !(last == "id" && d.countedElsewhere(t, before) || before == "id" && d.countedElsewhere(t, last)) && (last == "id" && d.role(before) || len(c.words) == 2 && before == "id" && d.role(last)):
		of.points = forSuggestion + 1
		return of
	}
	return nil
}

// unknownOf guesses from the first or last word of a name that gives no other guess. The column may hold a person who
// has done something, as in posted_by. In a table of people, it may hold the name or the number of a person, if the
// other words are not in the vocabulary.
func (d *Detectors) unknownOf(t *table, c *column) *candidate {
	text := c.family == catalog.Text && c.cat.Type.Elem == nil
	if len(c.words) < 2 || !text {
		return nil
	}
	last := c.words[len(c.words)-1]
	if d.doneBy(c.words) {
		return &candidate{kind: &kind{name: "user_name", as: true}, points: forSuggestion, end: len(c.words), why: "its name says that a person has done it"}
	}
	if !t.persons || t.named {
		return nil
	}
	if d.namesThing(t, c.words) {
		return nil
	}
	unknown := func(words []string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return len(w) < shortestPart || d.known[w] || d.stemmed(w) })
	}
	begins, ends := unknown(c.words[1:]), unknown(c.words[:len(c.words)-1])
	switch is := func(section string) bool {
		return ends && d.sets[section][last] || begins && d.sets[section][c.words[0]]
	}; {
	case is("@name"):
		return &candidate{kind: &kind{name: "full_name", as: true}, points: forSuggestion, end: len(c.words), why: "it is a name in a table of people"}
	case is("@number") && last != "code" && (c.cat.Type.MaxLen == 0 || c.cat.Type.MaxLen >= shortestUnknown): // a narrow one is a code
		return &candidate{kind: &kind{name: "identifier"}, points: forSuggestion, end: len(c.words), why: "it is a number in a table of people"}
	}
	return nil
}

// shortestUnknown is the least number of characters in a column for unknown numbers of people.
const shortestUnknown = 10

// doneBy reports whether a name says that somebody has done something: posted_by, creado_por, endret_av. The word
// before the last one must be a deed. It can be a short word only before "by".
func (d *Detectors) doneBy(words []string) bool {
	last, deed := words[len(words)-1], words[len(words)-2]
	if last == "by" {
		return !slices.Contains([]string{"sort", "order", "group", "filter", "stand", "near"}, deed) && !strings.HasSuffix(deed, "sort")
	}
	return d.sets["@by"][last] && len(deed) >= shortestDeed
}

// shortestDeed is the least number of bytes in a word for what somebody has done, except before "by".
const shortestDeed = 5

// withComment adds what the comment of a column says to the best candidate. If the comment calls the column sensitive,
// there is always a guess, even if the name gives none. Otherwise a short comment can name a kind if the name gives
// none.
func (d *Detectors) withComment(t *table, c *column, best *candidate) *candidate {
	if c.cat.Comment == "" {
		return best
	}
	if d.saysSensitive(c.cat.Comment) {
		if best == nil {
			return &candidate{kind: &kind{name: "personal"}, points: sure, why: "its comment says that it is sensitive"}
		}
		best.points += forComment
		best.why += ", and its comment says that it is sensitive"
		return best
	}
	words := d.Tokens(c.cat.Comment)
	if best != nil || len(words) > longestComment {
		return best
	}
	for _, n := range d.phrasesIn(words, c.family) {
		if mark(n.points) == enough && (n.kind.special || n.end-n.start > 1) && !t.isOfThings() && n.better(best) {
			n.points, n.why = forSuggestion+1, "its comment says that it holds this"
			best = &n
		}
	}
	return best
}

// longestComment is the largest number of words in a comment that is searched for kinds. A longer comment often
// mentions other things too.
const longestComment = 6

// saysSensitive reports whether a comment calls its column sensitive or personal. A comment such as "contains no
// personal data" does not count.
func (d *Detectors) saysSensitive(comment string) bool {
	fields := strings.FieldsFunc(d.spaced(comment), func(r rune) bool { return r == ' ' })
	for i, w := range fields {
		marked := slices.Contains([]string{"pii", "phi", "spi", "gdpr", "dsgvo", "rgpd", "hipaa", "confidential", "vertraulich", "confidentiel", "confidencial"}, w) ||
			slices.ContainsFunc([]string{"sensitiv", "sensibl", "sensibel", "sensible", "personenbezogen", "gevoelig", "wrazliw", "kanslig"}, func(s string) bool { return strings.HasPrefix(w, s) }) ||
			slices.Contains([]string{"personal", "personnelle", "personnelles", "personales", "personali", "pessoais", "osobowe"}, w) && aboutData(fields, i)
		if marked && !denied(fields[:i]) {
			return true
		}
	}
	return false
}

// spaced returns the folded words of a text with blanks between them.
func (d *Detectors) spaced(text string) string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\r.,;:/!?()[]-_\"'", r) }) {
		out = append(out, d.folded(w))
	}
	return strings.Join(out, " ")
}

// aboutData reports whether the word before or after the word i means data, as in "personal data".
func aboutData(fields []string, i int) bool {
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(fields) && slices.Contains([]string{"data", "information", "info", "details", "donnees", "datos", "dati", "dados", "dane"}, fields[j]) {
			return true
		}
	}
	return false
}

// denied reports whether one of the last three words is a negation, as in "contains no" before "personal data", or is
// "case", as in "case-sensitive".
func denied(before []string) bool {
	return slices.ContainsFunc(before[max(0, len(before)-3):], func(w string) bool {
		return slices.Contains([]string{"not", "no", "non", "non-", "nicht", "kein", "keine", "keinerlei", "pas", "aucune", "sin", "niet", "geen", "ikke", "inte", "nie", "without", "never", "case"}, w)
	})
}
