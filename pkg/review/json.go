package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/plan"
)

// WriteFindingsJSON writes findings as JSON.
func WriteFindingsJSON(w io.Writer, fs []Finding) error {
	type waiver struct {
		Owner string `json:"owner"`
		Why   string `json:"why"`
		Until string `json:"until"`
	}
	type finding struct {
		Code   string  `json:"code"`
		Level  Level   `json:"level"`
		On     string  `json:"on,omitempty"` // schema.table or schema.table.column
		Text   string  `json:"text"`
		Flow   string  `json:"flow,omitempty"`
		File   string  `json:"file,omitempty"` // path of the file as masker names it
		Line   int     `json:"line,omitempty"`
		Column int     `json:"column,omitempty"`
		Waiver *waiver `json:"waived,omitempty"`
	}
	list := []finding{}
	for _, f := range fs {
		r := finding{f.Code, f.Level, f.On(), visible.Text(f.Text), f.Flow, f.At.File, f.At.Line, f.At.Col, nil}
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

// WriteComparisonJSON writes differences as JSON.
func WriteComparisonJSON(w io.Writer, c Comparison) error { return writeJSON(w, c) }

// planWithDigest is the JSON form of a plan.
type planWithDigest struct {
	Digest string `json:"digest"`
	*plan.Plan
}

// WritePlanJSON writes a plan as JSON. ParsePlan reads it.
func WritePlanJSON(w io.Writer, p *plan.Plan) error {
	return writeJSON(w, planWithDigest{p.Digest(), p})
}

// ParsePlan reads decisions from a file. The file holds either the decisions that an approval signs, or a plan that
// WritePlanJSON wrote. In the file of a plan, the digest must match the plan. It does not match if somebody changed the
// file, or if another version of masker wrote it.
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
	var whole planWithDigest
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&whole); err != nil || dec.More() || whole.Plan == nil {
		return plan.Decisions{}, fmt.Errorf("%s is no plan as masker plan --format json prints it", name)
	}
	d := whole.Plan.Decisions()
	if d.Digest() != *head.Digest {
		return plan.Decisions{}, fmt.Errorf("%s: the digest does not match the plan; the file was changed, or another version of masker made it: make it again", name)
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
