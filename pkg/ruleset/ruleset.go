// Package ruleset reads rule sets: the reviewed YAML files that say what every column is. The result holds the
// position of every entry. Problems that are found later, here or in package plan, name file, line and column.
//
// The package is strict. An unknown key, a misspelt name, a duplicate or an empty reason is a problem, and
// Parse reports all problems at once. The package never guesses what a rule means. It does not read a
// schema: package plan resolves rules against one.
package ruleset

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Set is a rule set: one or more rule files, merged, with the packs they name.
type Set struct {
	Revision    int
	RevisionPos Pos      // position of the key `revision`
	Packs       []string // names, in the order in which they were first named
	Files       []File   // rule files, hooks and dictionaries in the order they were read, then packs
	Tables      []*Table // in the order of the files
	Virtual     []*VirtualKey
	Classes     map[string]*Class
	Objects     []Object
	LeaveOut    []LeftOut // single objects, in the order of the files
	Hooks       []Hook
	Waivers     []Waiver
	Profiles    []Profile // the packs that have gates

	AddTable  *Insertion // where a table can be added, or nil if no file has `tables`
	AddObject *Insertion // where a decision on objects can be added, or nil if no file has `objects`

	sources map[string]*source
}

// File is a file of the rule set with its digest. An approval covers the file's bytes.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Table is the rules of one table.
type Table struct {
	Name    catalog.Name
	Pos     Pos // where the rules name the table
	Subject *Ident
	Keep    *TableDecision // the columns in Only are kept; a column that is neither in Only nor in Columns is undecided
	Skip    *TableDecision // the rows are not copied
	Order   *TableDecision // the rows keep the source's order
	Columns []*Column

	AddKey    Insertion  // where a key of the table can be added
	AddColumn *Insertion // where a column can be added, or nil if the table has no `columns`
}

// TableDecision is a decision for a whole table.
type TableDecision struct {
	Reason string
	Pos    Pos
	Only   []Ident
}

// Ident is a column's name and its position.
type Ident struct {
	Name string
	Pos  Pos
	Text string // as the file writes it
}

// Column is the rule of one column.
type Column struct {
	Ident
	Rule Rule
}

// Rule is one decision. Kind says which of the other fields are set.
type Rule struct {
	Kind      Kind
	Pos       Pos
	Reason    string // for Keep
	Class     string // for ByClass
	Treatment string // for Treat and JSON
	Params    transform.Params
	ParamPos  map[string]Pos
	Domain    string
	DomainPos Pos
	As        string
	AsPos     Pos
	Paths     []Path // for JSON
	When      string // a condition on the row, or "" if the rule is for all rows
	WhenPos   Pos
	Else      *Rule // the rule for rows that do not meet When, or nil without When
}

// Kind says which of the four forms a rule has.
type Kind int

// The forms of a rule.
const (
	Keep    Kind = iota + 1 // {keep: reason}
	ByClass                 // {class: name}
	Treat                   // {treat: name, parameters…}
	JSON                    // {json: {path: rule}}. Also hstore, fields and other forms with parts. Treatment names the form
)

// Path is the rule of one part of a value, such as a JSON path, a key of an hstore or a field of a composite.
type Path struct {
	Path string
	Pos  Pos
	Rule Rule
}

// Class is a data class: what values are, and their treatment for each kind of target environment.
type Class struct {
	Name        string
	Pos         Pos
	Description string
	Pack        string                // the pack that defines the class, or "" if only rule files do
	Default     *Treatment            // for all kinds that ByKind does not have
	ByKind      map[string]*Treatment // by kind of target environment
}

// Treatment is a class's rule and where the rule comes from.
type Treatment struct {
	Rule Rule
	Pack string // "" if the rule stands in a rule file
}

// For returns the treatment of the class for a kind of target environment, or nil if it has none.
func (c *Class) For(kind string) *Treatment {
	if t := c.ByKind[kind]; t != nil {
		return t
	}
	return c.Default
}

// Object is the decision on all objects of one kind.
type Object struct {
	Kind     string
	Decision string // "drop", "keep", "empty"
	Reason   string
	Pos      Pos
}

// Hook is a SQL file that a rule file names.
type Hook struct {
	File string // as the rule file names it
	Pos  Pos
	SQL  string
}

// TargetKinds lists the kinds of environment that can be a target. A class can have a treatment for each.
func TargetKinds() []string { return []string{"preproduction", "staging", "integration", "local"} }

// Packs lists the packs that ship with masker.
func Packs() []string { return []string{"baseline", "gdpr", "hipaa-safe-harbor", "pci"} }

// Forms lists the keys that name the form of a rule: keep, class, treat, and the forms for parts of
// a value, such as json. A rule has exactly one of these keys.
func Forms() []string {
	forms := []string{"keep", "class", "treat"}
	for _, s := range library.All() {
		if s.Parts != "" {
			forms = append(forms, s.Name)
		}
	}
	return forms
}

// ObjectKinds lists the kinds of objects, in the order in which plans list them. They are keys of `objects`.
func ObjectKinds() []string {
	return []string{
		"large_objects", "foreign_servers", "foreign_tables", "event_triggers",
		"job_schedulers", "unlogged_tables", "extension_tables", Comments,
	}
}

// Comments is the kind of the comments on objects. This kind needs no decision: the target gets no comments unless the
// rules keep them.
const Comments = "comments"

// Table returns the rules of the table with that name, or nil.
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
