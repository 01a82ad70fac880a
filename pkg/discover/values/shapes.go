package values

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The shapes and short words that are counted beside the classes.
const (
	digits   = "digits"   // digits only, like many national numbers
	article  = "article"  // digits with the check digit of an article number (EAN)
	postcode = "postcode" // the form of postcodes in many countries
	account  = "account"  // a user of a domain: domain\user
	title    = "title"
	gender   = "gender"
	married  = "marital"
	job      = "job"
	word     = "word"    // one or two capitalised words
	initial  = "initial" // one capital letter, with or without a dot
	status   = "status"  // one letter: married, single, divorced, widowed
)

// shortWords maps short words in several languages to what they tell of a person.
func shortWords() map[string]string {
	words := map[string]string{}
	for what, list := range map[string]string{
		title: "mr mrs ms miss mx dr prof sir madam rev hon herr frau fraulein mag dipl m mme mlle monsieur madame me sr sra srta don dona " +
			"sig sigra signor signora dott dottssa ing dhr mevr mevrouw heer pan pani jr snr ii iii iv phd md esq dds herra rouva hr fru",
		gender: "male female man woman nonbinary mannlich weiblich divers w homme femme masculin feminin hombre mujer masculino femenino feminino varon hembra " +
			"uomo donna maschio femmina homem mulher vrouw vrouwelijk mannelijk kvinna kvinde kvinne mezczyzna kobieta muz zena",
		married: "single married divorced widowed separated partnered ledig verheiratet geschieden verwitwet celibataire marie mariee divorce divorcee " +
			"veuf veuve pacse soltero soltera casado casada divorciado divorciada viudo viuda celibe nubile coniugato coniugata divorziato vedovo vedova " +
			"solteiro solteira viuvo ongehuwd gehuwd gescheiden weduwe weduwnaar ogift gift skild anka ugift skilt enke kawaler panna zonaty zamezna rozwiedziony wdowa",
		job: "manager engineer director assistant supervisor technician administrator analyst accountant developer designer clerk officer specialist " +
			"coordinator consultant representative president secretary nurse teacher driver operator buyer planner scheduler controller recruiter cashier " +
			"lawyer physician mechanic electrician architect scientist researcher professor cleaner chef waiter salesperson executive leiter leiterin " +
			"ingenieur sachbearbeiter entwickler entwicklerin verkaufer buchhalter directeur directrice comptable infirmier infirmiere chauffeur " +
			"ingeniero gerente contador enfermera enfermero profesor abogado vendedor impiegato operaio ingegnere medico contabile engenheiro " +
			"professora medewerker verpleegkundige chef kierownik ksiegowy inzynier specjalista chefe utvecklare larare sjukskoterska",
	} {
		for _, w := range strings.Fields(list) {
			words[w] = what
		}
	}
	return words
}

// longestShape is the number of bytes of the longest text whose shape is looked at.
const longestShape = 60

// shape counts the shape of a value, and the meaning of its short words.
func (c *Column) shape(text []byte, fresh bool) {
	if len(text) > longestShape {
		return
	}
	switch {
	case isDigits(text):
		c.shapes[digits]++
		if isArticle(text) {
			c.shapes[article]++
		}
	case bytes.Count(text, []byte(`\`)) == 1 && !bytes.ContainsAny(text, " /:"):
		c.shapes[account]++
	}
	if isPostcode(text) {
		c.shapes[postcode]++
	}
	if r, size := utf8.DecodeRune(text); unicode.IsUpper(r) && (len(text) == size || len(text) == size+1 && text[size] == '.') {
		c.shapes[initial]++
		if strings.ContainsRune("MSDW", r) {
			c.shapes[status]++
		}
	}
	if !fresh {
		return
	}
	if capitalised(text) {
		c.shapes[word]++
	}
	words := bytes.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	var space [2 * longestShape]byte
	for i, w := range words {
		what := c.looker.short[string(c.looker.folding.Append(space[:0], w))]
		if what == job && len(words) > 1 || len(words) == 1 && what != "" {
			c.shapes[what]++
			break
		}
		if i == len(words)-1 && len(words) == 1 && (bytes.EqualFold(w, []byte("m")) || bytes.EqualFold(w, []byte("f"))) {
			c.shapes[gender]++
		}
	}
	if len(words) == 1 && bytes.EqualFold(words[0], []byte("m")) { // in a list of titles it is Monsieur, in one of genders it is male
		c.shapes[gender]++
	}
}

func isDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) >= 6 && len(text) <= 19
}

// isArticle reports whether digits have the check digit of an article number: EAN-8, UPC, EAN-13 or GTIN-14.
func isArticle(text []byte) bool {
	if n := len(text); n != 8 && n != 12 && n != 13 && n != 14 {
		return false
	}
	sum := 0
	for i := range text {
		d := int(text[len(text)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// isPostcode reports whether a text has the form of a postcode: 4 to 6 digits, digits with a hyphen or blank, or
// letters and digits as in Great Britain, Canada and the Netherlands.
func isPostcode(text []byte) bool {
	var form [12]byte
	if len(text) < 4 || len(text) > 10 {
		return false
	}
	for i, b := range text {
		switch {
		case b >= '0' && b <= '9':
			form[i] = '9'
		case b >= 'A' && b <= 'Z':
			form[i] = 'A'
		default:
			form[i] = b
		}
	}
	switch string(form[:len(text)]) {
	case "9999", "99999", "999999", "99999-9999", "99-999", "999 99", "9999-999", "99999-999", "999-9999", "9999 AA", "9999AA", "A9A 9A9", "A9A9A9",
		"A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "A99 A999", "AA-9999", "AA-99999":
		return true
	}
	return false
}

// capitalised reports whether a text is one or two words of at least two characters. Each word begins with a capital
// letter, and has only letters, hyphens and apostrophes.
func capitalised(text []byte) bool {
	words := 0
	for w := range bytes.FieldsSeq(text) {
		first, size := utf8.DecodeRune(w)
		if words++; words > 2 || !unicode.IsUpper(first) || len(w) == size || bytes.ContainsFunc(w, func(c rune) bool { return !unicode.IsLetter(c) && c != '-' && c != '\'' }) {
			return false
		}
	}
	return words > 0
}
