package guess

import (
	"slices"
	"strings"
	"unicode"
)

// Tokens splits a name into words without case and accents. It splits at separators, before words that begin with a
// capital letter, and between letters and digits. It also splits words that are written together, if it knows at least
// one of them. For example, homeEmail2 gives home, email and 2, and customerphone gives customer and phone. Plurals and
// short forms of words of the vocabulary become these words.
func (d *Detectors) Tokens(name string) []string {
	var out []string
	for _, part := range d.regrouped(humps(versions.Replace(name))) {
		word := d.folded(part)
		if word == "" {
			continue
		}
		out = append(out, d.apart(word)...)
	}
	for i, w := range out {
		if out[i] = d.singular(w); out[i] == w {
			out[i] = d.owned(w)
		}
		if out[i] == w {
			out[i] = d.long(w)
		}
	}
	return out
}

// versions replaces ipv4 and ipv6 by the word ip with separators around it, because a name can have them without a
// separator: framedipv6address. It also writes out the numbers in last4 and first6.
var versions = strings.NewReplacer("last4", "last_four", "last_4", "last_four", "Last4", "LastFour", "first6", "first_six", "first_6", "first_six",
	"ipv4", "_ip_", "ipv6", "_ip_", "IPv4", "_IP_", "IPv6", "_IP_", "IPV4", "_IP_", "IPV6", "_IP_", "Ipv4", "_Ip_", "Ipv6", "_Ip_")

// humps splits a name at separators, before words that begin with a capital letter, and between letters and digits.
func humps(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	rs := []rune(name)
	for i, c := range rs {
		switch {
		case unicode.Is(unicode.Mn, c) && len(word) > 0: // an accent that is a separate character
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			flush()
			continue
		case i > 0 && unicode.IsDigit(c) != unicode.IsDigit(rs[i-1]):
			flush()
		case i > 0 && unicode.IsUpper(c) && (unicode.IsLower(rs[i-1]) ||
			unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1])):
			flush()
		}
		word = append(word, c)
	}
	flush()
	return out
}

// regrouped moves the first letter of a word to the acronym before it, if the longer acronym and the rest of the word
// are in the vocabulary: IPaddress is IP and address, and not I and Paddress.
func (d *Detectors) regrouped(parts []string) []string {
	for i := range len(parts) - 1 {
		acronym, word := parts[i], parts[i+1]
		if acronym == "" || acronym != strings.ToUpper(acronym) || len(word) <= shortestTail || !unicode.IsUpper(rune(word[0])) || !unicode.IsLower(rune(word[1])) {
			continue
		}
		whole, rest := d.folded(acronym+word[:1]), d.folded(word[1:])
		if d.known[whole] && d.isWord(rest) && !(d.known[d.folded(acronym)] && d.isWord(d.folded(word))) {
			parts[i], parts[i+1] = acronym+word[:1], word[1:]
		}
	}
	return parts
}

// Limits for splitting words that are written together, in bytes.
const (
	shortestPart  = 3
	shortestTail  = 2  // shortest last part, as in patientno and customerid
	shortestOwned = 5  // shortest word before a Turkish ending
	shortestStem  = 5  // shortest stem at the beginning of a last part, as in emphastalik
	shortestHead  = 6  // shortest last part of a German compound whose first part is not in the vocabulary
	longestSplit  = 64 // longest word that is split
)

// apart splits a word that consists of several words, such as customerphone. It returns other words as they are.
func (d *Detectors) apart(word string) []string {
	if len(word) < shortestPart+shortestTail || len(word) > longestSplit || d.known[word] || d.known[d.singular(word)] || d.stemmed(word) {
		return []string{word}
	}
	if parts := d.letter(word); parts != nil {
		return parts
	}
	if who, ok := strings.CutPrefix(word, "id"); ok && (d.role(who) || d.sets["@sessions"][who] || same(who) == number && who != "no") {
		return []string{"id", who}
	}
	if what, ok := strings.CutPrefix(word, "id"); ok && len(what) > shortestLetter && d.known[what] {
		return []string{"id", what}
	}
	if what, ok := strings.CutPrefix(word, "ip"); ok && len(what) >= shortestLetter && d.known[what] {
		return []string{"ip", what}
	}
	if parts := d.numbered(word); parts != nil {
		return parts
	}
	if parts := d.segments(word); parts != nil {
		return parts
	}
	if parts := d.segments(word[1:]); len(parts) > 1 && d.wholly(parts, "@when") { // vdatestart: the first letter of the table, and words
		return append([]string{word[:1]}, parts...)
	}
	for i := shortestPart; i <= len(word)-shortestHead; i++ {
		if tail := word[i:]; d.known[tail] && len(d.phrases[tail]) > 0 || len(word)-i >= shortestHead && d.sets["@person"][tail] {
			return []string{word[:i], tail}
		}
	}
	for _, head := range []string{"cpfcnpj", "cpf", "cnpj", "email", "iban", "telefono", "telefone", "pesel"} {
		if rest, ok := strings.CutPrefix(word, head); ok && len(rest) >= shortestLetter {
			return []string{head, rest}
		}
	}
	for _, tail := range []string{"nummer", "nr", "navn", "namn", "naam", "name", "tlf", "email", "mail", "adresse", "address", "dato", "datum", "pswd", "pwd", "pass", "password", "passwort", "passwd", "secret", "token", "telefon", "telephone", "mobile", "ssn", "dob", "phone", "fax", "street"} {
		if head, ok := strings.CutSuffix(word, tail); ok && (len(head) >= shortestPart || len(head) == shortestTail && len(tail) >= shortestHead-1) {
			return []string{head, tail}
		}
	}
	return []string{word}
}

// numbered splits words such as noktp, nrpesel and numcarte. They begin with a word for number, and the rest is a word
// of the vocabulary for something that has numbers. For all other words, it returns nil.
func (d *Detectors) numbered(word string) []string {
	for _, n := range []string{"numero", "nomor", "numer", "num", "nro", "nr", "no"} {
		rest, ok := strings.CutPrefix(word, n)
		if ok && slices.ContainsFunc(d.phrases[rest], func(e entry) bool {
			return slices.Contains([]string{"phone", "national_id", "iban", "bank_account", "pan", "license_plate"}, e.kind.name)
		}) {
			return []string{n, rest}
		}
	}
	return nil
}

func (d *Detectors) stemmed(word string) bool {
	return slices.ContainsFunc(d.stemsOf(word), func(s stem) bool { return strings.HasPrefix(word, s.text) })
}

// segments splits a word into as few words of the vocabulary as possible. The last part can also be a word that begins
// with a stem. Of several splits into as many words, it returns the one with the shortest last word: last ip, and not
// las tip. It returns nil if no split is possible.
func (d *Detectors) segments(word string) []string {
	best := make([][]string, len(word)+1)
	best[0] = []string{}
	for end := shortestPart; end <= len(word); end++ {
		last := end == len(word)
		for start := 0; start <= end-shortestTail; start++ {
			part := word[start:end]
			if len(part) < shortestPart && (start == 0 || !slices.Contains([]string{"no", "nr", "id", "ip", "tc", "by", "nm"}, part) || !last && part != "nr") {
				continue
			}
			if best[start] == nil || !d.known[part] && !d.known[d.singular(part)] && !(last && d.ends(part)) || start == 0 && last {
				continue
			}
			if best[end] == nil || len(best[start])+1 <= len(best[end]) {
				best[end] = append(append([]string{}, best[start]...), part)
			}
		}
	}
	return best[len(word)]
}

// ends reports whether a part of a word begins with a stem that is long enough to be no accident.
func (d *Detectors) ends(part string) bool {
	return slices.ContainsFunc(d.stemsOf(part), func(s stem) bool { return len(s.text) >= shortestStem && strings.HasPrefix(part, s.text) })
}

// singular returns the form of a word that is in the vocabulary: the word itself, or the word without a plural ending.
// If neither is in the vocabulary, it returns the word itself.
func (d *Detectors) singular(word string) string {
	if d.known[word] {
		return word
	}
	for _, ending := range []struct {
		plural, singular string
		least            int
	}{{"ies", "y", shortestPart}, {"s", "", shortestPart}, {"es", "", shortestPart}, {"n", "", shortestStart + 1}, {"en", "", shortestStart + 1}} {
		if stem, ok := strings.CutSuffix(word, ending.plural); ok && len(stem) >= ending.least && d.known[stem+ending.singular] {
			return stem + ending.singular
		}
	}
	return word
}

// owned returns a word of the vocabulary without the ending by which Turkish says that something belongs to somebody,
// as in sifresi. It returns other words unchanged.
func (d *Detectors) owned(word string) string {
	for _, ending := range []string{"si", "su", "i", "u"} {
		if stem, ok := strings.CutSuffix(word, ending); ok && len(stem) >= shortestOwned && d.known[stem] && !d.known[word] {
			return stem
		}
	}
	return word
}

// Words splits a name at separators, before words that begin with a capital letter, and between letters and digits, and
// returns the parts in lower case.
func Words(name string) []string {
	parts := humps(name)
	for i, p := range parts {
		parts[i] = strings.ToLower(p)
	}
	return parts
}
