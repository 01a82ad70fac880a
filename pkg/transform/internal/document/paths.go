// Package document reads values that have parts, such as JSON, XML, CSV, hstore and composites, and writes them anew with
// other parts. It gives each part to a Transform and knows no treatment.
package document

import "github.com/masker-project/masker/pkg/transform"

// node is one step of a listed path. The listed paths form a tree: every path is a chain of nodes from the root.
type node struct {
	keys  map[string]*node // what follows one key
	key   *node            // what follows any key
	elems map[int]*node    // what follows one element
	elem  *node            // what follows any element
	tests []test           // what follows a key or element of which a condition holds
	down  *node            // what may follow at any depth
	loops bool             // it is such a down: it stays active in everything below

	path  string // as listed, for plan errors
	leaf  *Leaf  // what becomes of a scalar here
	deep  *Leaf  // … of whatever is here, containers too
	below *Leaf  // … of the scalars below
	names *Leaf  // … of the keys of an object here that no path lists
	inner *Leaf  // … and of those below
}

// enters says whether listed paths go on from here into objects or into arrays.
func (n *node) enters() (object, array bool) {
	all := n.loops || len(n.tests) > 0
	return all || n.key != nil || len(n.keys) > 0 || n.names != nil, all || n.elem != nil || len(n.elems) > 0
}

// Leaf is what becomes of the values at one path.
type Leaf struct {
	rank      string // of several paths that end at one value, the largest wins
	Keep      bool
	Fixed     []byte              // replaces whatever was there; nil otherwise
	text      transform.Transform // of strings and booleans, and of numbers where number is nil; its result becomes a string
	number    transform.Transform // of numbers; its result is a number
	textRow   pickRow
	numberRow pickRow
}

// TreatText gives the texts of a leaf their treatment, and it the columns it needs by their positions in the row.
func (l *Leaf) TreatText(to transform.Transform, needs []int) { l.text, l.textRow.needs = to, needs }

// TreatNumbers gives the numbers theirs.
func (l *Leaf) TreatNumbers(to transform.Transform, needs []int) {
	l.number, l.numberRow.needs = to, needs
}

// The ranks of steps. Two paths that end at one value are compared step by step from their ends.
const (
	rankDown  = '1'
	rankAny   = '2'
	rankTest  = '3'
	rankNamed = '4'
	rankRoot  = '5' // a path that ends here is longer than one that goes on with `..`
)

// Paths is the tree of the listed paths.
type Paths struct {
	root  *node
	words map[string]string // every key the listed paths name, as they write it: an error may quote these and no others
}

// NewPaths has none yet.
func NewPaths() *Paths { return &Paths{root: &node{path: "$"}, words: map[string]string{}} }

// Step is one piece of a path.
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

// Ending is how a path ends.
type Ending int

// The ways a path may end.
const (
	endHere  Ending = iota // at one value
	EndDeep                // .**
	EndBelow               // ..*
	EndNames               // .*~
	EndInner               // ..*~
)

// Add hangs a leaf at the end of a path.
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

// follow takes one step, and makes its node where there is none.
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

// Finish refuses paths at or below a node whose value is replaced as a whole.
func (t *Paths) Finish() error { return t.root.finish() }

func (n *node) finish() error {
	object, array := n.enters()
	if n.deep != nil && n.deep.Fixed != nil && (object || array || n.leaf != nil || n.below != nil || n.inner != nil || n.down != nil) {
		return &transform.ParamError{Param: n.path + ".**", Text: "replaces the whole subtree, and other paths at or below it are listed too"}
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

// matcher walks a document and the paths together: at each value several nodes may be active, because
// wildcards, conditions and `..` overlap. It allocates nothing but its scratch.
type matcher struct {
	root   *node
	active []*node // a stack: those of a value lie above those of its container
}

// spot is a value on the way, and the nodes active at it.
type spot struct {
	from, to     int   // in matcher.active
	deep         *Leaf // the .** that begins at this value
	cover, below *Leaf // the nearest .** or ..* that reaches this value, and what is inside it
	names, inner *Leaf // of the keys of this object, and of objects below
}

// start is the whole document.
func (m *matcher) start() (spot, error) {
	m.active = m.active[:0]
	s := spot{}
	m.add(&s, m.root)
	return m.sealed(s, spot{})
}

// member opens the value under a key; element that at an index. Conditions are added by the caller, who then seals.
func (m *matcher) member(in spot, key []byte) spot {
	s := spot{from: in.to, to: in.to}
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

func (m *matcher) element(in spot, index int) spot {
	s := spot{from: in.to, to: in.to}
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

// add makes a node active, and what may follow it at any depth.
func (m *matcher) add(s *spot, n *node) {
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

// sealed settles what covers the value, from the nodes active at it and from its container.
func (m *matcher) sealed(s, in spot) (spot, error) {
	for _, n := range m.active[s.from:s.to] {
		var ok1, ok2, ok3, ok4 bool
		s.deep, ok1 = better(s.deep, n.deep)
		s.below, ok2 = better(s.below, n.below)
		s.names, ok3 = better(s.names, n.names)
		s.inner, ok4 = better(s.inner, n.inner)
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

// better is the leaf of the more specific path. Of two that are equally so, neither may win.
func better(a, b *Leaf) (best *Leaf, ok bool) {
	switch {
	case a == nil || a == b:
		return b, true
	case b == nil || a.rank > b.rank:
		return a, true
	}
	return b, a.rank < b.rank
}

// leaf is what becomes of a scalar at s; nil where no path lists it.
func (m *matcher) leaf(s spot) (*Leaf, error) {
	var l *Leaf
	for _, n := range m.active[s.from:s.to] {
		var ok bool
		if l, ok = better(l, n.leaf); !ok {
			return nil, faultAmbiguous.err()
		}
	}
	if l == nil {
		l = s.cover
	}
	return l, nil
}

// enters says whether paths go on from s.
func (m *matcher) enters(s spot) (object, array bool) {
	for _, n := range m.active[s.from:s.to] {
		o, a := n.enters()
		object, array = object || o, array || a
	}
	return object, array
}

// lists says that a path names the key of an object at s.
func (m *matcher) lists(s spot, key []byte) bool {
	for _, n := range m.active[s.from:s.to] {
		if n.keys[string(key)] != nil {
			return true
		}
	}
	return false
}
