package probe

import "github.com/masker-project/masker/pkg/verify"

// The limits of the paths that a column can have. They are necessary because a document can have any number of keys,
// and the keys can be values of people.
const (
	maxBranches = 1000
	maxChildren = 64
	maxKey      = 64
	maxDepth    = 64
)

// branch is a path in the documents of a column. The root is the column itself. A report must not show keys that can be
// values. All such keys of one parent, and its keys beyond the limits, share one branch with the name *.
type branch struct {
	tree     *tree
	path     string
	depth    int
	to       Target // looks up the values of the path. nil until the first value comes
	children map[string]*branch
	elements *branch // branch of the elements, if the value is an array
	others   *branch // the branch with the name *
}

// tree has what the branches of a column share.
type tree struct {
	prober Prober
	place  verify.Place // the place of the column
	json   bool         // paths begin with $, as those of json and jsonb do
	size   int
}

func newTree(p Prober, place verify.Place, json bool) *branch {
	t := &tree{prober: p, place: place, json: json}
	path := place.Path
	if json {
		if path != "" {
			path += " > "
		}
		path += "$"
	}
	return &branch{tree: t, path: path}
}

// target returns the Target that looks up the values of the branch.
func (b *branch) target() Target {
	if b.to == nil {
		place := b.tree.place
		if b.depth > 0 {
			place.Path = b.path
		}
		b.to = b.tree.prober.Target(place)
	}
	return b.to
}

// child returns the branch of a key. It also looks up the key itself, because keys of documents can be addresses or
// numbers of people.
func (b *branch) child(key []byte) *branch {
	if c, ok := b.children[string(key)]; ok {
		return c
	}
	found := b.target().Has(key)
	if found {
		b.target().Text(key)
	}
	if b.depth >= maxDepth {
		return b
	}
	if found || !tellable(key) || len(b.children) >= maxChildren || b.tree.size >= maxBranches {
		return b.other()
	}
	if b.children == nil {
		b.children = map[string]*branch{}
	}
	path := string(key)
	if b.tree.json || b.depth > 0 {
		path = b.path + "." + path
	}
	c := b.grow(path)
	b.children[string(key)] = c
	return c
}

// element returns the branch of an array's elements.
func (b *branch) element() *branch {
	if b.depth >= maxDepth {
		return b
	}
	if b.elements == nil {
		b.elements = b.grow(b.path + "[*]")
	}
	return b.elements
}

func (b *branch) other() *branch {
	if b.others == nil {
		path := "*"
		if b.tree.json || b.depth > 0 {
			path = b.path + ".*"
		}
		b.others = b.grow(path)
	}
	return b.others
}

func (b *branch) grow(path string) *branch {
	b.tree.size++
	return &branch{tree: b.tree, path: path, depth: b.depth + 1}
}

// tellable reports whether a report may show a key. The key must look like a name that a programmer has given. Long
// numbers and texts with other characters can be values.
func tellable(key []byte) bool {
	if len(key) == 0 || len(key) > maxKey {
		return false
	}
	run := 0
	for _, c := range key {
		switch {
		case c >= '0' && c <= '9':
			if run++; run >= 6 {
				return false
			}
			continue
		case c|0x20 >= 'a' && c|0x20 <= 'z', c == '_', c == '-':
		default:
			return false
		}
		run = 0
	}
	return true
}
