package verify

import "github.com/masker-project/masker/pkg/catalog"

// Report is the result of one verification. It holds no value of the source, except the keys of rows that a report may
// show.
type Report struct {
	Level    Level            `json:"level"`
	Hits     []Hit            `json:"hits,omitempty"`     // each of them fails the verification
	Waived   []Hit            `json:"waived,omitempty"`   // hits that a waiver accepts
	Noticed  []Hit            `json:"noticed,omitempty"`  // what detectors found in only a few values. Such a hit does not fail the verification
	Tables   []TableSum       `json:"tables"`             // in the order of their names
	Columns  []Coverage       `json:"columns,omitempty"`  // what was collected from each source
	Targets  []TargetCoverage `json:"targets,omitempty"`  // what was looked at in each place of the shadow
	Controls []Controls       `json:"controls,omitempty"` // one entry for each type
	Unread   []Unread         `json:"unread,omitempty"`   // relations that could not be read
	Memory   int64            `json:"memory"`             // largest number of bytes of fingerprints at one time
	Sampling int              `json:"sampling,omitempty"` // k: one in 2^k of all values was looked for
}

// Passed reports whether the shadow may be published.
func (r *Report) Passed() bool { return len(r.Hits) == 0 }

// Unread is a relation that could not be read.
type Unread struct {
	Relation catalog.Name `json:"relation"`
	Why      string       `json:"why"` // quotes no value
}

// Values returns the number of the source's values that were looked for, the number of their places, and the number of
// the source's values that were not looked for.
func (r *Report) Values() (probed int64, places int, not int64) {
	for _, c := range r.Columns {
		if probed += c.Probed; c.Probed > 0 {
			places++
		}
		for _, n := range c.Not {
			not += n
		}
	}
	return probed, places, not
}

// Finding says what kind of fault a hit is.
type Finding string

// The findings.
const (
	Found      Finding = "found"      // values of the source are in the target
	Equal      Finding = "equal"      // results are equal to their own values, more often than chance explains
	Shared     Finding = "shared"     // results begin or end like their own values, more often than chance explains
	Recognised Finding = "recognised" // a detector finds personal data in a kept column
	Differs    Finding = "differs"    // kept cells differ from those of the source, or the target has another number of results than the refresh wrote
	Missing    Finding = "missing"    // the target has fewer or more rows than were read
	Blind      Finding = "blind"      // control values were not found, or had a wrong fingerprint: the verification itself does not work
)

// Hit says that values of one place of the source are in one place of the target, or what else is wrong with a place or
// a table. The list of Report in which the hit is says what follows from it. Most fields count values. For Equal and
// Shared, Values and Of count results. For Missing and Differs, Of and Rows count rows or cells of the source and of
// the target.
type Hit struct {
	Finding Finding `json:"finding"`
	Target  Place   `json:"target"`
	Source  Place   `json:"source"`
	Form    Form    `json:"form,omitempty"`   // the form of the values in the target
	Kind    string  `json:"kind,omitempty"`   // what a detector recognised
	Values  int64   `json:"values"`           // different values that were found
	About   bool    `json:"about,omitempty"`  // Values is an estimate
	Of      int64   `json:"of"`               // values that were looked for
	Rows    int64   `json:"rows"`             // rows of the target with such a value
	Chance  float64 `json:"chance"`           // values that chance explains
	Key     string  `json:"key,omitempty"`    // the key of one row, as the prober gave it
	Waived  int64   `json:"waived,omitempty"` // values that a waiver accepts
	XML     bool    `json:"xml,omitempty"`    // the target is a kept column of XML documents. A report does not know the paths in them
}

// Form is the form of a value in the target.
type Form string

// The forms. A form that is a digest (md5, sha1, sha256) is the digest of the value as it is, of the value in lower
// case and without blanks at both ends, or of a number without its separators.
const (
	Plain        Form = "as it is"
	Tail         Form = "last digits of a phone number"
	Pair         Form = "given and family name together"
	Reversed     Form = "reversed"
	Base64       Form = "base64"
	Hex          Form = "hex"
	MD5          Form = "md5 as hex"
	MD5Base64    Form = "md5 as base64"
	MD5Bytes     Form = "md5 as bytes"
	SHA1         Form = "sha1 as hex"
	SHA1Base64   Form = "sha1 as base64"
	SHA1Bytes    Form = "sha1 as bytes"
	SHA256       Form = "sha256 as hex"
	SHA256Base64 Form = "sha256 as base64"
	SHA256Bytes  Form = "sha256 as bytes"
)

// TableSum compares the rows of one table.
type TableSum struct {
	Table  catalog.Name `json:"table"`
	Source int64        `json:"source"` // rows that were read
	Target int64        `json:"target"` // rows that arrived
	Equal  bool         `json:"equal"`  // the numbers of rows and the kept cells are equal. The order of the rows does not matter
}

// Reason says why values were not looked for, why results were not compared with their own values, or why cells of the
// target were not looked at.
type Reason string

// The reasons.
const (
	TooShort     Reason = "too short"
	TooCommon    Reason = "too common" // more than three subjects have the value, or an unusual number of rows has it
	TooLarge     Reason = "too large"
	InDictionary Reason = "dictionary"         // a treatment invents the same words, or the value is a limit of an integer type
	IsDefault    Reason = "default"            // the value is the default of its own column, so nobody chose it
	OfType       Reason = "type"               // values of the type are often equal by chance: dates, booleans, enums, floats and others
	TooDense     Reason = "too dense"          // numbers that fill more than 1/1000 of their range
	Generalises  Reason = "generalised"        // the treatment keeps a part of the value
	Stays        Reason = "unchanged"          // the treatment may leave the value as it is
	NotComputed  Reason = "cannot be computed" // the server fails to compute a virtual generated column
)

// Coverage says what was collected from one source. Cells, Nulls and Empty count a value as often as it occurs, and so do
// the reasons OfType and Stays in Not, if the source is not collected. The other figures count different values.
type Coverage struct {
	Source    Place            `json:"source"`
	Class     string           `json:"class,omitempty"`
	Treatment string           `json:"treatment"`
	Cells     int64            `json:"cells"` // values that are neither NULL nor empty. A cell with a document or an array may have several
	Nulls     int64            `json:"nulls"`
	Empty     int64            `json:"empty"`
	Probed    int64            `json:"probed"` // values that were looked for in every column
	Words     int64            `json:"words"`  // the part of Probed that is lone words. Lone words count only in bulk
	Not       map[Reason]int64 `json:"not,omitempty"`
	Unjudged  Reason           `json:"unjudged,omitempty"` // why results were not compared with their own values. "" if they were
}

// TargetCoverage says what was looked at in one place of the shadow.
type TargetCoverage struct {
	Target Place            `json:"target"`
	Cells  int64            `json:"cells"`         // cells that were looked at
	Not    map[Reason]int64 `json:"not,omitempty"` // cells that were not
}

// Controls says how many control values of one type were found again. They are values of kept columns, and results of
// treated texts.
type Controls struct {
	Type   string `json:"type"`
	Wanted int64  `json:"wanted"`
	Found  int64  `json:"found"`
}
