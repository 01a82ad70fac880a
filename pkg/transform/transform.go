// Package transform is what everybody means when they speak of treatments: cells, columns, parameters, keys, and what a
// treatment promises. It holds no treatment. Package library lists them, checks them on columns and compiles them; the
// families stand in internal.
//
// All of it is pure: no I/O, no clock, no logging, and no randomness but the keyed functions that Keys gives. A treatment
// is checked against a column at plan time and compiled once per column and worker; the compiled Transform then appends
// one result per cell, without allocating. There is no pass-through on error: an error carries a code, never the value,
// and stops the refresh.
package transform

import "github.com/masker-project/masker/pkg/catalog"

// Cell is one value as PostgreSQL prints it under the pinned settings, whatever the wire format was.
type Cell struct {
	Text []byte // valid until the next row; meaningless where Null
	Null bool
}

// Row gives the source values of the columns a Transform's Needs named, by position in Needs.
type Row interface{ Cell(i int) Cell }

// Transform is a compiled treatment. It belongs to one goroutine.
type Transform interface {
	// Append appends what the cell becomes to dst. out never aliases in.
	// null says that the result is SQL NULL; then nothing was appended.
	Append(dst []byte, in Cell, row Row) (out []byte, null bool, err error)
}

// Seed is 128 pseudorandom bits, a function of key, domain and canonical value.
type Seed = [16]byte

// Seeder is a keyed PRF for one domain. It belongs to one goroutine and does not allocate.
type Seeder interface{ Seed(canonical []byte) Seed }

// Permutation is a keyed bijection of [0, n). It belongs to one goroutine and does not allocate.
type Permutation interface{ Apply(x uint64) uint64 }

// Sealer encrypts deterministically, for one domain, so that who has the key can open it again. It belongs to one goroutine.
type Sealer interface {
	KeyID() string            // names the key; shows nothing of it
	Seal(value []byte) []byte // authenticated: anything else does not open
}

// Numerals is a keyed bijection of the strings of each length over the numerals [0, radix): Apply replaces x, whose
// numerals are below the radix. It belongs to one goroutine; it allocates when it meets a length for the first
// time, and where half a string is more than 128 bits.
type Numerals interface{ Apply(x []uint16) }

// Keys is what Compile may ask for; package keyring fulfils it.
type Keys interface {
	Seeder(domain string) Seeder
	Permutation(domain string, n uint64) Permutation // n ≥ 1
	Numerals(domain string, radix int) Numerals      // radix 2 to 2^16
	Sealer(domain string) Sealer
}

// Column is what a treatment may know of the column it is for.
type Column struct {
	Table   catalog.Name
	Name    string
	Type    catalog.Type
	NotNull bool
	Unique  bool // it is alone a primary key or unique: different values want different results
}

// Params are a rule's parameters as YAML gave them: string, int64, float64, bool, nil, []any, map[string]any.
type Params map[string]any

// Traits are what a treatment promises on one column; the plan relies on them.
type Traits struct {
	Unique    bool     // different values (under the type's equality) get different results
	Equality  bool     // equal values in one domain get equal results
	Space     float64  // number of different results there can be; +Inf or 0 where it does not matter (keep)
	Needs     []string // sibling columns it reads, in the order Row.Cell is asked
	Discloses Disclosure
	Shape     string // results of one domain agree only between columns of one shape ("base32", "base62"); "" where the column does not matter
}

// Disclosure is what the result still tells about the source.
type Disclosure string

// The disclosures, from least to most.
const (
	Suppressed    Disclosure = "suppressed"
	Synthetic     Disclosure = "synthetic"
	Generalised   Disclosure = "generalised"
	Pseudonymised Disclosure = "pseudonymised"
	Unchanged     Disclosure = "unchanged"
)

// Use is one treatment put to work on one column. It is plain data; plan.Digest covers it.
type Use struct {
	Treatment string `json:"treatment"`         // a Spec's name, or "json"
	Params    Params `json:"params,omitempty"`  // as the rule or the class gave them, checked by Check
	Domain    string `json:"domain,omitempty"`  // namespace of consistency
	As        string `json:"as,omitempty"`      // columns of one row that share it describe one invented person
	Subject   string `json:"subject,omitempty"` // sibling column that seeds instead of the value; "" = the value seeds itself
	// SubjectType is the type of that sibling, so that its canonical form joins with the parent's (numeric 5.0 and integer 5).
	SubjectType *catalog.Type `json:"subject_type,omitempty"`
	Paths       []Path        `json:"paths,omitempty"` // of "json": every path of the document and its treatment
	Reads       []Read        `json:"reads,omitempty"` // the columns Reads names, resolved by the plan
	When        string        `json:"when,omitempty"`  // condition on the source row; "" = always
	Else        *Use          `json:"else,omitempty"`  // what happens where When does not hold
	Model       *Model        `json:"-"`               // of "sample": learned by each run, and no part of the plan
}

// Path is the treatment of one JSON path, "$.contact.emails[*]". A path of the document that
// no Path covers stops the refresh.
type Path struct {
	Path string `json:"path"`
	Use  Use    `json:"use"`
}

// Is says that a use is that treatment on every row.
func (u *Use) Is(treatment string) bool { return u.Treatment == treatment && u.When == "" }
