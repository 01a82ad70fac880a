package sides

import (
	"slices"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// Shadow is what a shadow is made from.
type Shadow struct {
	Run       string // id of the refresh, at most 40 bytes
	Ledger    string // where its record is, for the marker; may be ""
	Source    *catalog.Database
	Archive   *archive.Archive // schema of the same snapshot
	Decisions Decisions
	Roles     map[string]string // source role → target role, for policies
	Sequences []catalog.SequenceValue
	Treated   map[catalog.Fed]bool // columns whose values are not the source's; of a partition, its root's

	// Made is told the new database before anything in it says whose it is; an error drops it again. nil for nobody.
	Made func(name string, oid uint32) error
}

// Decisions are the plan's decisions on what is not a table. The zero value of each drops.
type Decisions struct {
	ForeignServers string // "keep": made without their options, so that they lead nowhere
	ForeignTables  string // "keep", or "empty": an ordinary empty table stands in
	EventTriggers  string // "keep"
	DropExtensions []string
}

// DropsExtension says whether an extension is left out by decision.
func (d Decisions) DropsExtension(name string) bool { return slices.Contains(d.DropExtensions, name) }

// Hook is a SQL script that runs on the shadow before it is published.
type Hook struct {
	Name string // of its file, for errors
	SQL  string
}
