// Package catalog says what a database looks like: schemas, tables, columns,
// types, keys and the objects around them. It is plain data, JSON-stable and
// free of I/O; package source fills it from a live server.
//
// It must never hold a row's value. (Defaults, CHECK expressions and enum labels
// are part of the shape and may quote literals; they stay in here and are not logged.)
package catalog

// Database is the shape of one database at one moment.
type Database struct {
	Name     string   `json:"name"`
	SystemID string   `json:"system_id"` // pg_control's system identifier, decimal
	Version  int      `json:"version"`   // server_version_num, e.g. 150018
	Encoding string   `json:"encoding"`
	Locale   Locale   `json:"locale"`
	Owner    string   `json:"owner"`
	Schemas  []string `json:"schemas"` // user schemas, sorted; "public" only where it exists

	Tables      []*Table     `json:"tables"` // ordinary, partitioned and leaf tables, sorted by schema then name
	ForeignKeys []ForeignKey `json:"foreign_keys"`
	Sequences   []Sequence   `json:"sequences"`
	Extensions  []Extension  `json:"extensions"`
	MatViews    []MatView    `json:"materialized_views"`

	ForeignServers []ForeignServer `json:"foreign_servers"`
	ForeignTables  []Name          `json:"foreign_tables"`
	EventTriggers  []string        `json:"event_triggers"`
	Publications   []string        `json:"publications"`
	Subscriptions  []string        `json:"subscriptions"`
	UserMappings   int             `json:"user_mappings"`
	LargeObjects   LargeObjects    `json:"large_objects"`
	Policies       []Policy        `json:"policies"`

	Functions   []Function   `json:"-"` // that run while a copy is loaded, and set no search path; no part of the shape
	Definitions []Definition `json:"-"` // whose texts travel with the schema; not part of the shape, and never logged
}

// Locale is what CREATE DATABASE needs to make a database that sorts and compares alike.
type Locale struct {
	Provider  string `json:"provider"` // "libc", "icu" or "builtin"
	Collate   string `json:"collate"`
	Ctype     string `json:"ctype"`
	ICULocale string `json:"icu_locale,omitempty"` // daticulocale (15, 16) or datlocale (17+)
	ICURules  string `json:"icu_rules,omitempty"`
}

// Table is an ordinary, partitioned or leaf table. Views and foreign tables are not tables here.
type Table struct {
	OID         uint32   `json:"-"` // in the source; not part of the shape
	Name        Name     `json:"name"`
	Partitioned bool     `json:"partitioned"`             // holds no rows itself
	PartitionOf *Name    `json:"partition_of,omitempty"`  // direct parent of a partition
	Root        *Name    `json:"root,omitempty"`          // topmost partitioned ancestor of a partition; its decisions apply
	Strategy    string   `json:"strategy,omitempty"`      // of a partitioned table: "list", "range", "hash"
	PartKey     []string `json:"partition_key,omitempty"` // columns the partition key reads, expressions included
	Inherits    []Name   `json:"inherits,omitempty"`      // old-style parents; rows are counted with ONLY
	Unlogged    bool     `json:"unlogged,omitempty"`      //
	ExtConfig   string   `json:"ext_config,omitempty"`    // extension of which this is a configuration table (pg_extension.extconfig)
	ExtMember   string   `json:"ext_member,omitempty"`    // extension that owns the table itself: CREATE EXTENSION makes it
	RowSecurity bool     `json:"row_security,omitempty"`  // RLS enabled
	ForceRLS    bool     `json:"force_rls,omitempty"`     //
	Columns     []Column `json:"columns"`                 // in attnum order, dropped ones left out
	Keys        []Key    `json:"keys"`                    // primary, unique constraints, and unique indexes without one
	Checks      []Check  `json:"checks"`                  //
	Exclusions  []Check  `json:"exclusions,omitempty"`    // EXCLUDE constraints; Expr is the whole definition
	Size        Size     `json:"-"`                       // an estimate, not part of the shape
}

// Size is what the planner's statistics and the file system say; estimates.
type Size struct {
	Pages      int64 // heap, of 8 KiB
	Rows       int64 // reltuples; -1 where never analysed
	Bytes      int64 // heap + TOAST
	IndexBytes int64
}

// Column is one column of a table.
type Column struct {
	Name      string  `json:"name"`
	Num       int     `json:"-"` // attnum, gaps where columns were dropped
	Type      Type    `json:"type"`
	NotNull   bool    `json:"not_null,omitempty"` // of the column or of its domain
	Default   string  `json:"default,omitempty"`
	Generated bool    `json:"generated,omitempty"` // GENERATED ALWAYS AS (expression)
	Identity  string  `json:"identity,omitempty"`  // "always", "by default"
	Sequence  *Name   `json:"sequence,omitempty"`  // owned by or feeding this column
	Distinct  float64 `json:"-"`                   // distinct values: absolute if > 0, a share of the rows if < 0, 0 unknown (pg_stats.n_distinct)
}

// Key is a primary key, a unique constraint or a unique index.
type Key struct {
	Name    string   `json:"name"`
	Primary bool     `json:"primary,omitempty"`
	Columns []string `json:"columns"` // plain columns; an expression's columns count too
	Partial bool     `json:"partial,omitempty"`
	Expr    bool     `json:"expr,omitempty"` // at least one member is an expression

	NullsNotDistinct bool `json:"nulls_not_distinct,omitempty"` // two NULLs collide too (15+)
}

// Check is a CHECK constraint of a table or of a column's domain.
type Check struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Expr    string   `json:"expr"`
}

// ForeignKey points from the child's columns to the parent's, position by position.
// Constraints a partition inherited from its root are left out.
type ForeignKey struct {
	Name          string   `json:"name"`
	Child         Name     `json:"child"`
	ChildColumns  []string `json:"child_columns"`
	Parent        Name     `json:"parent"`
	ParentColumns []string `json:"parent_columns"`
	Deferrable    bool     `json:"deferrable,omitempty"`
	NotValid      bool     `json:"not_valid,omitempty"`
	MatchFull     bool     `json:"match_full,omitempty"`
}

// Sequence is a sequence and the columns it feeds, where there are any.
type Sequence struct {
	Name      Name   `json:"name"`
	Table     *Name  `json:"table,omitempty"` // owned by, or named in the default of
	Column    string `json:"column,omitempty"`
	Also      []Fed  `json:"also,omitempty"` // further columns whose default names it
	Increment int64  `json:"increment"`
	Min       int64  `json:"min"`
	Max       int64  `json:"max"`
}

// Fed is a column that a sequence feeds.
type Fed struct {
	Table  Name   `json:"table"`
	Column string `json:"column"`
}

// Feeds lists every column the sequence feeds. A partition is left out where its root is in the list.
func (s Sequence) Feeds() []Fed {
	if s.Table == nil || s.Column == "" {
		return nil
	}
	return append([]Fed{{*s.Table, s.Column}}, s.Also...)
}

// SequenceValue is where a sequence stands.
type SequenceValue struct {
	Name   Name
	Last   int64
	Called bool // Last has been handed out; the next value is one step on

	// Past says to move the sequence past the values of the columns it feeds, where it stands behind them, because one of
	// them is treated; Lagging, because one is a key that the source's own sequence has fallen behind.
	Past, Lagging bool
}

// Extension is an installed extension.
type Extension struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Schema  string `json:"schema"`
	Needed  bool   `json:"-"` // an object of the database's own uses one of its members
	Servers bool   `json:"-"` // a foreign server uses its wrapper
}

// MatView is a materialized view.
type MatView struct {
	Name      Name   `json:"name"`
	Populated bool   `json:"populated"`
	Outside   string `json:"outside,omitempty"` // what it reaches outside the database, through views too: "foreign table x.y", "function dblink"; "" if nothing found
	Path      string `json:"-"`                 // the search path of its owner, as SHOW search_path prints it
}

// Function is a function that is found by its identity, and the search path under which it is called in the source.
type Function struct {
	Identity string // "public.slug(text)", as SQL writes it
	Path     string // a list of schemas, as SHOW search_path prints it
}

// ForeignServer is a server of a foreign-data wrapper. Its options are never read.
type ForeignServer struct {
	Name    string `json:"name"`
	Wrapper string `json:"wrapper"`
	Type    string `json:"type,omitempty"`
	Version string `json:"version,omitempty"`
}

// LargeObjects counts pg_largeobject_metadata.
type LargeObjects struct {
	Count int64 `json:"-"`
	Any   bool  `json:"any"`
}

// Definition is a text of the schema that can quote data: what pg_dump writes out as it stands.
type Definition struct {
	Kind   string // "check", "default", "view", "comment", …
	Object Name   // what it belongs to: a table, type, view or function
	Column string // "" where it is of no column
	Name   string // of a constraint, index, trigger or policy, "" elsewhere
	Text   string
	Plain  bool // a text for people, or a value, and not SQL that quotes them
}

// Policy is a row security policy and the roles it names ("public" left out).
type Policy struct {
	Name  string   `json:"name"`
	Table Name     `json:"table"`
	Roles []string `json:"roles"`
}

// Table returns the table of that name, or nil.
func (d *Database) Table(n Name) *Table {
	for _, t := range d.Tables {
		if t.Name == n {
			return t
		}
	}
	return nil
}

// Column returns the column of that name, or nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Decider is the table whose decisions apply: the root of a partition, else the table itself.
func (t *Table) Decider() Name {
	if t.Root != nil {
		return *t.Root
	}
	return t.Name
}
