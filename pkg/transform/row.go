package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// Read is another column that a use reads: a column of the same row, or of a row that the row references.
// The plan resolves every Read, so that a use needs no further information.
type Read struct {
	Name    string       `json:"name"` // "given_name", or "customer_id.given_name" for the row that customer_id references; each part is quoted as in SQL
	Type    catalog.Type `json:"type"`
	NotNull bool         `json:"not_null,omitempty"`
	Unique  bool         `json:"unique,omitempty"`
	Kept    bool         `json:"kept,omitempty"` // the target shows the column's source value, because a rule has keep for the column
	Use     *Use         `json:"use,omitempty"`  // treatment of that column; nil to read the source value
}

// Wanted is a column that a use reads, before the plan resolves it to a Read.
type Wanted struct {
	Name    string // as in Read
	Treated bool   // read the column's result instead of its source value
	Param   string // parameter that names the column, for errors
}

// ElseParam is the prefix of Param in an error that concerns a use's Else.
const ElseParam = "else: "

// Column returns the column that is read, for its own treatment.
func (r *Read) Column() Column {
	parts, err := catalog.ParseIdents(r.Name)
	if err != nil {
		parts = []string{r.Name}
	}
	return Column{Name: parts[len(parts)-1], Type: r.Type, NotNull: r.NotNull, Unique: r.Unique}
}
