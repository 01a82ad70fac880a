// Package values says what a sample of a column's values is about: mail addresses, cards, names, secrets. Its evidence is
// counts, and never a value. It opens nothing: the caller reads the sample.
//
// A value alone proves little. One in ten random numbers has the check digit of a card. So a class counts only if far more
// values fit than chance explains, and the evidence says how many values were looked at.
package values

import (
	"fmt"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/nationalid"
	"github.com/masker-project/masker/pkg/recognise/words"
)

// Evidence says that values of a column fit a class.
type Evidence struct {
	Class  string `json:"class"`          // a class of the pack baseline, or marital_status
	Path   string `json:"path,omitempty"` // the path of the values in documents, composites or CSV; "" for the whole value
	Looked int    `json:"looked"`         // how many values, or different values, were looked at, without NULL
	Hits   int    `json:"hits"`           // how many of them fit
	How    string `json:"how"`            // what was checked, in words
	Weak   bool   `json:"weak,omitempty"` // the evidence can be an accident: the name of the column is better evidence
	Within bool   `json:"-"`              // the class is within longer texts, so the column can hold another class besides
}

// Share returns the share of the values that fit.
func (e Evidence) Share() float64 { return float64(e.Hits) / float64(max(1, e.Looked)) }

// String returns the evidence in words.
func (e Evidence) String() string {
	text := fmt.Sprintf("%d of %d values %s", e.Hits, e.Looked, e.How)
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return text
}

// AtMost returns the largest share of other values that a column can have, with 95 % certainty. It is for a sample of n
// values that has none of these other values.
func AtMost(n int) float64 { return 1 - math.Pow(0.05, 1/float64(max(1, n))) }

// Looker looks at values. It belongs to one goroutine, and may look at one column after the other.
type Looker struct {
	scanner   *recognise.Scanner
	folding   *words.Folding
	countries []nationalid.Country
	words     map[uint64]classes // the classes of each word or phrase of the lists, by its hash
	ends      map[string]classes // the classes of names with this folded end
	endSizes  [256]uint32        // for each last byte, a bit for each size of an end in bytes
	listed    []string           // the classes of the lists, in the order of their bits
	parts     []part             // of the text that is looked at
	short     map[string]string  // short words, such as titles
	year      int
	seed      maphash.Seed
}

// New returns a Looker. The argument lists holds words for the classes given_name, family_name, city and street, which
// values are compared with, and for Common. The argument year is the present year: a birth date is in the past.
func New(lists map[string][]string, year int) *Looker {
	kinds := []recognise.Kind{
		recognise.Email, recognise.URL, recognise.PAN, recognise.IBAN, recognise.NationalID, recognise.Phone, recognise.Address,
	}
	l := &Looker{
		scanner: recognise.New(kinds, nil), countries: nationalid.Countries(), words: map[uint64]classes{}, ends: map[string]classes{}, listed: listClasses(), year: year,
		seed: maphash.MakeSeed(), short: shortWords(),
	}
	l.folding = l.scanner.Folding()
	for i, class := range l.listed {
		l.enter(1<<i, lists[class])
	}
	l.enter(lesser, strings.Fields(lesserWords))
	l.enterEnds(familyName, familyEnds)
	l.enterEnds(city, cityEnds)
	l.enterWays()
	return l
}

// phrase returns a hash of the folded words of a text, and the number of words.
func (l *Looker) phrase(text []byte) (hash uint64, n int) {
	for i := 0; i < len(text); {
		w := l.folding.At(text, i)
		if w.End <= i {
			i++
			continue
		}
		hash = hash*0x9e3779b97f4a7c15 ^ w.Hash
		i, n = w.End, n+1
	}
	return hash, n
}

// Column collects evidence about one column.
type Column struct {
	looker *Looker
	family catalog.Family
	array  bool // the elements of the values count
	ranged bool // the bounds of the values count
	path   string
	tree   *place  // of the documents
	places int     // below tree
	fields []field // of a composite
	sheet  sheet   // the fields of texts that are lines of CSV

	typed                     bool // the type is no text
	besideGiven, besideStreet bool // another column of the table has given names, or streets
	besideBirth               bool // another column of the table has birth dates

	counts
}

// Column returns an empty collection for a column of this family.
func (l *Looker) Column(family catalog.Family) *Column {
	return &Column{looker: l, family: family, tree: newPlace(""), counts: l.counts()}
}

// Add looks at a value as PostgreSQL prints it. The caller does not add NULL.
func (c *Column) Add(text []byte) {
	if c.array {
		elements(text, c.element)
		return
	}
	c.element(text)
}

func (c *Column) element(text []byte) {
	if c.ranged {
		bounds(text, c.add)
		return
	}
	c.add(text)
}

func (c *Column) add(text []byte) {
	switch c.family {
	case catalog.JSON:
		c.document(text)
	case catalog.Hstore:
		c.hstore(text)
	case catalog.XML:
		c.xml(text)
	case catalog.Bytes:
		c.bytes(text)
	case catalog.Composite:
		c.composite(text)
	default:
		c.text(text)
	}
}

// Evidence returns what the values fit, for the column and for each path below it, in the order of the paths. For each of
// these, the strongest evidence comes first. The fields of composites and of CSV have paths too: $.mail and $.2.
func (c *Column) Evidence() []Evidence {
	own := c.judge()
	return slices.Concat(own, c.pathEvidence(), evidenceOf(c.fields), c.sheet.evidence(c.looked, own))
}

// Looked returns the number of values that were looked at. Each element of an array and each bound of a range counts.
// Documents, empty texts and texts that are not valid UTF-8 do not count.
func (c *Column) Looked() int { return c.looked }
