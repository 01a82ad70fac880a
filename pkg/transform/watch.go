package transform

import "github.com/masker-project/masker/pkg/catalog"

// Leaf sees what one treatment makes of its values: the values of a column, the elements of an array, the bounds of a
// range, one field, or the values at one path of a document. It belongs to one goroutine.
//
// A value that is replaced as a whole together with what it holds, such as a JSON document that becomes null, is seen
// scalar by scalar. Each scalar then has the same result.
//
// A Leaf does not see a NULL that no treatment gets: of a column with a condition or with parts, inside a document or an
// hstore, and an empty field of CSV. It does not see the keys that disappear with a replaced value, the comments of XML,
// and the parts of a text that holds a document and is treated as one text. If a text is not JSON and is redacted for
// this reason, leaves have also seen what could be read before the fault.
type Leaf interface {
	// See gets a value before and after its treatment. The values are as PostgreSQL prints them, without the quotes and
	// escapes of what they stand in. nil means NULL; an empty text is not nil. The slices are valid during the call only.
	See(before, after []byte)
}

// Place is where a Leaf stands.
type Place struct {
	Path   string       // the names of the parts that lead to the values, as the rules write them, outermost first, joined by " > "; "" for values of the column, of its elements or its bounds
	Type   catalog.Type // the type of the values
	Use    Use          // their treatment
	Traits Traits       // of the treatment on the type
}

// Watch returns the Leaf of a place, or nil if the place is not watched. Compiling a column calls it once for each place.
// A path of a document is two places if its treatment takes both texts and numbers.
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
