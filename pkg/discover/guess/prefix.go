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
			if len(first) <= shortestTail {
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
		if rest, ok := strings.CutPrefix(d.folded(parts[0]), prefix); ok && len(rest) >= shortestPart {
			return d.Tokens(rest + " " + strings.Join(parts[1:], " "))
		}
	}
	return d.Tokens(name)
}
