package guess

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/rules"
)

// kind is a section of the vocabulary that describes what a column holds.
type kind struct {
	name     string
	families []catalog.Family // nil for all
	as       bool
	special  bool
	quasi    bool
}

// mark is the condition under which a phrase counts. The file rules/names.txt explains the marks.
type mark byte

const (
	enough   mark = '+'
	suggests mark = '?'
	alone    mark = '^' // like enough, but only if the name has no other words
	ofPeople mark = '~'
	inPlace  mark = '&'
	inMail   mark = '!'
	plain    mark = '=' // a word of a section that begins with @
)

// entry is one meaning of a phrase.
type entry struct {
	kind *kind
	mark mark
}

// stem is the beginning of words. It counts like a phrase.
type stem struct {
	text string
	entry
}

// stemStart is the number of bytes at the beginning of a stem by which it is found.
const stemStart = 3

// stemsOf returns the stems that may begin a word.
func (d *Detectors) stemsOf(word string) []stem { return d.stems[word[:min(len(word), stemStart)]] }

// set is a section of words that describe no kind, such as words for persons. The name of the section begins with @.
type set map[string]bool

// Detectors guess what columns hold. The zero value has no words: use New.
type Detectors struct {
	phrases map[string][]entry
	stems   map[string][]stem // by their first letters
	sets    map[string]set
	known   map[string]bool // all words of the vocabulary
	special map[string]bool // the kinds that are special categories
	short   shortForms
	longest int // number of words in the longest phrase
	fold    *words.Folding
}

// New reads the vocabulary that ships with masker.
func New() (*Detectors, error) {
	data, err := fs.ReadFile(rules.Files, "names.txt")
	if err != nil {
		return nil, fmt.Errorf("the embedded vocabulary cannot be read: %w", err)
	}
	return parse(string(data))
}

func parse(text string) (*Detectors, error) {
	d := &Detectors{phrases: map[string][]entry{}, stems: map[string][]stem{}, sets: map[string]set{}, known: map[string]bool{}, special: map[string]bool{}, fold: words.NewFolding()}
	d.short.listed = map[string]string{}
	var section *kind
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			k, err := header(line)
			if err != nil {
				return nil, fmt.Errorf("vocabulary, line %d: %w", number, err)
			}
			section, d.special[k.name] = k, k.special
			continue
		}
		if section == nil || len(line) < 3 || !strings.ContainsRune("+?^~&!=", rune(line[0])) {
			return nil, fmt.Errorf("vocabulary, line %d: want a section, or a mark and phrases", number)
		}
		for _, phrase := range strings.Split(line[2:], ",") {
			d.add(section, mark(line[0]), strings.Fields(phrase))
		}
	}
	d.short = d.shortForms()
	return d, nil
}

// header reads the first line of a section. The line has the form "[kind family …] flag …".
func header(line string) (*kind, error) {
	inside, flags, ok := strings.Cut(line[1:], "]")
	fields := strings.Fields(inside)
	if !ok || len(fields) == 0 {
		return nil, fmt.Errorf("%q is no section", line)
	}
	k := &kind{name: fields[0]}
	for _, f := range fields[1:] {
		if f == "any" {
			continue
		}
		list := familiesOf(f)
		if list == nil {
			return nil, fmt.Errorf("there is no family %q", f)
		}
		k.families = append(k.families, list...)
	}
	for _, f := range strings.Fields(flags) {
		switch f {
		case "as":
			k.as = true
		case "special":
			k.special = true
		case "quasi":
			k.quasi = true
		default:
			return nil, fmt.Errorf("there is no flag %q", f)
		}
	}
	return k, nil
}

func familiesOf(word string) []catalog.Family {
	switch word {
	case "text":
		return []catalog.Family{catalog.Text}
	case "number":
		return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
	case "money":
		return []catalog.Family{catalog.Money}
	case "date":
		return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
	case "bytes":
		return []catalog.Family{catalog.Bytes}
	case "doc":
		return []catalog.Family{catalog.JSON, catalog.XML, catalog.Hstore}
	case "uuid":
		return []catalog.Family{catalog.UUID}
	case "enum":
		return []catalog.Family{catalog.Enum}
	case "bool":
		return []catalog.Family{catalog.Boolean}
	case "inet":
		return []catalog.Family{catalog.Inet}
	case "mac":
		return []catalog.Family{catalog.MAC}
	}
	return nil
}

// takes reports whether columns of the family can hold the kind. A text can be stored as bytes, for example if it is encrypted.
// A document can hold what reaches or identifies a person.
func (k *kind) takes(f catalog.Family) bool {
	if k.families == nil || slices.Contains(k.families, f) {
		return true
	}
	text := slices.Contains(k.families, catalog.Text)
	return f == catalog.Bytes && text || f == catalog.JSON && text &&
		slices.Contains([]string{"email", "phone", "street", "address", "given_name", "family_name", "full_name", "national_id", "iban", "bank_account", "pan"}, k.name)
}

// add adds a phrase in all its forms. For example, "api key|token" has the forms api key and api token.
func (d *Detectors) add(k *kind, m mark, groups []string) {
	forms := [][]string{nil}
	for _, g := range groups {
		alternatives, optional := strings.CutSuffix(g, "?")
		var next [][]string
		if optional {
			next = append(next, forms...)
		}
		for _, word := range strings.Split(alternatives, "|") {
			for _, f := range forms {
				next = append(next, append(slices.Clone(f), word))
			}
		}
		forms = next
	}
	for _, f := range forms {
		d.addForm(k, m, f)
	}
}

func (d *Detectors) addForm(k *kind, m mark, form []string) {
	if len(form) == 0 {
		return
	}
	if text, ok := strings.CutSuffix(form[0], "*"); ok && len(form) == 1 {
		text = d.folded(text)
		start := text[:min(len(text), stemStart)]
		d.stems[start] = append(d.stems[start], stem{text, entry{k, m}})
		return
	}
	for i, w := range form {
		form[i] = d.folded(strings.TrimSuffix(w, "*"))
		d.known[form[i]] = true
	}
	if k.name == "@short" {
		d.short.listed[form[0]] = form[len(form)-1]
		return
	}
	if m == plain {
		phrase := strings.Join(form, " ")
		if d.sets[k.name] == nil {
			d.sets[k.name] = set{}
		}
		d.sets[k.name][phrase] = true
		d.sets[k.name][phrase+"s"] = true // Tokens keeps a plural that is a word of the vocabulary too
		return
	}
	d.addPhrase(strings.Join(form, " "), entry{k, m})
	if general := d.general(form); general != "" {
		d.addPhrase(general, entry{k, m})
	}
	if len(form) == 2 && m == enough && (isName(form[0]) != isName(form[1])) {
		d.addPhrase(form[1]+" "+form[0], entry{k, m}) // name first is first name
	}
	d.longest = max(d.longest, len(form))
}

func (d *Detectors) addPhrase(phrase string, e entry) {
	if !slices.Contains(d.phrases[phrase], e) {
		d.phrases[phrase] = append(d.phrases[phrase], e)
	}
}

// number stands for all words that mean number.
const number = "number"

// same returns one word for all words that mean number. So a phrase of the vocabulary needs only one of them: passport no
// also stands for passport nr and passport number.
func same(word string) string {
	switch word {
	case "no", "nr", "num", "nbr", "nro", "nummer", "numero", "numer":
		return number
	}
	return word
}

// general returns a phrase with one word for all words that mean number. It returns "" if all other words are short. A
// short word can mean something else with another word for number, as in id nr and d nummer.
func (d *Detectors) general(words []string) string {
	if !slices.ContainsFunc(words, func(w string) bool { return same(w) == number }) {
		return ""
	}
	long := false
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = same(w)
		long = long || out[i] != number && len(w) >= shortestMeaning
	}
	if !long {
		return ""
	}
	return strings.Join(out, " ")
}

// shortestMeaning is the length of the shortest word that means the same with every word for number.
const shortestMeaning = 4

// isName reports whether a word means name in one of the languages whose words can have both orders.
func isName(word string) bool {
	switch word {
	case "name", "nm", "nom", "nombre", "nome", "naam", "namn", "navn":
		return true
	}
	return false
}

func (d *Detectors) folded(word string) string { return string(d.fold.Append(nil, []byte(word))) }
