package guess

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// inContext replaces the kind of the best candidate if the table or the columns beside c show a more exact kind.
func (d *Detectors) inContext(t *table, c *column, best *candidate) {
	switch best.kind.name {
	case "middle_name": // "other names" beside a family name are given names
		if slices.Contains(c.words, "other") && !t.has("given_name", c) && t.has("family_name", c) {
			best.kind = &kind{name: "given_name", as: true}
		}
	case "identifier": // the licence number of a company, or a number in a table of licences
		if d.registered(t, c) {
			best.kind = &kind{name: "national_id"}
		}
	case "religion": // the short form rel, in a table about the family of somebody
		if len(c.words) > 0 && c.words[0] == "rel" && d.among(t.words, "@relative") {
			best.kind = &kind{name: "personal"}
		}
	case "address": // city and postcode have columns of their own, so this column holds the street
		if t.has("city", c) && t.has("postcode", c) && !t.has("street", c) {
			best.kind = &kind{name: "street", as: true}
		}
	}
}

// ofThing reports whether a candidate describes a thing or a business, and not a person. Examples are the fee of a
// tariff, the fingerprint of a file, the legal form of a company.
func (d *Detectors) ofThing(t *table, c *column, n *candidate) bool {
	switch n.kind.name {
	case "amount":
		return t.thing && !t.ofPeople || d.among(c.words, "@priced")
	case "company":
		return !d.isLast(c, n)
	case "national_id": // not of a person: the key of a document, the code of a tax, or the register number of a company
		document := n.end-n.start == 1 && c.family != catalog.Text && d.sets["@document"][c.words[n.start]]
		listed := d.sets["@thing"][c.words[n.start]] && len(t.words) > 0 && c.words[n.start] == t.words[len(t.words)-1] && !t.describes(c)
		short := c.words[n.end-1] == "code" && c.cat.Type.MaxLen > 0 && c.cat.Type.MaxLen <= longestCode
		return short || listed || document && !(t.persons && d.isWhole(c, n)) || t.thing && !t.ofPeople && c.words[n.end-1] == "code" && !t.describes(c) ||
			d.inTable(t, "@company") && d.among(c.words[n.start:n.end], "@register")
	case "street":
		if c.cat.Type.MaxLen > 0 && c.cat.Type.MaxLen < shortestAddress && d.sets["@address"][c.words[n.end-1]] {
			return true // a switch or a code, as in adr_kind
		}
		if c.family != catalog.Text && (!d.isLast(c, n) || c.family == catalog.Integer && d.sets["@address"][c.words[n.end-1]]) {
			return true // a number cannot be an address: it is the key of one
		}
		if t.has("city", c) || t.has("postcode", c) || d.addressed(t, c) || d.ofContact(t, c, n) || !slices.Contains([]string{"address", "addr"}, strings.Join(c.words[n.start:n.end], " ")) {
			return false
		}
		return t.thing && !t.ofPeople || d.among(slices.Concat(t.words, c.words), "@network")
	case "email": // beside a city, a column called mail address holds a street
		return t.places(c) > 0 && n.end-n.start == 2 && c.words[n.start] == "mail" && d.sets["@address"][c.words[n.start+1]] && !t.mail
	case "birth_date":
		return d.aboutPlace(c, n)
	case "postcode": // a number of posts
		return c.family == catalog.Integer && n.end-n.start == 2 && c.words[n.start] == "post" && strings.HasPrefix(c.words[n.start+1], "num") && t.places(c) == 0
	case "sexual_life": // the status of a transaction
		return c.words[n.start] == "trans" && slices.ContainsFunc(t.columns, func(o column) bool { return o.cat != c.cat && slices.Contains(o.words, "trans") })
	case "health", "biometrics":
		return t.thing && !t.ofPeople && !(t.people && n.points >= forPhrase) && c.family != catalog.Boolean && c.family != catalog.Bytes
	}
	return false
}

// longestCode is the largest number of characters in a column for codes of taxes. No number of a person is as short.
const longestCode = 5

// shortestAddress is the least number of characters in a column that is called address.
const shortestAddress = 10

// ofTexts reports whether the rows of a table are texts, such as remarks.
func (d *Detectors) ofTexts(t *table) bool {
	if t.nobody {
		return false
	}
	return d.inTable(t, "@texts") || len(t.words) > 0 && slices.ContainsFunc(d.phrasesIn(t.words[len(t.words)-1:], catalog.Text), func(n candidate) bool {
		return mark(n.points) == enough && n.kind.name == "free_text"
	})
}

// ofNobody reports whether a candidate tells something about a person only in a table about people, and the table is
// not about people. Examples are the price in a list of products, and the date on which a coupon was terminated.
func (d *Detectors) ofNobody(t *table, c *column, n *candidate) bool {
	thing := t.nobody || t.isOfThings()
	switch n.kind.name {
	case "amount":
		return !d.refersToPerson(t)
	case "date_of_event":
		return !t.isOfPeople() && !(t.medical && d.ofCare(t)) && (thing || !d.among(c.words[n.start:n.end], "@life"))
	case "company":
		return t.nobody || d.ofInstitution(t, c)
	case "identifier", "birth_date", "nationality", "marital_status", "religion", "ethnicity", "personal", "job_title", "file":
		return t.nobody || n.kind.name == "personal" && d.ofTree(t, c)
	case "gender", "age": // of those for whom a product is made
		return t.nobody || t.thing && !t.ofPeople
	case "photo":
		return t.nobody || !d.refersToPerson(t)
	case "health": // of an animal, or a catalogue of a hospital, such as its specialties
		return t.nobody || t.medical && c.family != catalog.Boolean && c.family != catalog.Enum && !d.refersToPerson(t)
	case "national_id": // of a company
		return !t.company && !slices.ContainsFunc(t.words, d.role) && !t.holds("birth_date", "given_name", "family_name") && d.among(c.words, "@register")
	case "money":
		return thing
	case "url":
		return thing
	case "free_text":
		if (c.words[0] == "report" || c.words[0] == "reported") && d.refersToPerson(t) && !t.nobody { // by a user, about a post
			return false
		}
		return thing && !t.people && (!t.mail && !d.ofTexts(t) || t.nobody)
	case "latitude", "longitude":
		return thing && t.places(c) == 0
	}
	return false
}

// isCode reports whether a word means that a column has the code of something: income_code is no income.
func isCode(word string) bool {
	return slices.Contains([]string{"code", "codes", "type", "types"}, word)
}

// isKey reports whether a word ends the name of a key.
func isKey(word string) bool { return word == "id" || word == "userid" }

// about reports whether the other words of the name say that the column only tells something about the kind. For
// example, email_type holds no email address, and hash_algo holds no hash.
func (d *Detectors) about(t *table, c *column, n *candidate) bool {
	coded := n.kind.special || slices.Contains([]string{"gender", "marital_status", "nationality", "money", "birth_year", "age", "date_of_event", "birth_date"}, n.kind.name)
	if c.words[0] == "id" && c.family == catalog.Integer && len(c.words) > 1 && !d.sets["@number"][c.words[n.end-1]] {
		return true // a number that references a row of another table, as in id_card
	}
	if n.kind.name == "national_id" && d.ofLedger(t, c) || n.kind.name == "user_name" && c.words[n.start] == "alias" && d.listsPlaces(t) {
		return true
	}
	for i, w := range c.words {
		switch {
		case n.start <= i && i < n.end:
		case i < n.start && i > 0:
		case i < n.start:
			if c.family == catalog.Boolean && d.sets["@may"][w] {
				return true // a permission, as in can_view_health
			}
			if d.sets["@rank"][w] && n.kind.name == "user_name" {
				return true // role_user
			}
			if d.sets["@front"][w] && (!n.kind.special || n.kind.name == "conviction" || !d.sets["@state"][w] || t.thing) {
				return true
			}
		case d.sets["@opens"][w] && (n.kind.name == "password" || n.kind.name == "secret") && c.family == catalog.Text:
		case d.sets["@about"][w] && (n.kind.name != "free_text" || slices.Contains([]string{"url", "urls", "uri", "link", "slug", "template", "templates"}, w)):
			return true
		case isKey(w) && (c.family == catalog.Integer || c.family == catalog.UUID || c.family == catalog.Text && (t.textKeys || n.kind.special)), w == "uuid" || w == "guid":
			return true
		case n.kind.name == "phone" && (w == "prefix" || w == "prefijo"), n.kind.name == "user_name" && (w == "prefix" || w == "suffix"):
			return true // telephone_prefix
		case n.kind.name == "biometrics" && (w == "sha" || w == "md" || w == "crc"): // of a file
			return true
		case n.kind.name == "email" && d.kindOfWord(w) == "free_text":
			return true // email_text
		case d.sets["@state"][w] && (!coded || n.kind.name == "money" && isCode(w)) && n.kind.name != "pan":
			return true
		}
	}
	return false
}
