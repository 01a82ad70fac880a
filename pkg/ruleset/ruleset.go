// Package ruleset reads the reviewed YAML that says what every column is. It knows
// the place of every word it read, so that whatever is found wrong later, here or in
// package plan, points at file, line and column.
//
// It is strict: an unknown key, a misspelt name, a duplicate or an empty reason is an
// error, and all of them are reported in one go. It must not read a schema (package
// plan resolves rules against one) and never guesses what a rule meant.
package ruleset

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Set is one or more rule files, read and merged, with the packs they name.
type Set struct {
	Revision    int
	RevisionPos Pos      // where a file states it
	Packs       []string // names, in the order they were first named
	Files       []File   // rule files in the order given, then packs
	Tables      []*Table // in the order of the files
	Virtual     []*VirtualKey
	Classes     map[string]*Class
	Objects     []Object
	Hooks       []Hook
	Waivers     []Waiver
	Detectors   Detectors // what the packs suspect by name; only ever suggestions

	AddTable  *Insertion // where a table can be added; nil where no file has `tables`
	AddObject *Insertion // where a decision on objects can be added; nil where no file has `objects`

	sources map[string]*source
}

// File is a file that took part, as an approval covers it: byte for byte.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Table is what the rules say of one table.
type Table struct {
	Name    catalog.Name
	Pos     Pos // of the table's key
	Subject *Ident
	Keep    *Whole // with Only: these columns are kept, whatever else is there is undecided
	Skip    *Whole // the rows stay behind
	Columns []*Column

	AddKey    Insertion  // where a key of the table can be added
	AddColumn *Insertion // where a column can be added; nil without `columns`
}

// Whole is a decision for a whole table.
type Whole struct {
	Reason string
	Pos    Pos
	Only   []Ident
}

// Ident is a column's name and where it stands.
type Ident struct {
	Name string
	Pos  Pos
	Text string // as written, for a hint on quoting
}

// Column is the rule of one column.
type Column struct {
	Ident
	Rule Rule
}

// Rule is one decision: exactly one of Keep, Class, Treatment and JSON is meant, as Kind says.
type Rule struct {
	Kind      Kind
	Pos       Pos
	Reason    string // of Keep
	Class     string
	Treatment string
	Params    transform.Params
	ParamPos  map[string]Pos
	Domain    string
	DomainPos Pos
	As        string
	AsPos     Pos
	Paths     []Path // of JSON
	When      string // condition on the row; "" = always
	WhenPos   Pos
	Else      *Rule // what happens to the rows that When does not hold for
}

// Kind says which of the four forms a rule has.
type Kind int

// The forms of a rule.
const (
	Keep  Kind = iota + 1 // {keep: reason}
	Of                    // {class: name}
	Treat                 // {treat: name, parameters…}
	JSON                  // {json: {path: rule}}, and likewise hstore, fields, …: Treatment says which
)

// Path is the rule of one JSON path, or of another part of a value: a key, a field.
type Path struct {
	Path string
	Pos  Pos
	Rule Rule
}

// Class is a data class: what values are, and the treatment they get by kind of target environment.
type Class struct {
	Name        string
	Pos         Pos
	Description string
	Pack        string // the pack that describes it, "" for a class of the rule files alone
	Default     *Treatment
	ByKind      map[string]*Treatment
}

// Treatment is a class's rule and where it comes from.
type Treatment struct {
	Rule Rule
	Pack string // "" where a rule file says so itself
}

// For is the treatment of the class in a target environment of this kind, or nil.
func (c *Class) For(kind string) *Treatment {
	if t := c.ByKind[kind]; t != nil {
		return t
	}
	return c.Default
}

// Object is the decision on a kind of objects that are not tables.
type Object struct {
	Kind     string
	Decision string // "drop", "keep", "empty"
	Reason   string
	Pos      Pos
}

// Hook is a SQL file named by a rule file, read beside it.
type Hook struct {
	File   string // as the rule file names it
	Pos    Pos
	SQL    string
	SHA256 string
}

// TargetKinds are the kinds of environment a class may be treated apart for.
func TargetKinds() []string { return []string{"preproduction", "staging", "integration", "local"} }

// Packs are the packs that ship.
func Packs() []string { return []string{"baseline"} }

// Forms are the keys of which a rule has exactly one.
func Forms() []string {
	forms := []string{"keep", "class", "treat"}
	for _, s := range library.All() {
		if s.Parts != "" {
			forms = append(forms, s.Name)
		}
	}
	return forms
}

// ObjectKinds are the keys of `objects`, in the order plans list them.
func ObjectKinds() []string {
	return []string{
		"large_objects", "foreign_servers", "foreign_tables", "event_triggers",
		"job_schedulers", "unlogged_tables", "extension_tables",
	}
}

// Table returns the rules of that table, or nil.
func (s *Set) Table(n catalog.Name) *Table {
	for _, t := range s.Tables {
		if t.Name == n {
			return t
		}
	}
	return nil
}

// Object returns the decision on that kind of objects, or nil.
func (s *Set) Object(kind string) *Object {
	for i := range s.Objects {
		if s.Objects[i].Kind == kind {
			return &s.Objects[i]
		}
	}
	return nil
}
