package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// byTable guesses what a column with a general name holds from the name of its table, or from the columns beside it.
// Examples are phone_numbers.number, invitations.code, calls.src and health_status.description.
func (d *Detectors) byTable(t *table, c *column) *candidate {
	if len(c.words) == 0 {
		return nil
	}
	whole := func(section string) bool { return d.wholly(c.words, section) }
	text := c.family == catalog.Text && c.cat.Type.Elem == nil
	if n := d.ofNumbers(t, c); n != nil {
		return n
	}
	switch {
	case text && len(c.words) == 1 && len(t.words) > 1 && d.sets["@contact"][c.words[0]] && t.words[len(t.words)-1] == c.words[0] && !t.has("phone", c):
		return d.beside("phone", c, "it is the contact itself, in a table of contacts")
	case text && whole("@answer") && t.has("password", c):
		return d.beside("secret", c, "it is a question or an answer beside a password")
	case text && whole("@party") && (d.inTable(t, "@calls") || d.ofPhones(t) && (t.telephony || !d.wholly(t.words[len(t.words)-1:], "@party"))):
		return d.beside("phone", c, "it is a side of a call, in a table of calls")
	case text && d.namesSecret(t, c):
		n := d.beside("secret", c, "its table says that it is a secret, or the password beside it")
		n.points++ // so that sessions.user_data is a secret, and not personal data, which the phrase "user data" is elsewhere
		return n
	case c.family == catalog.Integer && whole("@typed") && d.ofSecrets(t):
		return &candidate{kind: &kind{name: "secret"}, points: sure, end: len(c.words), why: "it is a code that people type, in a table of secrets"}
	case (text || c.family == catalog.Bytes) && whole("@content") && d.ofSecrets(t) && !slices.Contains(c.words, "public"):
		return d.beside("secret", c, "it is the content of a secret, in a table of secrets")
	case text && whole("@finding") && d.refersToPerson(t):
		for _, n := range d.phrasesIn(t.words, c.family) {
			if mark(n.points) == enough && n.kind.special {
				return &candidate{kind: n.kind, points: sure, end: len(c.words), why: "its table is about this, and belongs to people"}
			}
		}
	}
	return nil
}

// wholly reports whether all words are words of a section, or say nothing.
func (d *Detectors) wholly(words []string, section string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !d.sets[section][w] && !d.sets["@plain"][w] })
}

// namesSecret reports whether a text with a general name is a secret:
//   - what renews the password beside it, if it is wide enough for a code that a program has made: users.forgot
//   - the session of a login, beside a secret, a password, an IP address or a user agent: debug.session
//   - the key of an account at a service: webservice_account.key
//   - what a session of a login holds: sessions.user_data
//   - the key of a token or a session, if most keys of the database are no texts: access_token.token_id, sessions.id
func (d *Detectors) namesSecret(t *table, c *column) bool {
	switch name := strings.Join(c.words, " "); {
	case name == "session":
		return t.has("secret", c) || t.has("password", c) || t.has("ip_address", c) || t.has("user_agent", c)
	case len(c.words) == 1 && d.sets["@renews"][name]:
		return t.has("password", c) && (c.cat.Type.MaxLen == 0 || c.cat.Type.MaxLen >= shortestMade)
	case (name == "key id" || name == "key") && d.madeKey(t, c):
		return true
	case name == "key" || len(c.words) == 1 && d.sets["@value"][name]:
		return d.ofService(t)
	case same(name) == number || len(c.words) == 2 && same(c.words[1]) == number && d.sets["@secrets"][c.words[0]]:
		return d.inTable(t, "@secrets")
	case len(c.words) == 2 && c.words[0] == "user" && d.sets["@content"][c.words[1]] || name == "id":
		return d.inTable(t, "@sessions") && d.ofSecrets(t) && (name != "id" || !t.textKeys)
	case name == "token id":
		return d.inTable(t, "@secrets") && !t.textKeys
	}
	return false
}

// shortestMade is the least number of characters in a column for codes that a program makes. A narrower column holds a
// state.
const shortestMade = 20

// ofService reports whether the rows of a table are keys or accounts of programs at a service: api_keys,
// webservice_account.
func (d *Detectors) ofService(t *table) bool {
	last := len(t.words) - 1
	return last > 0 && slices.Contains([]string{"key", "account", "client", "consumer", "credential", "user"}, strings.TrimSuffix(t.words[last], "s")) &&
		d.among(t.words[:last], "@service")
}

// ofNumbers guesses what a column called number or value holds if the table's name says it. For example,
// phone_numbers.number holds telephone numbers.
func (d *Detectors) ofNumbers(t *table, c *column) *candidate {
	if len(c.words) != 1 || c.words[0] == "code" || !d.sets["@number"][c.words[0]] && !d.sets["@value"][c.words[0]] {
		return nil
	}
	if same(c.words[0]) == number && c.family == catalog.Text && d.among(t.words, "@calls") {
		return d.beside("phone", c, "it is the number in a table of calls")
	}
	for _, n := range d.phrasesIn(t.words, c.family) {
		if mark(n.points) == enough && len(t.words)-n.end <= 1 && strings.Contains(" phone pan iban bank_account email national_id license_plate ", " "+n.kind.name+" ") {
			return &candidate{kind: n.kind, points: sure, end: 1, why: "it is the number in a table of such numbers"}
		}
	}
	return nil
}

// beside returns a sure candidate of a kind whose name is a word of the vocabulary. It returns nil if a column of this
// type cannot hold the kind.
func (d *Detectors) beside(word string, c *column, why string) *candidate {
	for _, e := range d.phrases[word] {
		if e.kind.name == word && e.kind.takes(c.family) {
			return &candidate{kind: e.kind, points: forPhrase, end: len(c.words), why: why}
		}
	}
	return nil
}

// among reports whether one of the words is in the section.
func (d *Detectors) among(words []string, section string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return d.sets[section][w] })
}

// inTable reports whether a table's name ends with a word of the section. It skips words at the end that are not in the
// vocabulary or are in the section @rows.
func (d *Detectors) inTable(t *table, section string) bool {
	for _, w := range slices.Backward(t.words) {
		if d.sets[section][w] {
			return true
		}
		if d.known[w] && !d.sets["@rows"][w] {
			return false
		}
	}
	return false
}

// ofSecrets reports whether the rows of a table are secrets: tokens, invitations, sessions of logins. Sessions of a
// course are not.
func (d *Detectors) ofSecrets(t *table) bool {
	return d.inTable(t, "@secrets") && !slices.ContainsFunc(t.words, func(w string) bool { return d.sets["@thing"][w] && !d.sets["@secrets"][w] })
}

// refersToPerson reports whether the rows of a table are people or belong to people: there is a foreign key to them, or
// a column whose name says that it is the key of a person.
func (d *Detectors) refersToPerson(t *table) bool {
	return t.isOfPeople() || slices.ContainsFunc(t.columns, func(c column) bool {
		w := c.words
		return len(w) == 1 && (c.family == catalog.Integer || c.family == catalog.UUID) && (d.role(w[0]) || t.medical && w[0] == "pid") || len(w) == 2 && ((w[1] == "id" || d.sets["@number"][w[1]]) && d.sets["@person"][w[0]] || (w[0] == "id" || w[0] == "fk" && c.family == catalog.Integer) && d.sets["@person"][w[1]])
	})
}

// shortest is the least number of characters that a value of a kind has. A column that is narrower holds a code or a
// switch.
func shortest(kind string) int {
	switch kind {
	case "url", "free_text", "user_agent":
		return 20
	case "iban", "ip_address":
		return 15
	case "email", "mac_address", "address":
		return 10
	case "full_name", "user_name", "birth_date":
		return 6
	case "company", "license_plate", "password":
		return 4
	case "phone", "national_id", "given_name", "family_name", "secret", "city", "pan", "money", "job_title", "street":
		return 3
	}
	return 0
}

// fits reports whether the type of a column is wide enough for values of a kind.
func (c *column) fits(kind string) bool {
	n := c.cat.Type.MaxLen
	return n == 0 || n >= shortest(kind) || c.cat.Type.Family != catalog.Text
}

// ofPhones reports whether the rows of a table are telephone numbers.
func (d *Detectors) ofPhones(t *table) bool {
	return slices.ContainsFunc(d.phrasesIn(t.words, catalog.Text), func(n candidate) bool { return n.kind.name == "phone" && n.end == len(t.words) })
}

// postal reports whether a phrase that can mean a secret code, such as pin_code or mail_code, means a postcode. It does
// if parts of an address are beside it, and no number of a card. In a table about people, the single word pin never
// does.
func (d *Detectors) postal(t *table, c *column, n *candidate) bool {
	words := c.words[n.start:n.end]
	return (len(words) > 1 || !t.isOfPeople()) && (words[0] == "pin" || words[0] == "mail") && t.places(c) > 0 && !t.has("pan", c)
}

// ofContact reports whether an address is the address of a person or company, and not of a machine.
// An example is owner_address. The word before the address must be a word for a person. The row
// must also have an email or a phone, or the name of the table must have no word for networks.
func (d *Detectors) ofContact(t *table, c *column, n *candidate) bool {
	if n.start == 0 || !d.sets["@person"][c.words[n.start-1]] {
		return false
	}
	return t.has("email", c) || t.has("phone", c) || !d.among(t.words, "@network")
}

// counted reports whether a column counts things, or numbers people, although its name has a phrase of a kind. For
// example, ph_number_of_guests holds no telephone number, and num_beneficiary holds no name.
func (d *Detectors) counted(c *column, n *candidate) bool {
	if n.kind.name == "full_name" && n.role && (n.start > 0 && d.sets["@number"][c.words[0]] || n.end < len(c.words) && d.sets["@number"][c.words[n.end]]) {
		return true
	}
	if d.countsThings(c) && n.end == len(c.words) {
		return true
	}
	at := slices.Index(c.words, "of")
	return at > 0 && (at == n.end || at == n.end+1) && same(c.words[at-1]) == number
}

// countsThings reports whether a number has a word for number before a plural, as in num_docs or num_dipendenti.
func (d *Detectors) countsThings(c *column) bool {
	if same(c.words[0]) != number || c.family == catalog.Text {
		return false
	}
	if stem, ok := strings.CutSuffix(c.words[len(c.words)-1], "i"); ok && (d.sets["@person"][stem+"e"] || d.sets["@person"][stem+"o"]) {
		return true
	}
	return strings.HasSuffix(c.cat.Name, "s")
}

// partOf reports whether a word for something else and "of" precede the role of a person, as in place_of_contact. Such
// a column does not hold the person's name.
func (d *Detectors) partOf(c *column, n *candidate) bool {
	if !n.role || n.start < 2 || c.words[n.start-1] != "of" {
		return false
	}
	head := c.words[n.start-2]
	return !d.sets["@name"][head] && !d.sets["@person"][head]
}

// keyed reports whether a column holds only the key or the state of what a phrase names. For example, id_messaggio
// holds no message. In a table of documents, cod_documento holds no number of an identity document.
func (d *Detectors) keyed(t *table, c *column, n *candidate) bool {
	if n.start != 1 || !d.sets["@keyed"][c.words[0]] {
		return false
	}
	document := n.kind.name == "national_id" && n.end == 2 && d.sets["@document"][c.words[1]] && d.sets["@coded"][c.words[0]]
	return n.kind.name == "free_text" || n.kind.name == "money" && c.family == catalog.Integer && d.sets["@coded"][c.words[0]] || document && d.among(t.words, "@document")
}

// ofRole reports whether a phrase for a national number, such as tc or dni, follows the role of a person and ends the
// name. Examples are hasta_tc and tutor_dni.
func (d *Detectors) ofRole(c *column, n *candidate) bool {
	return n.kind.name == "national_id" && n.start > 0 && n.end == len(c.words) && d.role(c.words[n.start-1]) &&
		!d.sets["@vague"][c.words[n.start]]
}

// addressed reports whether an address holds a street: other columns of the table are clearly parts of an address, as
// in address_1 and address_2, and no word of the table's or the column's name is a word for networks.
func (d *Detectors) addressed(t *table, c *column) bool {
	return t.places(c) > 0 && !d.among(slices.Concat(t.words, c.words), "@network")
}

// registered reports whether an authority has issued the number of a licence or of a registration. This is so if the
// table is about companies, or if its name has a word for a licence or a registration.
func (d *Detectors) registered(t *table, c *column) bool {
	if !d.among(c.words, "@permit") {
		return false
	}
	return t.company || d.among(t.words, "@permit")
}

// madeKey reports whether a column holds the key of a session of a login, which a program has made.
func (d *Detectors) madeKey(t *table, c *column) bool {
	last := len(t.words) - 1
	ofSessions := last > 0 && d.sets["@sessions"][t.words[last-1]] && t.words[last] == "key"
	return ofSessions && c.cat.Type.MaxLen >= shortestMade && !t.textKeys
}
