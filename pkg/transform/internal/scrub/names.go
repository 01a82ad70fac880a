package scrub

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/recognise/words"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// nameSet is a dictionary of given names and family names.
type nameSet struct {
	fold   *words.Folding
	isName map[uint64]bool // the key is the hash of a folded name; the value is true for a family name and false for a given name
}

func newNameSet(f *words.Folding) *nameSet {
	n := &nameSet{fold: f, isName: map[uint64]bool{}}
	for _, l := range locale.All() {
		for _, name := range l.Family {
			n.add(name, true)
		}
	}
	for _, l := range locale.All() { // a name that is both a given name and a family name counts as a given name
		for _, name := range slices.Concat(l.Female, l.Male) {
			n.add(name, false)
		}
	}
	return n
}

func (n *nameSet) add(name string, family bool) {
	if w := n.fold.At([]byte(name), 0); w.End == len(name) && w.Runes >= minPart {
		n.isName[w.Hash] = family
	}
}

// has reports whether the word begins with a capital letter and is in the dictionary.
func (n *nameSet) has(b []byte, w *words.Word) bool {
	r, _ := utf8.DecodeRune(b[w.Start:])
	if !unicode.IsUpper(r) {
		return false
	}
	_, ok := n.isName[w.Hash]
	return ok
}

func (n *nameSet) family(found []byte) bool {
	w := n.fold.At(found, 0)
	return n.isName[w.Hash]
}
