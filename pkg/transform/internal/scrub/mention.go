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

// mentions finds the values of a row's columns in a text. The columns are set once. The values of a row
// are set before its text is searched. The type reuses its buffers, so it does not allocate for each cell.
type mentions struct {
	fold    *words.Folding
	columns []mentioned
	needles []needle
	text    []byte    // the folded words of the needles, with a blank after each word
	seen    [4]uint64 // Bloom filter of the needles' first words, with one hash function
	heads   [4]uint64 // Bloom filter of the first three runes of the needles that may be a part of a word
	pairs   pairs
	last    int    // end of the last match, or -1
	folded  []byte // scratch for the folded form of a word
	numbers []int  // indexes of the columns whose values are found by their digits
	dates   []int  // indexes of the columns whose values are found by their day
	made    []byte // results for the columns found so far
}

// mentioned is one column. While a cell is treated, it also holds the value that the column has in the cell's row.
type mentioned struct {
	whole  bool // only the whole value is a needle, because its single words are common words
	dated  bool // the type is date or timestamp
	phone  bool // the value may appear with or without a country code
	source []byte

	digits   [recognise.MaxDigits]byte
	nDigits  int
	day      int64
	ready    bool // null, from and to are set
	null     bool
	from, to int // range in made
}

// needle is a sequence of words to find: a whole value, one of its words, or another spelling of these.
type needle struct {
	hash     uint64 // hash of its first word
	mention  int    // index of the column
	part     int    // index of the word within the value; -1 for the whole value
	parts    int    // number of words of the value
	runes    int    // number of runes of the only word, if the needle may be a part of a word; otherwise 0
	words    int    // number of words of the needle
	from, to int    // range in mentions.text
	capital  bool   // matches only a word that begins with a capital letter
	inflects bool   // matches also with s or es at the end
}

// begin starts a cell. The caller then sets the values with put.
func (m *mentions) begin() {
	m.needles, m.text, m.made = m.needles[:0], m.text[:0], m.made[:0]
	m.numbers, m.dates = m.numbers[:0], m.dates[:0]
	m.seen, m.heads, m.pairs, m.last = [4]uint64{}, [4]uint64{}, pairs{}, -1
}

// put sets the value of column i for this cell.
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
		if n >= minMentionDigits {
			c.nDigits = n
			c.phone = value.Text[0] == '+' || value.Text[0] == '0' || value.Text[0] == '('
			m.numbers = append(m.numbers, i)
		}
		return
	}
	m.spell(i, value.Text)
}

// minMentionDigits excludes short numbers such as house numbers and ages. Otherwise they would match many small numbers
// in a text.
const minMentionDigits = 4

// onlyDigits copies the digits of a number with any grouping. ok is false if the text holds other characters.
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

// spell adds the needles of a value made of words, in each of its spellings.
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

// split appends the folded words of a value. If wide is true, it writes ä as ae, and similar letters in the same way.
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

// digraph returns the two letters that people also write for ä, ö, ü, ø and å, such as ae for ä. For other letters, it
// returns "".
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

// appendWithoutDigraphs appends folded text without the e of ae, oe and ue. For example, mueller becomes muller, which
// is the folded form of müller.
func appendWithoutDigraphs(dst, folded []byte) []byte {
	for i, c := range folded {
		if c == 'e' && i > 0 && strings.IndexByte("aou", folded[i-1]) >= 0 {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// addAll adds the needles of the words that begin at index from: all words in sequence, and each word alone that may be
// a part of a name.
func (m *mentions) addAll(i, from, count int) {
	m.add(needle{mention: i, part: -1, parts: count, words: count, from: from, to: len(m.text)})
	if count < 2 || count > maxParts || m.columns[i].whole {
		return
	}
	at, end := from, len(m.text)
	for k := range count {
		next := at + bytes.IndexByte(m.text[at:end], ' ') + 1
		if part := m.text[at : next-1]; utf8.RuneCount(part) >= minPart && lettersOnly(part) && !particle(part) {
			m.add(needle{mention: i, part: k, parts: count, words: 1, from: at, to: next})
		}
		at = next
	}
}

// minPart and maxParts limit the words of a value that are also needles. Such a word has at least minPart letters. The
// value has at most maxParts words, because names have no more words than that.
const (
	minPart  = 3
	maxParts = 8
)

func (m *mentions) add(n needle) {
	first := m.text[n.from : n.from+bytes.IndexByte(m.text[n.from:n.to], ' ')]
	if n.words == 1 {
		runes := utf8.RuneCount(first)
		r, _ := utf8.DecodeRune(first)
		if runes == 1 && words.KindOf(r) != words.Single {
			return // a single letter is an initial, and every text is full of single letters
		}
		n.capital = runes < minPart && words.KindOf(r) != words.Single
		if runes >= minPart && !m.columns[n.mention].whole && words.KindOf(r) != words.Single {
			n.runes = runes
		}
	}
	n.inflects = n.to-n.from > minPart
	n.hash = words.Hash(first)
	for _, have := range m.needles { // if two columns have the same name as their value, the first column decides
		if have.hash == n.hash && bytes.Equal(m.text[have.from:have.to], m.text[n.from:n.to]) && (have.part < 0 || n.part >= 0) {
			return
		}
	}
	m.needles = append(m.needles, n)
	m.seen[n.hash>>6&3] |= 1 << (n.hash & 63)
	if n.runes > 0 {
		m.pairs.add(first)
		h := headOf(first)
		m.heads[h>>6] |= 1 << (h & 63)
	}
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

// particle reports whether a part of a name, for example "von" or "del", is also a common word.
func particle(folded []byte) bool {
	switch string(folded) {
	case "and", "auf", "bei", "bin", "dal", "das", "dei", "del", "della", "den", "der", "des", "dos", "for", "las",
		"les", "los", "mrs", "per", "por", "sir", "ten", "ter", "the", "und", "van", "vom", "von", "zum", "zur":
		return true
	}
	return false
}

// placeNames reports whether the column holds names of places or companies. The single words of such names are common
// words.
func placeNames(r *transform.Read) bool {
	return r.Use != nil && slices.Contains([]string{
		"fake.street", "fake.city", "fake.postcode", "fake.region", "fake.country", "fake.company", "fake.address",
	}, r.Use.Treatment)
}

func isDated(r *transform.Read) bool {
	return r.Type.Family == catalog.Date || r.Type.Family == catalog.Timestamp || r.Type.Family == catalog.TimestampTZ
}
