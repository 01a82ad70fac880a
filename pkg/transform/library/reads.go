package library

import (
	"fmt"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
)

// Reads lists the columns a use looks at: those of its treatment, then those of its condition. The plan
// puts one Read into u.Reads for each, in this order. Nested uses (Else, Paths) are asked for themselves.
func Reads(u transform.Use) ([]transform.Wanted, error) {
	own, condition, err := reads(u)
	return append(own, condition...), err
}

func reads(u transform.Use) (own, condition []transform.Wanted, err error) {
	if spec, ok := find(u.Treatment); ok && spec.Reads != nil {
		if own, err = spec.Reads(u); err != nil {
			return nil, nil, err
		}
	}
	if u.When != "" {
		condition, err = formula.ConditionReads(u.When)
	}
	return own, condition, err
}

// resolved checks that the plan has put every wanted column into u.Reads, and that what each becomes can be made.
func resolved(u transform.Use, wanted []transform.Wanted) error {
	if len(wanted) != len(u.Reads) {
		return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s looks at %d other columns, %d of them are resolved", u.Treatment, len(wanted), len(u.Reads))}
	}
	for i, w := range wanted {
		r := u.Reads[i]
		if r.Name != w.Name || (r.Use != nil) != w.Treated {
			return &transform.ParamError{Param: w.Param, Text: "the column " + w.Name + " is not resolved"}
		}
		if r.Use == nil {
			continue
		}
		if _, err := prepare(r.Column(), *r.Use); err != nil {
			return &transform.ParamError{Param: w.Param, Text: "the column " + w.Name + ": " + err.Error()}
		}
	}
	return nil
}
