package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// Read is another column that a use looks at: of the same row, or by foreign keys of a row it references.
// The plan resolves it, so that a use is complete in itself.
type Read struct {
	Name    string       `json:"name"` // "given_name"; "customer_id.given_name" of the row that customer_id references. Each part as SQL would write it
	Type    catalog.Type `json:"type"`
	NotNull bool         `json:"not_null,omitempty"`
	Unique  bool         `json:"unique,omitempty"`
	Use     *Use         `json:"use,omitempty"` // what that column becomes, where the result is wanted and not the source value
}

// Wanted is a column a use wants to look at, before the plan has resolved it to a Read.
type Wanted struct {
	Name    string // as Read's
	Treated bool   // what it becomes, not what it is
	Param   string // the parameter that names it, for errors
}

// ElseParam begins the Param of an error within a use's Else.
const ElseParam = "else: "

// Column is the column that is read, as its treatment sees it.
func (r *Read) Column() Column {
	parts, err := catalog.ParseIdents(r.Name)
	if err != nil {
		parts = []string{r.Name}
	}
	return Column{Name: parts[len(parts)-1], Type: r.Type, NotNull: r.NotNull, Unique: r.Unique}
}
