package sides

import (
	"slices"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// Shadow is the input from which a target makes a shadow.
type Shadow struct {
	Run       string // identifier of the run, at most 40 bytes
	Ledger    string // the ledger that records the run, for the mark; may be ""
	Source    *catalog.Database
	Archive   *archive.Archive // the schema, from the same snapshot as Source
	Decisions Decisions
	Roles     map[string]string // source role → target role, for policies
	Sequences []catalog.SequenceValue

	// Treated holds the columns whose values may differ from the source's, including the columns of partitions. For
	// each column it has the position of the rule that decides about it. The position is "" for a generated column.
	Treated map[catalog.ColumnName]string

	// Made is called with the new database before the database has a mark. If Made returns an error, the database is
	// dropped. Made may be nil.
	Made func(name string, oid uint32) error
	// MadeTemplate is called with a new template before the template has a mark. If it returns an error, the template
	// is dropped. MadeTemplate may be nil.
	MadeTemplate func(name string, oid uint32) error
}

// Decisions are the plan's decisions about objects that are not ordinary tables. The zero value of a decision means
// drop.
type Decisions struct {
	ForeignServers string // "keep": servers are made without their options, so that they connect to nothing
	ForeignTables  string // "keep", or "empty": an ordinary empty table replaces the foreign table
	EventTriggers  string // "keep", or "drop"
	Comments       string // "keep", or "drop"
	DropExtensions []string
	LeaveOut       []catalog.Object // single objects, and what is a part of them
}

// DropsExtension reports whether the decisions leave out an extension.
func (d Decisions) DropsExtension(name string) bool { return slices.Contains(d.DropExtensions, name) }

// Hook is a SQL script that runs on the shadow before it is published.
type Hook struct {
	Name string // name of the script's file, for errors
	SQL  string
}
