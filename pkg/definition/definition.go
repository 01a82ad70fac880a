// Package definition assigns a class to each definition of a database. Definitions are the entries of a pg_dump archive
// that masker executes on the shadow, and the settings of the database. A definition is silent if it only computes and
// if its texts are not data. Approvals do not depend on silent definitions.
//
// A definition is silent only if the package knows that everything in it is silent. A definition is reaching if the
// package cannot read its SQL, or does not know one of its names. The package opens no files and no connections.
package definition

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/archive"
)

// Class says what a definition may do. A definition may be both Reaching and Telling.
type Class uint8

// The classes.
const (
	Silent   Class = 0
	Reaching Class = 1 << (iota - 1) // may run code that reaches more than the values that it gets
	Telling                          // has a text that may be production data
)

func (c Class) String() string {
	return [...]string{"silent", "reaching", "telling", "reaching and telling"}[c&(Reaching|Telling)]
}

// Definition is one entry of the archive, or one setting of the database.
type Definition struct {
	Kind   string   // as pg_dump calls it: "TABLE", "FUNCTION", "INDEX"; "SETTING" for a setting
	Name   string   // with the schema if there is one: "public.customers"
	Text   string   // the whole SQL, normalised
	Class  Class    // what the definition may do
	Why    []string // reasons why the definition is not silent, as texts without the literals of the definition
	Data   []Datum  // parts of the definition that contain something that looks like personal data
	Digest string   // SHA-256 of kind, name and text, in hexadecimal
}

// Setting is a setting of the database, as ALTER DATABASE … SET makes it.
type Setting struct{ Name, Value string }

// Read returns the definitions of the entries and of the settings, sorted by kind and name. It leaves out the entry of
// the database itself, and entries that hold rows, privileges or the session's own settings. The argument entries must
// be the whole table of contents, because Read looks there for everything that a function calls.
func Read(entries []archive.Entry, settings []Setting) []Definition {
	s := newSchema(entries, settings)
	for _, d := range s.drafts {
		s.judge(d)
	}
	s.spread()
	t := newTeller(s.names)
	out := make([]Definition, 0, len(s.drafts))
	for _, d := range s.drafts {
		out = append(out, d.definition(t))
	}
	slices.SortStableFunc(out, func(a, b Definition) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Text, b.Text))
	})
	return out
}

// ignored reports whether the entries of a kind are not definitions.
func ignored(desc string) bool {
	switch desc {
	case "ENCODING", "STDSTRINGS", "SEARCHPATH", "ACL", "ACL LANGUAGE", "DEFAULT ACL", "TABLE DATA", "SEQUENCE SET",
		"BLOB", "BLOBS", "BLOB METADATA", "MATERIALIZED VIEW DATA", "DATABASE":
		return true
	}
	return false
}

// draft is a definition whose class is not decided yet.
type draft struct {
	kind, name string
	entry      string // the kind of the entry, if the draft has another kind
	namespace  string
	text       string
	tokens     []token
	ids        []int // dump ID, and the IDs that the entry needs
	tag        string
	reasons    []string        // why the definition is reaching
	parts      map[string]part // for each reason, the part of the definition that the reason is about
	part       part            // the part that is read now
	uses       []use
	provides   []node
	texts      []string        // literals and comments
	code       map[string]bool // the texts that were read as SQL
	quoted     []string        // names in quotes
	secret     bool            // the definition sets a password or key
	numbers    []string
	literals   int
	bound      bool // the texts are bounds of a partition whose key is measured
	labels     bool // the texts are labels of an enum, or values that PostgreSQL checks
	setting    bool
	arguments  map[string]bool // the names of a function's arguments
}

func (d *draft) because(reason string) {
	if !slices.Contains(d.reasons, reason) {
		d.reasons = append(d.reasons, reason)
		d.about(reason, d.part)
		return
	}
	d.about(reason, min(d.part, d.parts[reason]))
}

func (d *draft) about(reason string, p part) {
	if d.parts == nil {
		d.parts = map[string]part{}
	}
	d.parts[reason] = p
}

func (d *draft) definition(t *teller) Definition {
	out := Definition{Kind: cmp.Or(d.entry, d.kind), Name: d.name, Text: d.text, Why: d.reasons}
	if len(d.reasons) > 0 {
		out.Class |= Reaching
	}
	if telling := t.reasons(d); len(telling) > 0 {
		out.Class |= Telling
		out.Why = append(slices.Clone(out.Why), telling...)
	}
	out.Data = t.data(d)
	sum := sha256.Sum256([]byte(strings.Join([]string{out.Kind, out.Name, out.Text}, "\x00")))
	out.Digest = hex.EncodeToString(sum[:])
	return out
}
