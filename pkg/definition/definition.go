// Package definition classes the definitions of a database: the entries of a pg_dump archive that are executed on the new
// database, and the settings of the database. A definition that does nothing but compute, and has no data in its text, is
// silent. Approvals do not depend on silent definitions.
//
// A definition is silent only if everything in it is known to be. What the package cannot read, and every name that it
// does not know, makes the definition reaching. The package opens nothing.
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
	Telling                          // has a text that may be data of production
)

func (c Class) String() string {
	return [...]string{"silent", "reaching", "telling", "reaching and telling"}[c&(Reaching|Telling)]
}

// Definition is one entry of the archive, or one setting of the database.
type Definition struct {
	Kind   string   // as pg_dump calls it: "TABLE", "FUNCTION", "INDEX"; "SETTING" for a setting
	Name   string   // with the schema if it has one: "public.customers"
	Text   string   // the whole SQL, normalised
	Class  Class    //
	Why    []string // why it is not silent, for a reader; without text of literals
	Data   []Datum  // where it holds something that looks like personal data
	Digest string   // SHA-256 of kind, name and text, in hexadecimal
}

// Setting is a setting of the database, of ALTER DATABASE … SET.
type Setting struct{ Name, Value string }

// Read returns the definitions of the entries and of the settings, sorted by kind and name. It leaves out entries that
// hold rows, privileges or the session's own settings. Entries must be the whole table of contents: what a function
// calls is searched in it.
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

// ignored reports whether entries of a kind are no definitions.
func ignored(desc string) bool {
	switch desc {
	case "ENCODING", "STDSTRINGS", "SEARCHPATH", "ACL", "ACL LANGUAGE", "DEFAULT ACL", "TABLE DATA", "SEQUENCE SET",
		"BLOB", "BLOBS", "BLOB METADATA", "MATERIALIZED VIEW DATA", "DATABASE":
		return true
	}
	return false
}

// draft is a definition while its class is worked out.
type draft struct {
	kind, name string
	namespace  string
	text       string
	tokens     []token
	ids        []int // dump ID, and the IDs that the entry needs
	tag        string
	reasons    []string        // why it is reaching
	parts      map[string]part // by reason, the part that it is about
	part       part            // the part that is read now
	uses       []use
	provides   []node
	texts      []string        // literals and comments
	code       map[string]bool // those of the texts that were read as SQL
	quoted     []string        // names in quotes
	secret     bool            // a password or key is set
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
	out := Definition{Kind: d.kind, Name: d.name, Text: d.text, Why: d.reasons}
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
