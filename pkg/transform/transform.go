// Package transform defines the terms for treatments: cells, columns, parameters, keys, and the traits of a treatment.
// It holds no treatment. Package library lists the treatments, checks them on columns and compiles them. The treatments
// are in internal and in sample.
//
// The package and its treatments are pure: no I/O, no clock, no logging, and no randomness except the keyed functions
// of Keys. A treatment is checked against a column when the plan is made. It is compiled once per column and worker.
// The compiled Transform appends one result per cell. Most treatments do so without allocation. No value passes
// unchanged because of an error: an error stops the refresh. An error about a value carries a code and never the value.
package transform

import "github.com/masker-project/masker/pkg/catalog"

// Cell is one value as PostgreSQL prints it under the pinned settings. It does not depend on the format of COPY.
type Cell struct {
	Text []byte // valid until the next row; has no meaning if Null
	Null bool
}

// Row returns the source values of the columns in the Needs of a treatment's Traits. The argument i is the index in
// Needs.
type Row interface{ Cell(i int) Cell }

// Transform is a compiled treatment. It belongs to one goroutine.
type Transform interface {
	// Append appends the result for the cell to dst. out never aliases in. If null is true, the result is SQL NULL and
	// nothing is appended.
	Append(dst []byte, in Cell, row Row) (out []byte, null bool, err error)
}

// Seed holds 128 pseudorandom bits. They are a function of the key, the domain and the canonical value.
type Seed = [16]byte

// Seeder is a keyed pseudorandom function (PRF) for one domain. It belongs to one goroutine and does not allocate.
type Seeder interface{ Seed(canonical []byte) Seed }

// Permutation is a keyed bijection of [0, n). It belongs to one goroutine and does not allocate.
type Permutation interface{ Apply(x uint64) uint64 }

// Sealer encrypts deterministically for one domain. The holder of the key can decrypt the result. A Sealer belongs to
// one goroutine.
type Sealer interface {
	KeyID() string            // identifies the key and reveals nothing of it
	Seal(value []byte) []byte // the result is authenticated: a changed result does not open
}

// Numerals is a keyed bijection on the strings of each length over the numerals [0, radix). Apply replaces the contents
// of x. Every numeral in x must be below the radix. A Numerals belongs to one goroutine. It allocates when a string has
// a new length, and when half a string needs more than 128 bits.
type Numerals interface{ Apply(x []uint16) }

// Keys are the keyed functions that Compile may request. Package keyring provides them.
type Keys interface {
	Seeder(domain string) Seeder
	Permutation(domain string, n uint64) Permutation // n ≥ 1
	Numerals(domain string, radix int) Numerals      // radix 2 to 2^16
	Sealer(domain string) Sealer
}

// Column is the information that a treatment has about its column.
type Column struct {
	Table   catalog.Name
	Name    string
	Type    catalog.Type
	NotNull bool
	Unique  bool // the column alone is a primary key or unique: different values need different results
}

// Params are a rule's parameters with the types that YAML gives them: string, int64, float64, bool, nil, []any,
// map[string]any.
type Params map[string]any

// Traits are the promises of a treatment on one column. The plan relies on them.
type Traits struct {
	Unique    bool     // different values, under the type's equality, get different results
	Equality  bool     // equal values in one domain get equal results
	Space     float64  // number of possible different results; +Inf or 0 where it does not matter (keep)
	Needs     []string // columns of the row, and of rows that it references, that the treatment reads; Row.Cell takes an index in this list
	Discloses Disclosure
	Special   string // what becomes of NaN and infinities: "keep", "null" or "stop"; "" if the type has none, or if they are treated like other values
	Shape     string // only columns with the same shape have the same results in one domain (for example "base32"); "" if all columns agree
}

// Disclosure says how much a result still tells about source values. It assumes a reader who has the target and the
// rules, but not the key.
type Disclosure string

// The disclosures, from the lowest to the highest.
const (
	Suppressed    Disclosure = "suppressed"    // only whether there is a value
	Synthetic     Disclosure = "synthetic"     // invented for the row's subject
	Generalised   Disclosure = "generalised"   // a part of the value, or a band that contains the value
	Pseudonymised Disclosure = "pseudonymised" // which values are equal; only somebody with the key can find the values
	Unchanged     Disclosure = "unchanged"     // the value, or a text from which the value can be read without the key
)

// Disclosures lists the disclosures, from the lowest to the highest.
func Disclosures() []Disclosure {
	return []Disclosure{Suppressed, Synthetic, Generalised, Pseudonymised, Unchanged}
}

// Use is one treatment applied to one column. It is plain data. The plan's digest covers it.
type Use struct {
	Treatment string `json:"treatment"`         // Name of a Spec
	Params    Params `json:"params,omitempty"`  // as the rule or the class states them; Check checks them
	Domain    string `json:"domain,omitempty"`  // equal values in columns of one domain get equal results
	As        string `json:"as,omitempty"`      // columns of one row with the same As describe one invented person
	Subject   string `json:"subject,omitempty"` // sibling column whose value is the seed; "" if the column's own value is the seed
	// SubjectType is the type of the subject's column. The canonical form depends on it, so that equal values of
	// different types (numeric 5.0 and integer 5) have one seed.
	SubjectType *catalog.Type `json:"subject_type,omitempty"`
	Paths       []Path        `json:"paths,omitempty"`  // nested rules, for example each path of a JSON document with its treatment
	Reads       []Read        `json:"reads,omitempty"`  // the columns that library.Reads lists, resolved by the plan
	When        string        `json:"when,omitempty"`   // condition on the source row; "" means always
	Else        *Use          `json:"else,omitempty"`   // use for rows where When does not hold
	Reason      string        `json:"reason,omitempty"` // why the value is kept, for the reviewer. "" for every treatment except keep
	Model       *Model        `json:"-"`                // of the treatment sample; each run learns it; not part of the plan
	Watch       Watch         `json:"-"`                // who watches the treatment; nil for nobody. library.Watched sets it; not part of the plan
	At          string        `json:"-"`                // Path of the treatment's Place; set with Watch
}

// Path is a nested rule: the treatment of one part of a value. A part is a path of a document such as
// "$.contact.emails[*]", a field of a composite, a key of an hstore, or a column of CSV. A part that no Path covers
// stops the refresh.
type Path struct {
	Path string `json:"path"`
	Use  Use    `json:"use"`
}

// Is reports whether the use applies the treatment with that name to every row.
func (u *Use) Is(treatment string) bool { return u.Treatment == treatment && u.When == "" }
