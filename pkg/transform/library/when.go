package library

import (
	"slices"
	"strconv"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/formula"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// prepareWhen prepares a use with a condition on the source row. The Needs of the Blueprint are the Needs of the
// condition, then the Needs of the use, then the Needs of its Else.
func prepareWhen(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	own, condition, err := reads(u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	if u.Else == nil {
		return treatment.Blueprint{}, &transform.ParamError{Param: "when", Text: "needs else: the treatment of rows where the condition does not hold"}
	}
	wanted := transform.Use{Treatment: "when", Reads: u.Reads[min(len(own), len(u.Reads)):]}
	if err := resolved(wanted, condition); err != nil {
		return treatment.Blueprint{}, err
	}
	if err := formula.CheckCondition(u.When, wanted.Reads); err != nil {
		return treatment.Blueprint{}, err
	}
	inner := u
	inner.When, inner.Else, inner.Reads = "", nil, u.Reads[:len(own)]
	then, err := prepare(c, inner)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	other, err := prepare(c, *u.Else)
	if err != nil {
		return treatment.Blueprint{}, prefixParam(transform.ElseParam, err)
	}
	needs := [][]string{treatment.Needs(planner{}, wanted), then.Traits.Needs, other.Traits.Needs}
	traits := commonTraits(u, then.Traits, other.Traits)
	traits.Discloses = treatment.Worse(traits.Discloses, conditionDiscloses(u))
	traits.Needs = slices.Concat(needs...)
	return treatment.Blueprint{Traits: traits, Build: func(k transform.Keys) transform.Transform {
		return &conditional{
			condition: formula.NewCondition(u.When, wanted.Reads, treatment.NewReading(planner{}, wanted, k)),
			then:      then.Build(k), other: other.Build(k),
			thenRow: treatment.NewView(len(needs[0])), otherRow: treatment.NewView(len(needs[0]) + len(needs[1])),
		}
	}}, nil
}

// prefixParam adds a prefix to the Param of a nested use's error.
func prefixParam(prefix string, err error) error {
	if pe, ok := err.(*transform.ParamError); ok {
		return &transform.ParamError{Param: prefix + pe.Param, Text: pe.Text}
	}
	return err
}

// commonTraits returns the traits of a column in which some values are treated by a use and the others by the use's
// Else.
func commonTraits(u transform.Use, then, other transform.Traits) transform.Traits {
	t := transform.Traits{Space: min(then.Space, other.Space), Discloses: treatment.Worse(then.Discloses, other.Discloses), Shape: then.Shape}
	if then.Shape != other.Shape {
		t.Shape = strconv.Quote(then.Shape) + " or " + strconv.Quote(other.Shape)
	}
	if t.Special = then.Special; t.Special == "" || other.Special == "keep" {
		t.Special = other.Special // the plan shows keep if one of the two treatments has it
	}
	switch { // NULLs are equal only in a key with NULLS NOT DISTINCT, and the plan checks such keys
	case u.Treatment == "null":
		t.Unique = other.Unique
	case u.Else.Treatment == "null" && u.Else.When == "":
		t.Unique = then.Unique
	}
	return t
}

// conditional is a use with a condition. NULL stays NULL in both cases.
type conditional struct {
	condition         *formula.Condition
	then, other       transform.Transform
	thenRow, otherRow *treatment.View
}

func (t *conditional) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	holds, err := t.condition.Holds(row)
	if err != nil {
		return dst, false, err
	}
	if holds {
		return t.then.Append(dst, in, t.thenRow.Of(row))
	}
	return t.other.Append(dst, in, t.otherRow.Of(row))
}
