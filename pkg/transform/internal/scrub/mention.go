package scrub

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/recognise"
	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// mentions finds the values of a row's columns in a text. Its columns are given once, its values for every cell;
// its scratch is kept, so that nothing is allocated.
type mentions struct {
	fold    *words.Folding
	columns []mentioned
	needles []needle
	text    []byte    // the needles' folded words, one after the other, each ended by a blank
	seen    [4]uint64 // the hashes of the needles' first words, as a Bloom filter of one function
	numbers []int     // mentions found by their digits
	dates   []int     // mentions found by their day
	made    []byte    // what the mentions found so far become
}

// mentioned is one column and, while a cell is treated, its value.
type mentioned struct {
	whole  bool // names of places and firms: their parts are words of the language
	dated  bool // of type date or timestamp
	phone  bool // written with and without country code
	source []byte

	digits   [recognise.MaxDigits]byte
	nDigits  int
	day      int64
	ready    bool // from and to are set
	null     bool
	from, to int // of made
}

// needle is a run of words to be found: a whole value, one of its parts, or another spelling of these.
type needle struct {
	hash     uint64 // of its first word
	mention  int
	part     int // the word of the value it is; -1 for the whole
	parts    int // words of the value
	words    int
	from, to int  // of text
	capital  bool // found only where the text begins it with a capital
	inflects bool // found with s or es behind it
}

// begin starts a cell, whose values put then gives.
func (m *mentions) begin() {
	m.needles, m.text, m.made = m.needles[:0], m.text[:0], m.made[:0]
	m.numbers, m.dates = m.numbers[:0], m.dates[:0]
	m.seen = [4]uint64{}
}

// put gives the value of column i for this cell.
func (m *mentions) put(i int, value transform.Cell) {
	c := &m.columns[i]
	c.source, c.ready = nil, false
	if value.Null || len(value.Text) == 0 {
		return
	}
	c.source = value.Text
	if c.dated {
		if day, ok := moment.Parse(value.Text); ok {
			c.day = day.Day
			m.dates = append(m.dates, i)
			return
		}
	}
	if n, ok := onlyDigits(c.digits[:], value.Text); ok {
		if n >= leastMentionDigits {
			c.nDigits = n
			c.phone = value.Text[0] == '+' || value.Text[0] == '0' || value.Text[0] == '('
			m.numbers = append(m.numbers, i)
		}
		return
	}
	m.spell(i, value.Text)
}

// leastMentionDigits keeps house numbers and ages from being looked for: every small number would be one.
const leastMentionDigits = 4

// onlyDigits copies the digits of a number that people group as they like; false where there is anything else.
func onlyDigits(dst, text []byte) (n int, ok bool) {
	for _, c := range text {
		switch {
		case words.IsDigit(c):
			if n == len(dst) {
				return 0, false
			}
			dst[n] = c
			n++
		case strings.IndexByte(" -./()+", c) < 0:
			return 0, false
		}
	}
	return n, n > 0
}

// spell adds the needles of a value made of words, in each of the spellings that stand for the same name.
func (m *mentions) spell(i int, value []byte) {
	from := len(m.text)
	count, umlauts := m.split(value, false)
	if count == 0 {
		m.text = m.text[:from]
		return
	}
	m.addAll(i, from, count)
	again := len(m.text)
	if umlauts {
		m.split(value, true)
	} else {
		m.text = appendWithoutDigraphs(m.text, m.text[from:again])
	}
	if bytes.Equal(m.text[again:], m.text[from:again]) {
		m.text = m.text[:again]
		return
	}
	m.addAll(i, again, count)
}

// split appends the folded words of a value; wide writes ä as ae and its like.
func (m *mentions) split(value []byte, wide bool) (count int, umlauts bool) {
	for i := 0; i < len(value); {
		if !m.fold.Starts(value, i) {
			_, size := utf8.DecodeRune(value[i:])
			i += size
			continue
		}
		w := m.fold.At(value, i)
		i = w.End
		if w.Runes == 0 {
			continue
		}
		text := value[w.Start:w.End]
		umlauts = umlauts || !w.ASCII && hasUmlaut(text)
		if wide && !w.ASCII {
			m.text = m.appendWide(m.text, text)
		} else {
			m.text = m.fold.Append(m.text, text)
		}
		m.text = append(m.text, ' ')
		count++
	}
	return count, umlauts
}

func hasUmlaut(text []byte) bool {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if digraph(r) != "" {
			return true
		}
		i += size
	}
	return false
}

// digraph is how people without the letter write it.
func digraph(r rune) string {
	switch unicode.ToLower(r) {
	case 'ä':
		return "ae"
	case 'ö', 'ø':
		return "oe"
	case 'ü':
		return "ue"
	case 'å':
		return "aa"
	}
	return ""
}

func (m *mentions) appendWide(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if two := digraph(r); two != "" {
			dst = append(dst, two...)
		} else {
			dst = m.fold.Append(dst, text[i:i+size])
		}
		i += size
	}
	return dst
}

// appendWithoutDigraphs writes mueller as muller, which is how müller folds.
func appendWithoutDigraphs(dst, folded []byte) []byte {
	for i, c := range folded {
		if c == 'e' && i > 0 && strings.IndexByte("aou", folded[i-1]) >= 0 {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// addAll adds the needles of the words at from: all of them in a row, and each alone.
func (m *mentions) addAll(i, from, count int) {
	m.add(needle{mention: i, part: -1, parts: count, words: count, from: from, to: len(m.text)})
	if count < 2 || count > maxParts || m.columns[i].whole {
		return
	}
	at, end := from, len(m.text)
	for k := range count {
		next := at + bytes.IndexByte(m.text[at:end], ' ') + 1
		if part := m.text[at : next-1]; utf8.RuneCount(part) >= leastPart && lettersOnly(part) && !particle(part) {
			m.add(needle{mention: i, part: k, parts: count, words: 1, from: at, to: next})
		}
		at = next
	}
}

// A part of a value is looked for alone where it has at least three letters, and where the value has no more
// words than a name has.
const (
	leastPart = 3
	maxParts  = 8
)

func (m *mentions) add(n needle) {
	first := m.text[n.from : n.from+bytes.IndexByte(m.text[n.from:n.to], ' ')]
	if n.words == 1 {
		runes := utf8.RuneCount(first)
		r, _ := utf8.DecodeRune(first)
		if runes == 1 && words.KindOf(r) != words.Single {
			return // a letter: an initial, which every text is full of
		}
		n.capital = runes < leastPart && words.KindOf(r) != words.Single
	}
	n.inflects = n.to-n.from > leastPart
	n.hash = words.Hash(first)
	for _, have := range m.needles { // the first column that has a name gives it
		if have.hash == n.hash && bytes.Equal(m.text[have.from:have.to], m.text[n.from:n.to]) && (have.part < 0 || n.part >= 0) {
			return
		}
	}
	m.needles = append(m.needles, n)
	m.seen[n.hash>>6&3] |= 1 << (n.hash & 63)
}

func lettersOnly(text []byte) bool {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if !unicode.IsLetter(r) {
			return false
		}
		text = text[size:]
	}
	return true
}

// particle says whether a word stands in names and everywhere else.
func particle(folded []byte) bool {
	switch string(folded) {
	case "and", "auf", "bei", "bin", "dal", "das", "dei", "del", "della", "den", "der", "des", "dos", "for", "las",
		"les", "los", "mrs", "per", "por", "sir", "ten", "ter", "the", "und", "van", "vom", "von", "zum", "zur":
		return true
	}
	return false
}

// placeNames are treatments of values whose words alone mean nothing.
func placeNames(r *transform.Read) bool {
	return r.Use != nil && slices.Contains([]string{
		"fake.street", "fake.city", "fake.postcode", "fake.region", "fake.country", "fake.company", "fake.address",
	}, r.Use.Treatment)
}

func isDated(r *transform.Read) bool {
	return r.Type.Family == catalog.Date || r.Type.Family == catalog.Timestamp || r.Type.Family == catalog.TimestampTZ
}
