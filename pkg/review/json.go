package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/plan"
)

// WriteFindingsJSON writes findings for programs.
func WriteFindingsJSON(w io.Writer, fs []Finding) error {
	type waiver struct {
		Owner string `json:"owner"`
		Why   string `json:"why"`
		Until string `json:"until"`
	}
	type finding struct {
		Code   string  `json:"code"`
		Level  Level   `json:"level"`
		Text   string  `json:"text"`
		Flow   string  `json:"flow,omitempty"`
		File   string  `json:"file,omitempty"` // as masker names it
		Line   int     `json:"line,omitempty"`
		Column int     `json:"column,omitempty"`
		Waiver *waiver `json:"waived,omitempty"`
	}
	list := []finding{}
	for _, f := range fs {
		r := finding{f.Code, f.Level, visible.Text(f.Text), f.Flow, f.At.File, f.At.Line, f.At.Col, nil}
		if by := f.Waiver; by != nil {
			r.Waiver = &waiver{by.Owner, by.Why, by.Until}
		}
		list = append(list, r)
	}
	return writeJSON(w, struct {
		InOrder  bool      `json:"in_order"`
		Findings []finding `json:"findings"`
	}{!Refuses(fs), list})
}

// WriteComparisonJSON writes differences for programs.
func WriteComparisonJSON(w io.Writer, c Comparison) error { return writeJSON(w, c) }

// digested is a plan as JSON, beside its digest.
type digested struct {
	Digest string `json:"digest"`
	*plan.Plan
}

// WritePlanJSON writes a plan for programs, and for ParsePlan.
func WritePlanJSON(w io.Writer, p *plan.Plan) error { return writeJSON(w, digested{p.Digest(), p}) }

// ParsePlan reads the decisions of a file, which holds them as they are approved, or a plan as
// WritePlanJSON writes it. The digest beside a plan says whether it means today what it meant when it was made.
func ParsePlan(name string, data []byte) (plan.Decisions, error) {
	var head struct {
		Digest *string `json:"digest"`
	}
	if err := json.Unmarshal(data, &head); err != nil || head.Digest == nil {
		d, err := plan.ParseDecisions(data)
		if err != nil {
			return plan.Decisions{}, fmt.Errorf("%s: %w", name, err)
		}
		return d, nil
	}
	var whole digested
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&whole); err != nil || dec.More() || whole.Plan == nil {
		return plan.Decisions{}, fmt.Errorf("%s is no plan as masker plan --format json prints it", name)
	}
	d := whole.Plan.Decisions()
	if d.Digest() != *head.Digest {
		return plan.Decisions{}, fmt.Errorf("%s: its digest is not that of what it says; it was changed, or made by another version of masker: make it again", name)
	}
	return d, nil
}

func writeJSON(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(visible.JSON(data), '\n'))
	return err
}
