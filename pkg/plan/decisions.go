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

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// DecisionsVersion changes when the form of Decisions does: every approval is void then.
const DecisionsVersion = 2

// Decisions is the part of a plan that is approved: what each column becomes, and nothing of sizes,
// positions, reasons, findings or partitions. A word here changed is a plan that wants approval anew.
// It is JSON that survives being written and read; its digest is the plan's.
type Decisions struct {
	Version    int             `json:"version"`
	Library    string          `json:"library"` // canonical forms, algorithms and dictionaries: transform.Version
	Revision   int             `json:"revision"`
	TargetKind string          `json:"target_kind"`
	Tables     []DecidedTable  `json:"tables"` // sorted by name
	Objects    []DecidedObject `json:"objects"`
	Hooks      []string        `json:"hooks"`   // SHA-256 of each, in order
	Waivers    []DecidedWaiver `json:"waivers"` // in the order of the rules
}

// DecidedTable is the decision on one table.
type DecidedTable struct {
	Name    catalog.Name    `json:"name"`
	Skip    bool            `json:"skip"`
	Subject string          `json:"subject"`
	Columns []DecidedColumn `json:"columns"`
	Joins   []catalog.Join  `json:"joins,omitempty"`
}

// DecidedColumn is the decision on one column.
type DecidedColumn struct {
	Name      string               `json:"name"`
	Type      catalog.Type         `json:"type"`
	NotNull   bool                 `json:"not_null"`
	Unique    bool                 `json:"unique,omitempty"` // of a treated column, whose results may depend on it
	Generated bool                 `json:"generated"`
	Class     string               `json:"class"`
	Use       transform.Use        `json:"use"`
	Discloses transform.Disclosure `json:"discloses,omitempty"`
}

// DecidedObject is the decision on what is not a table.
type DecidedObject struct {
	Kind     string `json:"kind"`
	Decision string `json:"decision"`
}

// DecidedWaiver lets a finding pass; its approver sees it among what else is decided.
type DecidedWaiver struct {
	Finding string `json:"finding"`
	On      string `json:"on"`
	Owner   string `json:"owner"`
	Reason  string `json:"reason"`
	Until   string `json:"until"`
}

// Decisions are what an approval of this plan covers.
func (p *Plan) Decisions() Decisions {
	d := Decisions{
		Version: DecisionsVersion, Library: library.Version(),
		Revision: p.Revision, TargetKind: p.TargetKind,
		Tables: []DecidedTable{}, Objects: []DecidedObject{}, Hooks: []string{},
	}
	for _, t := range p.Tables {
		dt := DecidedTable{Name: t.Name, Skip: t.Skip, Subject: t.Subject, Columns: []DecidedColumn{}, Joins: t.Joins}
		for _, c := range t.Columns {
			unique := c.Unique && c.Use.Treatment != "" && !c.Keeps()
			dt.Columns = append(dt.Columns, DecidedColumn{c.Name, c.Type, c.NotNull, unique, c.Generated, c.Class, c.Use, c.Discloses})
		}
		d.Tables = append(d.Tables, dt)
	}
	for _, o := range p.Objects {
		d.Objects = append(d.Objects, DecidedObject{o.Kind, o.Decision})
	}
	for _, h := range p.Hooks {
		d.Hooks = append(d.Hooks, h.SHA256)
	}
	d.Waivers = DecidedWaivers(p.Waivers)
	return d
}

// DecidedWaivers are the waivers of rules as an approval covers them.
func DecidedWaivers(ws []ruleset.Waiver) []DecidedWaiver {
	out := []DecidedWaiver{}
	for _, w := range ws {
		out = append(out, DecidedWaiver{w.Finding, w.On(), w.Owner, w.Reason, w.Until})
	}
	return out
}

// maxDecisions bounds a file of decisions: a hundred thousand columns fit.
const maxDecisions = 64 << 20

// ParseDecisions reads decisions as masker wrote them, indented or not. Anything that writing them
// again would not give back is an error: an unknown, doubled, misspelt or missing key, null for a
// list, tables out of order. So nothing in a reviewed file is without a meaning.
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
		return Decisions{}, fmt.Errorf("decisions: version %d; this masker reads version %d: write them again and have them approved anew", head.Version, DecisionsVersion)
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

// FileDigest is the digest of the decisions a file holds, of whatever version, so that one which this masker cannot read any more is
// told from one that was damaged; "" of what is not JSON.
func FileDigest(data []byte) string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return ""
	}
	sum := sha256.Sum256(compact.Bytes())
	return hex.EncodeToString(sum[:])
}

// jsonFault is what is wrong with JSON, without what it holds.
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

// ordered holds lists to what review.Diff relies on: names once, tables sorted.
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
	for i, w := range d.Waivers {
		if slices.ContainsFunc(d.Waivers[:i], w.Same) {
			return fmt.Errorf("decisions: %s on %s is waived twice", w.Finding, w.On)
		}
	}
	return nil
}

// Same says that both waive the same finding.
func (w DecidedWaiver) Same(v DecidedWaiver) bool { return w.Finding == v.Finding && w.On == v.On }

// sameTokens compares two JSON texts but for blanks and the way strings are escaped.
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
