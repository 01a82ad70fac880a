package transform

import "github.com/masker-project/masker/pkg/catalog"

// rowSpecs are the treatments that look at more of the row than the value.
func rowSpecs() []*Spec { return nil }

// Read is another column that a use looks at: of the same row, or by foreign keys of a row it references.
// The plan resolves it, so that a use is complete in itself.
type Read struct {
	Name string       `json:"name"` // "given_name"; "customer_id.given_name" of the row that customer_id references
	Type catalog.Type `json:"type"`
	Use  *Use         `json:"use,omitempty"` // what that column becomes, where the result is wanted and not the source value
}

// Wanted is a column a use wants to look at, before the plan has resolved it to a Read.
type Wanted struct {
	Name    string
	Treated bool   // what it becomes, not what it is
	Param   string // the parameter that names it, for errors
}
