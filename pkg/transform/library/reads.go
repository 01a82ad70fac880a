package library

import (
	"fmt"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
)

// Reads lists the columns that a use reads: first the columns of its treatment, then the columns of its condition. The
// plan sets u.Reads to one Read for each of these columns, in this order. Nested uses (Else, Paths) need calls of their
// own.
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

// resolved checks that the plan has resolved every wanted column in u.Reads. It also checks the treatments of these
// columns.
func resolved(u transform.Use, wanted []transform.Wanted) error {
	if len(wanted) != len(u.Reads) {
		return &transform.ParamError{Param: "treat", Text: fmt.Sprintf("%s reads %d other columns, but the plan resolved %d; build the plan again", u.Treatment, len(wanted), len(u.Reads))}
	}
	for i, w := range wanted {
		r := u.Reads[i]
		if r.Name != w.Name || (r.Use != nil) != w.Treated {
			return &transform.ParamError{Param: w.Param, Text: "the plan did not resolve column " + w.Name + "; build the plan again"}
		}
		if r.Use == nil {
			continue
		}
		if _, err := prepare(r.Column(), *r.Use); err != nil {
			return &transform.ParamError{Param: w.Param, Text: "column " + w.Name + ": " + err.Error()}
		}
	}
	return nil
}
