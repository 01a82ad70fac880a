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

// The vocabulary has about one phrase in each 10 bytes, and one new word in each 20. A map that begins with the right size
// need not grow.
const (
	perPhrase = 10
	perWord   = 20
)

func parse(text string) (*Detectors, error) {
	d := &Detectors{
		phrases: make(map[string][]entry, len(text)/perPhrase), known: make(map[string]bool, len(text)/perWord),
		stems: map[string][]stem{}, sets: map[string]set{}, special: map[string]bool{}, fold: words.NewFolding(),
	}
	d.short.listed = map[string]string{}
	lists := phrases{Detectors: d}
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
		lists.add(section, mark(line[0]), line[2:])
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

// takes reports whether columns of the family can hold the kind. A text can be stored as bytes, for example if it is
// encrypted. A JSON document can hold a text that reaches or identifies a person, such as an email.
func (k *kind) takes(f catalog.Family) bool {
	if k.families == nil || slices.Contains(k.families, f) {
		return true
	}
	text := slices.Contains(k.families, catalog.Text)
	return f == catalog.Bytes && text || f == catalog.JSON && text &&
		slices.Contains([]string{"email", "phone", "street", "address", "given_name", "family_name", "full_name", "national_id", "iban", "bank_account", "pan"}, k.name)
}

// group is one place of a phrase in the vocabulary, with the words that can be there.
type group struct {
	text     string // as it is written
	words    []string
	stem     []bool // whether the word may be a stem: it is written with *
	optional bool
}

// read reads the words from the text, and adds them to the known words of d. Each word is folded once, however many
// forms have it. A stem is a known word only if the phrase has several places: in a form of several words, it is a
// word.
func (g *group) read(d *Detectors, several bool) {
	text, optional := strings.CutSuffix(g.text, "?")
	g.optional = optional
	g.words, g.stem = g.words[:0], g.stem[:0]
	for w := range strings.SplitSeq(text, "|") {
		w, stem := strings.CutSuffix(w, "*")
		w = d.folded(w)
		if !stem || several {
			d.known[w] = true
		}
		g.words, g.stem = append(g.words, w), append(g.stem, stem)
	}
}

// phrases reads lists of phrases. It uses the memory of one phrase again for the next.
type phrases struct {
	*Detectors
	groups []group
	form   []string
}

// add adds phrases in all their forms. For example, "api key|token" has the forms api key and api token.
func (p *phrases) add(k *kind, m mark, list string) {
	e := []entry{{k, m}}
	for phrase := range strings.SplitSeq(list, ",") {
		n := 0
		for place := range strings.FieldsSeq(phrase) {
			if n++; n > len(p.groups) {
				p.groups = append(p.groups, group{})
			}
			p.groups[n-1].text = place
		}
		for i := range n {
			p.groups[i].read(p.Detectors, n > 1)
		}
		p.addForms(e, p.groups[:n], p.form[:0], false)
	}
}

// addForms adds all forms that begin with the words of form. The argument stem says whether the first of these words may
// be a stem.
func (p *phrases) addForms(e []entry, rest []group, form []string, stem bool) {
	if len(rest) == 0 {
		p.addForm(e, form, stem)
		p.form = form
		return
	}
	if rest[0].optional {
		p.addForms(e, rest[1:], form, stem)
	}
	for i, w := range rest[0].words {
		p.addForms(e, rest[1:], append(form, w), len(form) == 0 && rest[0].stem[i] || len(form) > 0 && stem)
	}
}

// addForm adds a form. The slice e has one entry and no further capacity, so that many phrases can share it.
func (d *Detectors) addForm(e []entry, form []string, mayBeStem bool) {
	if len(form) == 0 {
		return
	}
	k, m := e[0].kind, e[0].mark
	if mayBeStem && len(form) == 1 {
		start := form[0][:min(len(form[0]), stemStart)]
		d.stems[start] = append(d.stems[start], stem{form[0], e[0]})
		return
	}
	if k.name == "@short" {
		d.short.listed[form[0]] = form[len(form)-1]
		return
	}
	phrase := strings.Join(form, " ")
	if m == plain {
		if d.sets[k.name] == nil {
			d.sets[k.name] = set{}
		}
		d.sets[k.name][phrase] = true
		d.sets[k.name][phrase+"s"] = true // Tokens leaves a plural as it is if the plural is in the vocabulary itself
		return
	}
	d.addPhrase(phrase, e)
	if general := d.general(form); general != "" {
		d.addPhrase(general, e)
	}
	if len(form) == 2 && m == enough && (isName(form[0]) != isName(form[1])) {
		d.addPhrase(form[1]+" "+form[0], e) // "name first" counts like "first name"
	}
	d.longest = max(d.longest, len(form))
}

func (d *Detectors) addPhrase(phrase string, e []entry) {
	have := d.phrases[phrase]
	if have == nil {
		d.phrases[phrase] = e
	} else if !slices.Contains(have, e[0]) {
		d.phrases[phrase] = append(have, e[0])
	}
}

// number stands for all words that mean number.
const number = "number"

// same returns the word number for several words that mean number, and other words unchanged. So a phrase of the
// vocabulary needs only one of them: passport no also stands for passport nr and passport number.
func same(word string) string {
	switch word {
	case "no", "nr", "num", "nbr", "nro", "nummer", "numero", "numer":
		return number
	}
	return word
}

// general returns a phrase with one word for all words that mean number. It returns "" if no word means number, or if
// all other words are short. A short word can mean something else with another word for number, as in id nr and d
// nummer.
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

func (d *Detectors) folded(word string) string {
	for i := range len(word) {
		if c := word[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return string(d.fold.Append(nil, []byte(word)))
		}
	}
	return word // as most words of the vocabulary
}
