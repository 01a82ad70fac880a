// Package verify looks for values of the source in the database that arrived. It collects keyed fingerprints of the
// source's values while rows are treated. It looks up the values of the shadow among these fingerprints, and judges
// whether chance explains what it finds. The package gets values and returns plain data. It opens no connection, and no
// value leaves it.
package verify

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// Level says how much of a shadow is verified.
type Level string

// The levels of a flow's setting verify.
const (
	Off    Level = "off"
	Counts Level = "counts" // number of rows, and equality of the kept cells of each table
	Strict Level = "strict" // like Counts. In addition, the values of the shadow are looked up among the values of the source
)

// Options are the settings of one verification.
type Options struct {
	Level   Level
	Memory  int64 // largest number of bytes for fingerprints; 0 means DefaultMemory
	Workers int   // goroutines that seal the collection; 0 means 1

	Advise fingerprint.Advise // gets large memory before it is used; may be nil
}

// DefaultMemory is enough for 10 million rare values without sampling.
const DefaultMemory = 256 << 20

// Place is where values are: a column, or a path in the documents, arrays or composites of a column. Or it is a
// definition. Then the path says which one, and the table may be a view, a function or a type.
type Place struct {
	Table  catalog.Name `json:"table"`
	Column string       `json:"column,omitempty"`
	Path   string       `json:"path,omitempty"` // "" for the whole column
}

// Statistics is the path of the values in the planner's statistics of a column.
const Statistics = "statistics"

// Unplaced is the path of values in very long documents. Such a document is read in pieces, and a piece does not show
// where its values are in the document.
const Unplaced = "(path unknown, because a very long document is read in pieces)"

// Source is a treated place of the source.
type Source struct {
	Place
	Class      string       // what the values are. The subjects of a value are counted over all sources of a class
	Treatment  string       // name of the treatment
	Label      string       // disclosure label of the treatment on this place
	Space      float64      // number of possible results of the treatment; 0 or infinite if that number does not matter
	Keeps      int          // characters that the treatment is declared to keep at one end, such as the last digits of a card
	Type       catalog.Type // type of the value that the leaf sees
	Every      bool         // the leaf sees the whole cell of every row. So results can be counted here and again in the shadow
	Default    string       // the constant that a new row gets if it names no value; "" if there is none
	Dictionary []string     // words from which the treatment invents results. These words are not looked for
}
