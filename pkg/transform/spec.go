package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// Spec documents one treatment of the library.
// The reference and `masker treatments` are printed from these fields; the examples run as tests.
type Spec struct {
	Name      string
	Summary   string // one line
	Doc       string // what it does, what it keeps, what a reviewer should know; may be several sentences
	Params    []Param
	Families  []catalog.Family // what it takes; arrays of these are treated element by element
	Discloses Disclosure       // at most; Check says what it is on one column
	Preserves []string         // at best, of the words below; Doc says when. A test proves each
	Examples  []Example
	Alone     bool   // only as a column's own rule: not of arrays, inside documents or under a condition
	Parts     string // what the keys of its nested rules are: "path", "key", "field", "column"; "" of a treatment without
	Anything  bool   // takes every family, arrays as a whole
}

// What a treatment may preserve of its values.
const (
	Uniqueness = "uniqueness" // different values, different results
	Order      = "order"      // of two values the one that was not larger does not become larger
	Equality   = "equality"   // equal values of one domain, equal results
	Length     = "length"     // as many characters as before
	Format     = "format"     // digits, letters and separators stand where they stood; dates stay dates, numbers keep sign and decimals
)

// Param is one parameter of a treatment.
type Param struct {
	Name     string
	Type     string // "integer", "text", "range", "value", or the allowed words joined by "|"
	Default  any    // nil where there is none
	Required bool
	Doc      string
}

// Example is a cell before and after under the library's example key.
type Example struct {
	Type    catalog.Type
	Use     Use
	Subject string            // the value of the sibling Use.Subject names
	Row     map[string]string // source values of the other columns it reads, by their names in Use.Reads; one that is missing is NULL
	In      string
	Out     string
	Null    bool // Out is NULL
	Note    string
}

// Takes says whether the treatment applies to columns of that family, arrays of it included.
func (s *Spec) Takes(f catalog.Family) bool {
	if s.Anything {
		return true
	}
	for _, have := range s.Families {
		if have == f {
			return true
		}
	}
	return false
}
