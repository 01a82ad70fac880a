// Package catalog describes a database: its schemas, tables, columns, types, keys and other objects. The package has
// plain data with a stable JSON form, and does no I/O. Package source fills the data from a live server.
//
// A catalog never contains the value of a row. Defaults, CHECK expressions and enum labels are part of the shape. They
// may quote literals, so they are never logged.
package catalog

import "slices"

// Database is the shape of one database at one moment.
type Database struct {
	Name     string   `json:"name"`
	SystemID string   `json:"system_id"` // pg_control's system identifier, decimal
	Version  int      `json:"version"`   // server_version_num, e.g. 150018
	Encoding string   `json:"encoding"`
	Locale   Locale   `json:"locale"`
	Owner    string   `json:"owner"`
	Path     string   `json:"-"`       // the search_path that is set for the owner or for the database; "" if there is none
	Schemas  []string `json:"schemas"` // user schemas, sorted; "public" only if it exists

	Tables      []*Table     `json:"tables"` // ordinary tables, partitioned tables and partitions, sorted by schema and then by name
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

	// SchemaVersions has a text for each schema. The text changes with every change of the schema, even if the change
	// is undone later. It is not part of the shape.
	SchemaVersions []string `json:"-"`

	Unmoved   Unmoved    `json:"-"` // what a refresh does not copy; not part of the shape
	Functions []Function `json:"-"` // functions that have no search path of their own and can run while a shadow is built; not part of the shape
	Objects   []Object   `json:"-"` // objects that rules can leave out; not part of the shape
}

// Locale is the options of CREATE DATABASE that decide how a database sorts and compares.
type Locale struct {
	Provider  string `json:"provider"` // "libc", "icu" or "builtin"
	Collate   string `json:"collate"`
	Ctype     string `json:"ctype"`
	ICULocale string `json:"icu_locale,omitempty"` // daticulocale (15, 16) or datlocale (17+)
	ICURules  string `json:"icu_rules,omitempty"`
}

// Table is an ordinary table, a partitioned table or a partition. Views and foreign tables are not included.
type Table struct {
	OID         uint32     `json:"-"` // in the source database; not part of the shape
	Name        Name       `json:"name"`
	Partitioned bool       `json:"partitioned"`                     // holds no rows itself
	PartitionOf *Name      `json:"partition_of,omitempty"`          // direct parent; nil if the table is not a partition
	Root        *Name      `json:"root,omitempty"`                  // topmost partitioned ancestor, whose decisions apply; nil if the table is not a partition
	Strategy    string     `json:"strategy,omitempty"`              // partitioning method: "list", "range", "hash"; "" if not partitioned
	PartKey     []string   `json:"partition_key,omitempty"`         // columns that the partition key reads, also in expressions
	PartExprs   string     `json:"partition_expressions,omitempty"` // expressions of the partition key as SQL, with commas between them
	Bound       string     `json:"-"`                               // condition that the rows of a leaf partition satisfy, as SQL; "" if a partition key calls a function of the source's own; can quote data
	Default     bool       `json:"-"`                               // the default partition of its parent
	Inherits    []Name     `json:"inherits,omitempty"`              // parents by INHERITS; a parent is read with ONLY, without the rows of its children
	Unlogged    bool       `json:"unlogged,omitempty"`              // UNLOGGED
	ExtConfig   string     `json:"ext_config,omitempty"`            // extension that lists the table as its configuration table (pg_extension.extconfig)
	ExtMember   string     `json:"ext_member,omitempty"`            // extension that owns the table; CREATE EXTENSION creates it
	RowSecurity bool       `json:"row_security,omitempty"`          // RLS enabled
	PlanPath    string     `json:"-"`                               // search path that the source's server needs to plan a query of the table; "" if it needs none
	LoadReads   []LoadRead `json:"-"`                               // relations that functions of generated columns, partition keys and domains read while rows are loaded
	ForceRLS    bool       `json:"force_rls,omitempty"`             // RLS also hides rows from the owner of the table
	Columns     []Column   `json:"columns"`                         // in attnum order, without dropped columns
	Keys        []Key      `json:"keys"`                            // primary keys, unique constraints, and unique indexes without a constraint
	Contained   []Check    `json:"-"`                               // CHECK constraints of domains inside arrays, composite types and ranges; each has one column, and its name begins with the domain's
	Checks      []Check    `json:"checks"`                          // CHECK constraints of the table, and of the domains of its columns
	Indexes     []Index    `json:"indexes,omitempty"`               // indexes that compute something: not unique, with an expression or a predicate
	Exclusions  []Index    `json:"exclusions,omitempty"`            // EXCLUDE constraints
	Statistics  []Index    `json:"statistics,omitempty"`            // extended statistics with an expression. Name has the schema, as SQL
	Size        Size       `json:"-"`                               // an estimate, not part of the shape
}

// LoadRead is a relation that functions read while rows of a table are loaded.
type LoadRead struct {
	Name      Name
	MatView   bool   // Name is a materialized view
	By        string // what calls the functions: a generated column, the partition key or a domain
	Functions string // the functions that are called, as SQL, with commas between them
	Sure      bool   // a query of the functions names the relation; otherwise their text only has its name as a word
	Fails     bool   // if the rows are not there, the functions probably raise an error, or their result is refused
}

// LoadAfter returns the other tables that must be in the target before the rows of t are loaded.
func (t *Table) LoadAfter() (names []Name) {
	for _, r := range t.LoadReads {
		if !r.MatView && r.Name != t.Name && !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

// Size holds estimates from the planner's statistics and the file system.
type Size struct {
	Pages      int64 // pages of 8 KiB in the heap
	Rows       int64 // reltuples; -1 if the table was never analysed
	Bytes      int64 // heap + TOAST
	IndexBytes int64
}

// Part returns an estimate of the size that the table has with some of its rows. For nil, which means all rows, it
// returns s.
func (s Size) Part(selected *Rows) Size {
	if selected == nil {
		return s
	}
	part := func(n int64) int64 { return selected.Part(n, s.Rows) }
	return Size{Pages: part(s.Pages), Rows: int64(selected.Len()), Bytes: part(s.Bytes), IndexBytes: part(s.IndexBytes)}
}

// Column is one column of a table.
type Column struct {
	Name      string `json:"name"`
	Num       int    `json:"-"` // attnum; dropped columns leave gaps
	Type      Type   `json:"type"`
	NotNull   bool   `json:"not_null,omitempty"`  // the column or its domain is NOT NULL
	Default   string `json:"default,omitempty"`   // as SQL. For a generated column, the expression that computes it
	Generated bool   `json:"generated,omitempty"` // GENERATED ALWAYS AS (expression)
	Identity  string `json:"identity,omitempty"`  // "always", "by default"
	Sequence  *Name  `json:"sequence,omitempty"`  // sequence that the column owns or reads in its default; nil if none

	Stats   Statistics `json:"-"` // an estimate, not part of the shape
	Comment string     `json:"-"` // the beginning of the column's comment; not part of the shape, and never shown
}

// Statistics holds what PostgreSQL's planner knows about a column. It contains no value of the column.
type Statistics struct {
	Known       bool    // false for a column that was never analysed, or whose statistics masker's role may not read
	Distinct    float64 // number of different values: > 0 is a count, < 0 a share of the rows, 0 unknown
	Common      float64 // share of the rows that have the most frequent value; 0 if no value is frequent
	Nulls       float64 // share of the rows that are NULL
	Correlation float64 // correlation between the order of the rows on disk and the order of the values, -1 to 1; 0 also if unknown
}

// Key is a primary key, a unique constraint or a unique index.
type Key struct {
	Name    string   `json:"name"`
	Primary bool     `json:"primary,omitempty"`
	Columns []string `json:"columns"` // includes the columns that an expression reads

	Members   []string `json:"members,omitempty"`   // columns and expressions as SQL, if at least one is an expression. Package sqlexpr reads them
	Predicate string   `json:"predicate,omitempty"` // condition on the rows of a partial index; "" for all rows

	NullsNotDistinct bool `json:"nulls_not_distinct,omitempty"` // two NULLs violate the key (PostgreSQL 15+)
}

// Index is an index, an EXCLUDE constraint or a statistics object, with what it computes. Package sqlexpr reads Members
// and Predicate.
type Index struct {
	Name      string   `json:"name"`
	Members   []string `json:"members"`             // columns and expressions as SQL
	Operators []string `json:"operators,omitempty"` // operators of an EXCLUDE constraint, one for each member: "=", "&&"
	Predicate string   `json:"predicate,omitempty"` // condition on the rows of a partial index; "" for all rows
}

// Check is a CHECK constraint of a table or of a column's domain.
type Check struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Expr    string   `json:"expr"`

	NotValid bool `json:"not_valid,omitempty"` // existing rows need not satisfy it. The target gets it after the rows
}

// ForeignKey is a foreign key from the child's columns to the parent's columns. The two lists have the same order.
// Constraints that a partition inherits from its root are left out.
type ForeignKey struct {
	Name          string   `json:"name"`
	Child         Name     `json:"child"`
	ChildColumns  []string `json:"child_columns"`
	Parent        Name     `json:"parent"`
	ParentColumns []string `json:"parent_columns"`
	Deferrable    bool     `json:"deferrable,omitempty"`
	NotValid      bool     `json:"not_valid,omitempty"`
	MatchFull     bool     `json:"match_full,omitempty"`
	Period        bool     `json:"period,omitempty"` // the last columns are periods: rows of the parent cover the child's period together

	// MixedCollations means that the two columns of a pair have different collations, of which at least one is not
	// deterministic.
	MixedCollations bool `json:"-"`
}

// Sequence is a sequence and the columns that it feeds, if any.
type Sequence struct {
	Name      Name         `json:"name"`
	Table     *Name        `json:"table,omitempty"` // table of Column, which owns the sequence or names it in its default; nil if none
	Column    string       `json:"column,omitempty"`
	Also      []ColumnName `json:"also,omitempty"` // further columns whose default names the sequence
	Increment int64        `json:"increment"`
	Min       int64        `json:"min"`
	Max       int64        `json:"max"`
}

// ColumnName names a column.
type ColumnName struct {
	Table  Name   `json:"table"`
	Column string `json:"column"`
}

// Feeds lists every column that the sequence feeds. A column of a partition is left out if the root's column is in the
// list.
func (s Sequence) Feeds() []ColumnName {
	if s.Table == nil || s.Column == "" {
		return nil
	}
	return append([]ColumnName{{*s.Table, s.Column}}, s.Also...)
}

// SequenceValue is the current value of a sequence.
type SequenceValue struct {
	Name   Name
	Last   int64
	Called bool // Last is already used; the next value is Last plus the increment

	// Past means that the target must move the sequence past the values of the columns that it feeds, if the sequence
	// is behind them. It is set if one of these columns is treated.
	Past bool

	// Fresh means that the sequence begins at its start value in the target, and that its position does not depend on
	// Last. It is set if each of these columns is treated or not copied. In this case, Last would show how many numbers
	// the source has given to rows. Nothing else in the target shows this.
	Fresh bool

	// Lagging means that the target must move the sequence as for Past. It is set if one of these columns is in a
	// key, because the sequence may be behind this column in the source already.
	Lagging bool

	// Computed lists unchanged columns whose default computes another number from the sequence's, such as
	// nextval('s') * 10. Past and Lagging do not concern these columns: their numbers are not the sequence's.
	Computed []ColumnName
}

// Extension is an installed extension.
type Extension struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Schema  string `json:"schema"`
	Needed  bool   `json:"-"` // an object outside the extension uses one of its members
	Servers bool   `json:"-"` // a foreign server uses the extension's wrapper

	NeededBy []string `json:"-"` // labels of the objects outside the extension that use one of its members
}

// MatView is a materialized view.
type MatView struct {
	Name      Name   `json:"name"`
	Populated bool   `json:"populated"`
	Outside   string `json:"outside,omitempty"` // first object outside the database that the view reads, also through other views: "foreign table x.y", "function dblink"; "" if none was found
	Path      string `json:"-"`                 // search path of the view's owner, as SHOW search_path prints it
}

// Function is a function with the search path under which the source calls it.
type Function struct {
	Identity string // name with argument types, as SQL writes it: "public.slug(text)"
	Path     string // list of schemas, as SHOW search_path prints it
}

// ForeignServer is a server of a foreign-data wrapper. Its options are never read.
type ForeignServer struct {
	Name    string `json:"name"`
	Wrapper string `json:"wrapper"`
	Type    string `json:"type,omitempty"`
	Version string `json:"version,omitempty"`
}

// LargeObjects says how many large objects there are.
type LargeObjects struct {
	Count  int64  `json:"-"`
	Any    bool   `json:"any"`
	Denied uint32 `json:"-"` // OID of a large object that the source's role may not read, or 0
}

// Policy is a row security policy and the roles that it names, without "public".
type Policy struct {
	Name  string   `json:"name"`
	Table Name     `json:"table"`
	Roles []string `json:"roles"`
}

// Table returns the table with that name, or nil. Table must be fast, because callers look up each table of a large
// database. So it first searches at the place where the table is if Tables is sorted.
func (d *Database) Table(n Name) *Table {
	if i, ok := slices.BinarySearchFunc(d.Tables, n, func(t *Table, n Name) int { return t.Name.Compare(n) }); ok {
		return d.Tables[i]
	}
	for _, t := range d.Tables {
		if t.Name == n {
			return t
		}
	}
	return nil
}

// Column returns the column with that name, or nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Decider returns the name of the table whose decisions apply: the root of a partition, otherwise the table itself.
func (t *Table) Decider() Name {
	if t.Root != nil {
		return *t.Root
	}
	return t.Name
}
