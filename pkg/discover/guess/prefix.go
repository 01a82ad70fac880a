package guess

import (
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// The limits for a prefix that is glued to names: how many names must have it, and how long it can be.
const (
	fewestPrefixed = 6
	longestPrefix  = 5
)

// prefixOf returns the letters with which more than half of the names begin, if they are no word of the vocabulary.
// Examples are ele in elenom, elesexe and elepre, and sg in sguser and sgorder. It returns "" if there are none.
func (d *Detectors) prefixOf(names []string) string {
	if len(names) < fewestPrefixed {
		return ""
	}
	groups := map[string][]string{}
	for _, n := range names {
		if parts := humps(n); len(parts) > 0 {
			first := d.folded(parts[0])
			if len(first) <= shortestTail || d.isWord(first) {
				continue
			}
			groups[first[:shortestTail]] = append(groups[first[:shortestTail]], first)
		}
	}
	for _, group := range groups {
		if len(group) < fewestPrefixed || 2*len(group) <= len(names) {
			continue
		}
		prefix := group[0]
		for _, n := range group {
			for !strings.HasPrefix(n, prefix) {
				prefix = prefix[:len(prefix)-1]
			}
		}
		if len(prefix) <= longestPrefix && !d.known[prefix] {
			return prefix
		}
	}
	return ""
}

// isWord reports whether a word or its singular is in the vocabulary. Such a word has no prefix. For example, pa is no
// prefix of password, although most names of a table begin with pa if it has many columns such as payer and payment.
func (d *Detectors) isWord(word string) bool { return d.known[d.singular(word)] || d.stemmed(word) }

// prefixOfTables returns the prefix that is glued to the names of most tables, or "".
func (d *Detectors) prefixOfTables(db *catalog.Database) string {
	var names []string
	for _, t := range db.Tables {
		if t.Root == nil {
			names = append(names, t.Name.Name)
		}
	}
	return d.prefixOf(names)
}

// without returns the words of a name without a prefix that is glued to it.
func (d *Detectors) without(prefix, name string) []string {
	if parts := humps(name); prefix != "" && len(parts) > 0 {
		first := d.folded(parts[0])
		if rest, ok := strings.CutPrefix(first, prefix); ok && !d.isWord(first) && (len(rest) >= shortestPart || d.known[rest] || rest == "id") {
			return d.Tokens(rest + " " + strings.Join(parts[1:], " "))
		}
	}
	return d.Tokens(name)
}
