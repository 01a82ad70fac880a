package document

import "github.com/masker-project/masker/pkg/transform"

// SeeReplaced sets the Leaf that sees the scalars of the JSON values that Fixed replaces. It may be nil.
func (l *Leaf) SeeReplaced(leaf transform.Leaf) {
	if leaf != nil {
		l.replaced = NewScalars(leaf, JSONScalars)
	}
}

// result returns what the transform.Leaf of l.replaced sees as the result. For it, a result that is NULL is nil.
func (l *Leaf) result() []byte {
	if string(l.Fixed) == "null" {
		return nil
	}
	return l.Fixed
}

// SeeDropped sets the Leaf that sees the texts of the XML elements that Fixed empties. It may be nil.
func (l *Leaf) SeeDropped(leaf transform.Leaf) {
	if leaf != nil {
		l.dropped = &Leaf{Keep: true, text: &each{leaf: leaf}}
	}
}

// Scalars is a Leaf of whole values that hold other values, such as JSON documents. It gives each scalar of a value to
// another Leaf.
type Scalars struct {
	each
	walk    transform.Transform
	scratch []byte
}

// NewScalars returns a Scalars that gives the scalars of a value to leaf. The function walk gets a treatment of
// scalars, and returns a treatment of whole values that applies it to every scalar.
func NewScalars[T transform.Transform](leaf transform.Leaf, walk func(transform.Transform) T) *Scalars {
	s := &Scalars{each: each{leaf: leaf}}
	s.walk = walk(&s.each)
	return s
}

// See implements transform.Leaf. A value that cannot be read is seen as a whole.
func (s *Scalars) See(before, after []byte) {
	if before == nil {
		s.leaf.See(nil, after)
		return
	}
	s.after = after
	var err error
	if s.scratch, _, err = s.walk.Append(s.scratch[:0], transform.Cell{Text: before}, nil); err != nil {
		s.leaf.See(before, after)
	}
	s.after = nil
}

// each is a treatment that gives each value to a Leaf. All values have the same result.
type each struct {
	leaf  transform.Leaf
	after []byte
}

func (e *each) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if !in.Null {
		e.leaf.See(in.Bytes(), e.after)
	}
	return dst, false, nil
}

// JSONScalars returns a JSON that treats every scalar as a text, also one that PostgreSQL cannot store as a text.
func JSONScalars(to transform.Transform) *JSON {
	tree, l := NewPaths(), &Leaf{Blind: true, Watched: true, text: to}
	tree.root.leaf, tree.root.below = l, l
	return NewJSON(tree)
}

// XMLTexts returns an XML that treats every text and attribute.
func XMLTexts(to transform.Transform) *XML {
	tree := NewPaths()
	tree.root.deep = &Leaf{Keep: true, text: to}
	return NewXML(tree)
}
