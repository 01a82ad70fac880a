package values

import (
	"bytes"
	"unicode/utf8"
)

// names holds the counts of different values that are compared with names.
type names struct {
	listed map[string]int // values in the list of a class
	usual  map[string]int // those of listed that are common words too
	ended  map[string]int // values that end as names of a class do, and are in no list
	people int            // values that join a given name and a family name
	halves int            // values of several words, of which one is a given name and none is a common word
	joined int            // values that begin with a family name, without a blank after it
	houses int            // values with a word for a street and the number of a house
}

func newNames() names {
	return names{listed: map[string]int{}, usual: map[string]int{}, ended: map[string]int{}}
}

// join adds other counts.
func (n *names) join(o *names) {
	for _, pair := range [][2]map[string]int{{n.listed, o.listed}, {n.usual, o.usual}, {n.ended, o.ended}} {
		for class, count := range pair[1] {
			pair[0][class] += count
		}
	}
	n.people, n.halves, n.joined, n.houses = n.people+o.people, n.halves+o.halves, n.joined+o.joined, n.houses+o.houses
}

// longestName is the number of bytes of the longest text that is compared with names.
const longestName = 120

// compare compares a value with the lists: whole, as a person's name of several words, as a street with a number, and by its
// end.
func (c *Column) compare(text []byte) {
	if len(text) > longestName {
		return
	}
	l := c.looker
	if l.house(text) {
		c.houses++
	}
	whole, n := l.phrase(text)
	if n == 0 {
		return
	}
	is := l.words[whole]
	parts := l.split(text)
	if joins := c.several(parts); !joins && is&^common == 0 {
		is |= l.all(parts)
	}
	for i, class := range l.listed {
		if is&(1<<i) != 0 {
			c.listed[class]++
			if is&common != 0 {
				c.usual[class]++
			}
		}
	}
	if name := bytes.TrimRight(text, "0123456789 -/abcdefABCDEF,."); n > 1 && len(name) < len(text) && is&street == 0 {
		if hash, _ := l.phrase(name); l.words[hash]&street != 0 {
			c.listed["street"]++
		}
	}
	if len(parts) == 1 && is == 0 && proper(text) {
		c.single(parts[0])
	}
}

// all returns whether a text of several parts is a given name or a family name. Every part must be
// in the list of the class, except lesser words. For example, Juan Ramón is a given name, and
// Vargas Vallejo is a family name. If a part is common, the result has the class common too.
func (l *Looker) all(parts []part) (is classes) {
	is = givenName | familyName
	names, usual := 0, classes(0)
	for _, p := range parts {
		if p.is&lesser == 0 {
			is, usual = is&p.is, usual|p.is&common
			names++
		}
	}
	if names == 0 || names > 3 || len(parts) < 2 {
		return 0
	}
	return is | usual
}

// single counts a word that is in no list.
func (c *Column) single(p part) {
	end := c.looker.end(p.text)
	for i, class := range c.looker.listed {
		if end&(1<<i) != 0 {
			c.ended[class]++
		}
	}
	if p.runes >= 2 && p.runes <= 4 && eastern(p.text) && c.looker.begins(p.text) {
		c.joined++
	}
}

// begins reports whether a word begins with a family name of one or two letters, and goes on.
func (l *Looker) begins(word []byte) bool {
	for end, runes := 0, 0; runes < 2; runes++ {
		_, size := utf8.DecodeRune(word[end:])
		if end += size; end >= len(word) {
			return false
		}
		if hash, _ := l.phrase(word[:end]); l.words[hash]&familyName != 0 {
			return true
		}
	}
	return false
}

// several counts a text of several words as a person's name, if one word is a given name and another one a family name.
// All words of the name begin with a capital letter, or none does, except titles and particles such as "van". If there
// is a given name but no family name, the text counts as half a name. The result says whether the text joins both.
func (c *Column) several(parts []part) (joins bool) {
	if len(parts) < 2 {
		return false
	}
	given, family, usual, small, large := 0, 0, false, 0, 0
	for _, p := range parts {
		switch {
		case p.is&lesser != 0:
		case proper(p.text):
			large++
		default:
			small++
		}
		usual = usual || p.is&common != 0
		switch {
		case p.is&givenName != 0 && (given == 0 || p.is&familyName == 0):
			given++
		case p.is&familyName != 0, c.looker.end(p.text)&familyName != 0:
			family++
		}
	}
	switch {
	case small > 0 && large > 0: // words of a sentence
	case given > 0 && family > 0:
		c.people++
		return true
	case given > 0 && !usual && small == 0:
		c.halves++
	}
	return false
}

// The shares of different values from which a comparison with names counts.
const (
	listed    = 0.25 // words of a list, because no list of names is complete
	ownWords  = 0.1  // words of a list that are no common words
	endsAlike = 0.4  // words of a list, or with the end of a name
	halfNames = 0.22 // names that join a given name and a family name, and half of those with a given name only
	allJoined = 0.9
)

// severalNames is how many different values a column needs before the form of its names counts. A list of the twelve months
// has fewer.
const severalNames = 13

// named returns the class of names that fits the largest number of values. Each value counts once. A column with few
// different values does not count. It is a list of choices, such as colours, and colours are family names too.
func (c *Column) named() []Evidence {
	different := len(c.distinct)
	if different < few || different < severalNames && different*4 < c.looked {
		return nil
	}
	best := Evidence{Class: "full_name", Path: c.path, Looked: different, Hits: c.people, How: "join a given name and a family name"}
	own := c.people
	for _, class := range c.looker.listed {
		if hits := c.listed[class]; hits > best.Hits && class != Common {
			best = Evidence{Class: class, Path: c.path, Looked: different, Hits: hits, How: "are in the list of this class; each value is counted once"}
			own = hits - c.usual[class]
		}
	}
	if best.Hits >= 3 && best.Share() >= listed && own >= 3 && float64(own) >= ownWords*float64(different) {
		return []Evidence{best}
	}
	return nil
}

// like returns weak evidence for names that are in no list.
func (c *Column) like() []Evidence {
	different := len(c.distinct)
	if different < severalNames {
		return nil
	}
	e := Evidence{Path: c.path, Looked: different, Weak: true}
	fits := func(class string, hits int, from float64, how string) bool {
		e.Class, e.Hits, e.How = class, hits, how
		return e.Share() >= from
	}
	switch {
	case float64(c.people)+float64(c.halves)/2 >= halfNames*float64(different) && fits("full_name", c.people+c.halves, halfNames, "are several words, of which one is a given name"),
		fits("full_name", c.joined+c.people, allJoined, "begin with a family name"),
		fits("family_name", c.ended["family_name"]+c.listed["family_name"]-c.usual["family_name"], endsAlike, "end as family names do, or are in their list"),
		fits("city", c.ended["city"]+c.listed["city"]-c.usual["city"], endsAlike, "end as names of towns do, or are in their list"):
		e.How += "; each value is counted once"
		return []Evidence{e}
	}
	return nil
}
