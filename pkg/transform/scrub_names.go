package transform

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// nameSet is a dictionary of names.
type nameSet struct {
	fold   *folding
	isName map[uint64]bool // by the hash of the folded word: whether it is a family name
}

func newNameSet(f *folding) *nameSet {
	n := &nameSet{fold: f, isName: map[uint64]bool{}}
	for _, l := range locales() {
		for _, name := range l.family {
			n.add(name, true)
		}
	}
	for _, l := range locales() { // a name that is both counts as given
		for _, name := range slices.Concat(l.female, l.male) {
			n.add(name, false)
		}
	}
	return n
}

func (n *nameSet) add(name string, family bool) {
	if w := n.fold.wordAt([]byte(name), 0); w.end == len(name) && w.runes >= leastPart {
		n.isName[w.hash] = family
	}
}

// has says whether the word is written as a name is, and known as one.
func (n *nameSet) has(b []byte, w *word) bool {
	r, _ := utf8.DecodeRune(b[w.start:])
	if !unicode.IsUpper(r) {
		return false
	}
	_, ok := n.isName[w.hash]
	return ok
}

func (n *nameSet) family(found []byte) bool {
	w := n.fold.wordAt(found, 0)
	return n.isName[w.hash]
}
