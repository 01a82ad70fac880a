// Package document treats values that have parts: JSON, XML, CSV, hstore and composites. It reads a value, treats each
// part with a Transform and writes the value again. It does not import any treatment.
package document

import "github.com/masker-project/masker/pkg/transform"

// node is one step of the listed paths. The nodes form a tree. Each path is a chain of nodes from the root.
type node struct {
	keys  map[string]*node // steps after a certain key
	key   *node            // step after any key
	elems map[int]*node    // steps after a certain element
	elem  *node            // step after any element
	tests []test           // steps after a key or element for which a condition holds
	down  *node            // step that may follow at any depth
	loops bool             // the node is a down node and stays active for all values below

	path  string // as listed, for errors of the plan
	leaf  *Leaf  // treatment of a scalar at this path
	deep  *Leaf  // treatment of any value at this path, containers included
	below *Leaf  // treatment of the scalars below this path
	names *Leaf  // treatment of the keys that no path lists, in an object at this path
	inner *Leaf  // treatment of the keys that no path lists, in the objects below this path
}

// enters reports whether listed paths continue from this node into objects or into arrays.
func (n *node) enters() (object, array bool) {
	all := n.loops || len(n.tests) > 0
	return all || n.key != nil || len(n.keys) > 0 || n.names != nil, all || n.elem != nil || len(n.elems) > 0
}

// Leaf is the treatment of the values at one path.
type Leaf struct {
	rank      string // if several paths end at one value, the path with the largest rank wins
	Keep      bool
	Fixed     []byte              // replaces any value; nil for none
	Blind     bool                // the treatment of texts does not look at the text
	Watched   bool                // a watcher looks at the text
	replaced  transform.Leaf      // sees the values that Fixed replaces; nil for none
	dropped   *Leaf               // treats the texts of an XML element that Fixed empties
	text      transform.Transform // for strings and booleans, and for numbers if number is nil; its result becomes a string
	number    transform.Transform // for numbers; its result is a number
	textRow   pickRow
	numberRow pickRow
}

// TreatText sets the treatment of a leaf's texts. The argument columns lists the columns that the treatment reads, by
// their indexes in the row.
func (l *Leaf) TreatText(to transform.Transform, columns []int) {
	l.text, l.textRow.columns = to, columns
}

// TreatNumbers sets the treatment of a leaf's numbers. The argument columns is the same as in TreatText.
func (l *Leaf) TreatNumbers(to transform.Transform, columns []int) {
	l.number, l.numberRow.columns = to, columns
}

// The ranks of steps. Two paths can end at the same value. Their steps are then compared in pairs, from the last step
// to the first.
const (
	rankDown  = '1'
	rankAny   = '2'
	rankTest  = '3'
	rankNamed = '4'
	rankRoot  = '5' // after the first step: `$.a` wins over `$..a`
)

// Paths is the tree of the listed paths.
type Paths struct {
	root  *node
	words map[string]string // every key in the listed paths, as the paths write it; an error may quote only these keys
}

// NewPaths returns an empty tree.
func NewPaths() *Paths { return &Paths{root: &node{path: "$"}, words: map[string]string{}} }

// Step is one step of a path.
type Step struct {
	kind  stepKind
	key   string
	index int
	test  test
	text  string // as written
}

type stepKind int

const (
	stepKey stepKind = iota
	stepAnyKey
	stepIndex
	stepAnyElem
	stepTest
	stepDown
)

// Ending is the last part of a path.
type Ending int

// The endings of a JSON path. In an XML path, EndDeep is /**, EndBelow is //*, and there are no endings for names.
const (
	endHere  Ending = iota // the path ends at a value
	EndDeep                // .**
	EndBelow               // ..*
	EndNames               // .*~
	EndInner               // ..*~
)

// Add adds a leaf at the end of a path.
func (t *Paths) Add(path string, steps []Step, end Ending, l *Leaf) error {
	n := t.root
	var rank []byte
	for _, s := range steps {
		n = t.follow(n, s)
		rank = append(rank, rankOf(s.kind))
	}
	for i, j := 0, len(rank)-1; i < j; i, j = i+1, j-1 {
		rank[i], rank[j] = rank[j], rank[i]
	}
	l.rank = string(append(rank, rankRoot))
	at := [...]**Leaf{endHere: &n.leaf, EndDeep: &n.deep, EndBelow: &n.below, EndNames: &n.names, EndInner: &n.inner}[end]
	if *at != nil {
		return &transform.ParamError{Param: path, Text: "is listed twice"}
	}
	*at = l
	return nil
}

func rankOf(k stepKind) byte {
	switch k {
	case stepKey, stepIndex:
		return rankNamed
	case stepTest:
		return rankTest
	case stepDown:
		return rankDown
	}
	return rankAny
}

// follow returns the node after one step. It creates the node if needed.
func (t *Paths) follow(n *node, s Step) *node {
	next := &node{path: n.path + s.text}
	slot := &next
	switch s.kind {
	case stepKey:
		t.words[s.key] = s.text
		if n.keys == nil {
			n.keys = map[string]*node{}
		}
		if n.keys[s.key] == nil {
			n.keys[s.key] = next
		}
		return n.keys[s.key]
	case stepIndex:
		if n.elems == nil {
			n.elems = map[int]*node{}
		}
		if n.elems[s.index] == nil {
			n.elems[s.index] = next
		}
		return n.elems[s.index]
	case stepTest:
		for i := range n.tests {
			if n.tests[i].text == s.test.text {
				return n.tests[i].to
			}
		}
		s.test.to = next
		n.tests = append(n.tests, s.test)
		return next
	case stepAnyKey:
		slot = &n.key
	case stepAnyElem:
		slot = &n.elem
	case stepDown:
		next.loops = true
		slot = &n.down
	}
	if *slot == nil {
		*slot = next
	}
	return *slot
}

// Finish returns an error if a path replaces a whole value and other paths end at or below that value.
func (t *Paths) Finish() error { return t.root.finish() }

func (n *node) finish() error {
	object, array := n.enters()
	if n.deep != nil && n.deep.Fixed != nil && (object || array || n.leaf != nil || n.below != nil || n.inner != nil || n.down != nil) {
		return &transform.ParamError{Param: n.path + ".**", Text: "replaces the whole subtree, but other paths at or below it are listed too; remove them"}
	}
	if n.deep != nil && n.below != nil {
		return &transform.ParamError{Param: n.path + "..*", Text: "covers the same values as " + n.path + ".**; keep one of them"}
	}
	next := []*node{n.key, n.elem, n.down}
	for _, c := range n.keys {
		next = append(next, c)
	}
	for _, c := range n.elems {
		next = append(next, c)
	}
	for i := range n.tests {
		next = append(next, n.tests[i].to)
	}
	for _, c := range next {
		if c == nil {
			continue
		}
		if err := c.finish(); err != nil {
			return err
		}
	}
	return nil
}

// matcher follows a document and the paths at the same time. Several nodes may be active at one value, because
// wildcards, conditions and `..` overlap. It allocates only its scratch.
type matcher struct {
	root   *node
	active []*node // a stack; the nodes of a value stand after the nodes of its container
}

// state holds the nodes that are active at a value, and the treatments that they select.
type state struct {
	from, to     int   // range in matcher.active
	deep         *Leaf // treatment by a .** that begins at this value
	cover, below *Leaf // nearest .** or ..*: cover applies to this value, below to the values inside it
	names, inner *Leaf // treatments of keys: names for this object, inner for the objects below
}

// start returns the state of the whole document.
func (m *matcher) start() (state, error) {
	m.active = m.active[:0]
	s := state{}
	m.add(&s, m.root)
	return m.resolve(s, state{})
}

// member returns the state of the value of a key. The caller may then add the nodes of conditions, and must call
// resolve.
func (m *matcher) member(in state, key []byte) state {
	s := state{from: in.to, to: in.to}
	for i := in.from; i < in.to; i++ {
		n := m.active[i]
		if n.loops {
			m.add(&s, n)
		}
		m.add(&s, n.keys[string(key)])
		m.add(&s, n.key)
	}
	return s
}

// element returns the state of the value at an index of an array. The caller may then add the nodes of conditions, and
// must call resolve.
func (m *matcher) element(in state, index int) state {
	s := state{from: in.to, to: in.to}
	for i := in.from; i < in.to; i++ {
		n := m.active[i]
		if n.loops {
			m.add(&s, n)
		}
		m.add(&s, n.elems[index])
		m.add(&s, n.elem)
	}
	return s
}

// add makes a node active. It also makes the nodes active that may follow at any depth.
func (m *matcher) add(s *state, n *node) {
	for ; n != nil; n = n.down {
		m.active = m.active[:s.to]
		for _, have := range m.active[s.from:] {
			if have == n {
				return
			}
		}
		m.active = append(m.active, n)
		s.to++
	}
}

// resolve selects the treatments of a value. It uses the active nodes of the value and the argument in, the state of
// the value's container.
func (m *matcher) resolve(s, in state) (state, error) {
	for _, n := range m.active[s.from:s.to] {
		var ok1, ok2, ok3, ok4 bool
		s.deep, ok1 = moreSpecific(s.deep, n.deep)
		s.below, ok2 = moreSpecific(s.below, n.below)
		s.names, ok3 = moreSpecific(s.names, n.names)
		s.inner, ok4 = moreSpecific(s.inner, n.inner)
		if !(ok1 && ok2 && ok3 && ok4) {
			return s, faultAmbiguous.err()
		}
	}
	if s.cover = s.deep; s.cover == nil {
		s.cover = in.below
	}
	if s.below == nil {
		s.below = s.cover
	}
	if s.inner == nil {
		s.inner = in.inner
	}
	if s.names == nil {
		s.names = s.inner
	}
	return s, nil
}

// moreSpecific returns the leaf with the more specific path. ok is false if the two paths are equally specific.
func moreSpecific(a, b *Leaf) (best *Leaf, ok bool) {
	switch {
	case a == nil || a == b:
		return b, true
	case b == nil || a.rank > b.rank:
		return a, true
	}
	return b, a.rank < b.rank
}

// leaf returns the treatment of a scalar whose state is s. It returns nil if no path lists the scalar.
func (m *matcher) leaf(s state) (*Leaf, error) {
	var l *Leaf
	for _, n := range m.active[s.from:s.to] {
		var ok bool
		if l, ok = moreSpecific(l, n.leaf); !ok {
			return nil, faultAmbiguous.err()
		}
	}
	if l == nil {
		l = s.cover
	}
	return l, nil
}

// enters reports whether paths continue from s into objects or into arrays.
func (m *matcher) enters(s state) (object, array bool) {
	for _, n := range m.active[s.from:s.to] {
		o, a := n.enters()
		object, array = object || o, array || a
	}
	return object, array
}

// lists reports whether a path names this key of the object whose state is s.
func (m *matcher) lists(s state, key []byte) bool {
	for _, n := range m.active[s.from:s.to] {
		if n.keys[string(key)] != nil {
			return true
		}
	}
	return false
}
