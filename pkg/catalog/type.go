package catalog

import "cmp"

// Family is a type family: types whose texts the same treatments can take. A domain has the type family of its base
// type.
type Family string

// The type families that a treatment's definition can name.
const (
	Text        Family = "text"    // text, varchar, bpchar, citext, name
	Integer     Family = "integer" // int2, int4, int8
	Numeric     Family = "numeric"
	Float       Family = "float"
	Boolean     Family = "boolean"
	UUID        Family = "uuid"
	Date        Family = "date"
	Timestamp   Family = "timestamp"
	TimestampTZ Family = "timestamptz"
	JSON        Family = "json" // json and jsonb
	Bytes       Family = "bytea"
	Inet        Family = "inet" // inet, cidr
	Enum        Family = "enum"
	Array       Family = "array"
	Composite   Family = "composite"  // a row type; its Fields are treated one by one
	Range       Family = "range"      // its bounds have type Elem
	Multirange  Family = "multirange" // its ranges have type Elem
	Hstore      Family = "hstore"
	XML         Family = "xml"
	Time        Family = "time" // time, timetz
	Interval    Family = "interval"
	MAC         Family = "macaddr" // macaddr, macaddr8
	Bits        Family = "bit"     // bit, varbit
	Money       Family = "money"
	Geometric   Family = "geometric" // point, line, lseg, box, path, polygon, circle
	TSVector    Family = "tsvector"
	Other       Family = "other" // every other type: only keep, null and constant apply
)

// Type is a column's type, with the details that treatments and COPY need.
type Type struct {
	OID     uint32 `json:"-"`    // OID of the declared type, in the source database
	Name    string `json:"name"` // format_type(oid, typmod): "character varying(40)", "public.email", "integer[]"
	Base    string `json:"base"` // pg_catalog or extension name of the innermost base type: "varchar", "int4", "citext", "_text" for arrays
	BaseOID uint32 `json:"-"`    // OID of that base type
	Family  Family `json:"family"`
	Domain  string `json:"domain,omitempty"` // schema-qualified name of the outermost domain, "" if none

	MaxLen    int    `json:"max_len,omitempty"`   // characters of varchar(n) and char(n), 63 for name, bits of bit(n), or what CHECK constraints allow; 0 means no limit
	MinLen    int    `json:"min_len,omitempty"`   // fewest characters that CHECK constraints allow
	MaxBytes  int    `json:"max_bytes,omitempty"` // most bytes that CHECK constraints allow; 0 means no limit
	Least     string `json:"least,omitempty"`     // smallest number or date that CHECK constraints allow, as a decimal or in ISO form; "" means no limit
	Most      string `json:"most,omitempty"`      // largest number or date that CHECK constraints allow
	Inward    bool   `json:"-"`                   // noise moves numbers toward zero only, and no result of a text is longer than its value
	First     string `json:"-"`                   // the same as Least, but partitions can make it larger; not in JSON, so approvals do not cover it
	Last      string `json:"-"`                   // the same as Most, but partitions can make it smaller
	Precision int    `json:"precision,omitempty"` // numeric(p,s); timestamp(p)
	Scale     int    `json:"scale,omitempty"`
	Bits      int    `json:"bits,omitempty"` // size of an integer: 16, 32 or 64

	Padded          bool     `json:"padded,omitempty"`           // bpchar: trailing blanks have no meaning
	CaseInsensitive bool     `json:"case_insensitive,omitempty"` // citext, or a nondeterministic collation
	LooseCollation  bool     `json:"loose_collation,omitempty"`  // a nondeterministic collation that ignores other differences than case
	Labels          []string `json:"labels,omitempty"`           // labels of an enum
	Elem            *Type    `json:"elem,omitempty"`             // elements of an array, bounds of a range, or ranges of a multirange
	Fields          []Field  `json:"fields,omitempty"`           // attributes of a composite, in order
	NotNull         bool     `json:"not_null,omitempty"`         // one of the type's domains is NOT NULL
	Binary          bool     `json:"binary"`                     // binary COPY is safe: the type and all its parts have send and receive functions, and none is an OID alias or money
}

// Bounds returns the smallest and the largest number or date that CHECK constraints and partitions allow, or "" for no
// limit.
func (t Type) Bounds() (least, most string) { return cmp.Or(t.First, t.Least), cmp.Or(t.Last, t.Most) }

// Innermost returns the type of an array's elements, or of a range's bounds, at any depth. For every other type, it
// returns the type itself.
func (t *Type) Innermost() *Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}

// Field is one attribute of a composite type.
type Field struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}
