package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// Spec documents one treatment of the library. `masker treatments` and docs/treatments.md print these fields.
// The examples run as tests.
type Spec struct {
	Name      string
	Summary   string // summary in one line
	Doc       string // what the treatment does, what stays of a value, and what a reviewer should know; may hold several paragraphs
	Params    []Param
	Families  []catalog.Family // type families that the treatment takes; arrays of these are treated element by element
	Discloses Disclosure       // upper limit; Check gives the disclosure on one column
	Varies    Varies           // what decides the disclosure; "" if the disclosure is always Discloses
	// Learns says what an attacker learns about one person's row, and about other rows. The attacker has the target and
	// the rules, and knows this person's source value.
	Learns    string
	Preserves []string // properties that the treatment can preserve; Doc says when; a test proves each one
	Examples  []Example
	Alone     bool   // allowed only as a column's own rule: not for arrays, inside documents or under a condition
	Parts     string // by what a nested rule is found: "path", "key", "field" or "column"; "" if the treatment has no nested rules
	Anything  bool   // takes every type family, and arrays as a whole
}

// The properties of values that a treatment can preserve.
const (
	Uniqueness = "uniqueness" // different values get different results
	Order      = "order"      // if a value is at most as large as another one, its result is at most as large as the result of the other
	Equality   = "equality"   // equal values in one domain get equal results
	Length     = "length"     // the number of characters stays
	Format     = "format"     // digits, letters and separators keep their positions; dates stay dates; numbers keep sign and decimals
)

// Varies says what the disclosure of a column depends on, in addition to the treatment.
type Varies string

// The values of Varies.
const (
	WithRule   Varies = "rule"   // the rule: parameters, subject, nested rules
	WithColumn Varies = "column" // the rule, and the types and rules of columns
)

// Tells says which change of a parameter makes a result tell more about its value.
type Tells string

// The values of Tells. "" means that any change may make the result tell more.
const (
	Larger  Tells = "larger"  // a larger number, a later word of the Type, or true
	Smaller Tells = "smaller" // a smaller number, an earlier word of the Type, or false
	Neither Tells = "neither" // the results change, but do not tell more
)

// Param is one parameter of a treatment.
type Param struct {
	Name     string
	Type     string // a word that tells readers what to write, such as "integer" or "range", or the allowed words separated by "|"
	Tells    Tells  // which change of the parameter makes results tell more
	Default  any    // nil for none
	Required bool
	Doc      string
}

// Example is a cell before and after treatment with the library's example key.
type Example struct {
	Type    catalog.Type
	Use     Use
	Subject string            // value of the sibling that Use.Subject names
	Row     map[string]string // source values of the other columns, by their names in Use.Reads; a missing value is NULL
	In      string
	Out     string
	Null    bool // Out is NULL
	Note    string
}

// Takes reports whether the treatment applies to columns of the type family or to arrays of it.
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
