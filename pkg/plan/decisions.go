package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// DecisionsVersion is the version of the form of Decisions. A new version makes every approval void.
const DecisionsVersion = 3

// Decisions is the part of a plan that an approval covers: what each column becomes, what runs, and the policy. It has
// no sizes, no positions and no list of partitions. Its only findings are those that come from the planner's
// statistics. Its only reasons are the reasons of kept columns, kept objects, waivers and definitions. Any change to
// the decisions makes a new approval necessary. The digest of the decisions is the plan's digest. The digest stays the
// same if the decisions are written as JSON and read again.
type Decisions struct {
	Version    int              `json:"version"`
	Library    string           `json:"library"` // library.Version: it covers canonical forms, algorithms and dictionaries
	Revision   int              `json:"revision"`
	TargetKind string           `json:"target_kind"`
	Tables     []DecidedTable   `json:"tables"` // sorted by name
	Objects    []DecidedObject  `json:"objects"`
	LeaveOut   []DecidedLeftOut `json:"leave_out,omitempty"` // sorted by name
	Hooks      []Hook           `json:"hooks"`               // in the order in which they run
	Waivers    []DecidedWaiver  `json:"waivers"`             // in the order of the rules
	Figures    []DecidedFigure  `json:"figures,omitempty"`   // sorted by column and finding
	Policy     Policy           `json:"policy,omitempty"`

	Definitions []DecidedDefinition `json:"definitions,omitempty"` // sorted by kind and name
}

// DecidedTable is the decision on one table.
type DecidedTable struct {
	Name    catalog.Name    `json:"name"`
	Skip    bool            `json:"skip"`
	Subject string          `json:"subject"`
	Columns []DecidedColumn `json:"columns"`
	Joins   []catalog.Join  `json:"joins,omitempty"`

	// Partitions is the strategy and the columns of the partition key. An approval covers them. If no column of the key
	// is a text, the approval does not cover the bounds of the partitions.
	Partitions string `json:"partitions,omitempty"`

	// KeepOrder is true if a rule keeps the source's order of rows. Without such a rule, the table's indexes decide
	// whether masker shuffles the rows. An approval does not cover indexes.
	KeepOrder bool `json:"keep_order,omitempty"`
}

// DecidedColumn is the decision on one column.
type DecidedColumn struct {
	Name      string               `json:"name"`
	Type      catalog.Type         `json:"type"`
	NotNull   bool                 `json:"not_null"`
	Unique    bool                 `json:"unique,omitempty"` // set for treated columns only, because a treatment's results may depend on it
	Generated bool                 `json:"generated"`
	Class     string               `json:"class"`
	Use       transform.Use        `json:"use"`
	Discloses transform.Disclosure `json:"discloses,omitempty"`
}

// DecidedObject is the decision on one kind of objects.
type DecidedObject struct {
	Kind     string `json:"kind"`
	Decision string `json:"decision"`
	Reason   string `json:"reason,omitempty"` // why the objects are kept
}

// DecidedWaiver is a waiver of a finding. It is part of the decisions so that the approver sees it.
type DecidedWaiver struct {
	Finding string `json:"finding"`
	On      string `json:"on"`
	From    string `json:"from,omitempty"`    // for ruleset.Leak: the column whose values are found
	AtMost  int64  `json:"at_most,omitempty"` // for ruleset.Leak: the number of values that it accepts
	Owner   string `json:"owner"`
	Reason  string `json:"reason"`
	Until   string `json:"until"`
}

// Decisions returns the part of the plan that an approval covers.
func (p *Plan) Decisions() Decisions {
	d := Decisions{
		Version: DecisionsVersion, Library: library.Version(),
		Revision: p.Revision, TargetKind: p.TargetKind,
		Tables: []DecidedTable{}, Objects: []DecidedObject{}, Hooks: append([]Hook{}, p.Hooks...), Policy: p.Policy,
	}
	for _, t := range p.Tables {
		dt := DecidedTable{Name: t.Name, Skip: t.Skip, Subject: t.Subject, Columns: []DecidedColumn{}, Joins: t.Joins, Partitions: t.Partitions, KeepOrder: t.Order != nil}
		for _, c := range t.Columns {
			unique := c.Unique && c.Use.Treatment != "" && !c.Keeps()
			dt.Columns = append(dt.Columns, DecidedColumn{c.Name, unlabelled(c.Type), c.NotNull, unique, c.Generated, c.Class, unlabelledUse(c.Use), c.Discloses})
		}
		d.Tables = append(d.Tables, dt)
	}
	for _, o := range p.Objects {
		d.Objects = append(d.Objects, DecidedObject{o.Kind, o.Decision, o.Reason})
	}
	for _, o := range p.LeaveOut {
		d.LeaveOut = append(d.LeaveOut, DecidedLeftOut{o.Name, o.Kind})
	}
	for _, def := range p.Definitions {
		d.Definitions = append(d.Definitions, def.DecidedDefinition)
	}
	d.Waivers, d.Figures = DecidedWaivers(p.Waivers), p.figures()
	return d
}

// HooksOf returns the hooks of a rule set.
func HooksOf(set *ruleset.Set) []Hook {
	out := []Hook{}
	for _, h := range set.Hooks {
		out = append(out, Hook{File: h.File, SQL: h.SQL})
	}
	return out
}

// DecidedWaivers returns the waivers in the form that an approval covers.
func DecidedWaivers(ws []ruleset.Waiver) []DecidedWaiver {
	out := []DecidedWaiver{}
	for _, w := range ws {
		from := ""
		if w.From.Column != "" {
			from = w.From.Table.Column(w.From.Column)
		}
		out = append(out, DecidedWaiver{w.Finding, w.On(), from, w.AtMost, w.Owner, w.Reason, w.Until})
	}
	return out
}

// maxDecisions is the largest file of decisions that is read, in bytes. A hundred thousand columns fit.
const maxDecisions = 64 << 20

// ParseDecisions reads decisions that masker wrote, indented or not. It is strict. A JSON field that is unknown,
// repeated, misspelt or missing is an error. null instead of a list is an error, and so are tables that are not
// sorted. Therefore every line of a reviewed file has an effect.
func ParseDecisions(data []byte) (Decisions, error) {
	var d Decisions
	if len(data) > maxDecisions {
		return Decisions{}, fmt.Errorf("decisions: larger than %d MiB", maxDecisions>>20)
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Decisions{}, fmt.Errorf("decisions: %s", jsonFault(err))
	}
	if head.Version != DecisionsVersion {
		return Decisions{}, fmt.Errorf("decisions: version %d; this masker reads version %d: write them again and have them approved again", head.Version, DecisionsVersion)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Decisions{}, fmt.Errorf("decisions: %s", jsonFault(err))
	}
	if err := d.ordered(); err != nil {
		return Decisions{}, err
	}
	if err := sameTokens(data, d.canonical()); err != nil {
		return Decisions{}, err
	}
	return d, nil
}

// FileDigest returns the digest of the decisions in a file of any version. The caller can compare this digest with a
// signed one, to tell whether a file has another version or is damaged. The digest is "" if data is not JSON.
func FileDigest(data []byte) string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return ""
	}
	sum := sha256.Sum256(compact.Bytes())
	return hex.EncodeToString(sum[:])
}

// jsonFault describes an error of encoding/json without quoting the file's content.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("not JSON at byte %d", syntax.Offset)
	case errors.As(err, &typ):
		return fmt.Sprintf("%s is of the wrong kind (byte %d)", typ.Field, typ.Offset)
	case errors.Is(err, strconv.ErrRange):
		return "a parameter's number does not fit in 64 bits"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the file ends too early"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// ordered checks what review.Diff relies on: no required list is null, no name occurs twice, and the tables, the
// objects left out and the figures are sorted.
func (d Decisions) ordered() error {
	if d.Tables == nil || d.Objects == nil || d.Hooks == nil || d.Waivers == nil {
		return errors.New("decisions: tables, objects, hooks and waivers are lists, [] where there are none")
	}
	for i, t := range d.Tables {
		if i > 0 && d.Tables[i-1].Name.Compare(t.Name) >= 0 {
			return fmt.Errorf("decisions: table %s stands twice or out of order", t.Name)
		}
		if t.Columns == nil {
			return fmt.Errorf("decisions: the columns of table %s are a list, [] where there are none", t.Name)
		}
		seen := map[string]bool{}
		for _, c := range t.Columns {
			if seen[c.Name] {
				return fmt.Errorf("decisions: column %s of table %s stands twice", catalog.Quote(c.Name), t.Name)
			}
			seen[c.Name] = true
		}
	}
	for i, o := range d.Objects {
		if slices.ContainsFunc(d.Objects[:i], func(p DecidedObject) bool { return p.Kind == o.Kind }) {
			return fmt.Errorf("decisions: %s are decided twice", o.Kind)
		}
	}
	for i, o := range d.LeaveOut {
		if i > 0 && d.LeaveOut[i-1].Name >= o.Name {
			return fmt.Errorf("decisions: %s is left out twice or out of order", o.Name)
		}
	}
	for i, f := range d.Figures {
		if i > 0 && d.Figures[i-1].compare(f) >= 0 {
			return fmt.Errorf("decisions: %s on %s stands twice or out of order", f.Finding, f.On)
		}
	}
	for i, w := range d.Waivers {
		if slices.ContainsFunc(d.Waivers[:i], w.Same) {
			return fmt.Errorf("decisions: %s on %s is waived twice", w.Finding, w.On)
		}
	}
	return nil
}

// Same reports whether w and v waive the same finding.
func (w DecidedWaiver) Same(v DecidedWaiver) bool {
	return w.Finding == v.Finding && w.On == v.On && w.From == v.From
}

// Waives describes what is accepted: the finding's code and, for ruleset.Leak, how many values of which column.
func (w DecidedWaiver) Waives() string {
	text := w.Finding
	if w.From != "" {
		text += " from " + w.From
	}
	if w.AtMost > 0 {
		text += fmt.Sprintf(" of at most %s", spell.Count(int(w.AtMost), "value"))
	}
	return text
}

// sameTokens compares two JSON texts. It ignores white space and differences in how strings are escaped.
func sameTokens(a, b []byte) error {
	x, y := json.NewDecoder(bytes.NewReader(a)), json.NewDecoder(bytes.NewReader(b))
	x.UseNumber()
	y.UseNumber()
	for {
		s, errA := x.Token()
		t, errB := y.Token()
		if errA == io.EOF && errB == io.EOF {
			return nil
		}
		if errA != nil || errB != nil || s != t {
			return fmt.Errorf("decisions: near byte %d: not as masker writes them; a key may be doubled, misspelt, missing or out of order", x.InputOffset())
		}
	}
}
