package transform

import "github.com/masker-project/masker/pkg/catalog"

// Leaf sees what one treatment makes of its values: the values of a column, the elements of an array, the bounds of a
// range, one field, or the values at one path of a document. It belongs to one goroutine.
//
// If a whole document is replaced, such as a JSON document that becomes null, a Leaf sees each of its scalars. All of
// them then have the same result.
//
// A Leaf does not see every NULL. It does not see a NULL of a column with a condition or with parts, a NULL inside a
// document or an hstore, and an empty field of CSV. It does not see the keys that disappear with a replaced value, or
// the comments of XML. If a text holds a document, but is treated as one text, a Leaf does not see the parts of the
// document. A text that is not JSON may be redacted. The leaves of its paths have then seen the values before the
// fault.
type Leaf interface {
	// See gets a value before and after its treatment. The values are as PostgreSQL prints them, without the quotes and
	// escapes of the document around them. nil means NULL. An empty text is not nil. The slices are valid during the
	// call only.
	See(before, after []byte)
}

// Place is the place of the values that a Leaf sees.
type Place struct {
	Path   string       // the parts that lead to the values, outermost first, as the rules write them, joined by " > ". It is "" for values of the column, its elements or its bounds
	Type   catalog.Type // the type of the values
	Use    Use          // their treatment
	Traits Traits       // the traits of the treatment on the type
}

// Watch returns the Leaf of a place, or nil if the place is not watched. Compiling a column calls it once for each
// place. A path of a document is two places if its treatment takes both texts and numbers.
type Watch func(at Place) Leaf

// Bytes returns the cell as a Leaf gets it.
func (c Cell) Bytes() []byte {
	switch {
	case c.Null:
		return nil
	case c.Text == nil:
		return []byte{}
	}
	return c.Text
}
