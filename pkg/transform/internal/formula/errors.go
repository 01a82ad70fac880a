package formula

import "github.com/masker-project/masker/pkg/transform"

// formulaFault is a runtime error of a condition or an expression, as a constant.
type formulaFault int

const (
	faultCondition formulaFault = iota
	faultFormulaNumber
	faultArithmetic
)

func (f formulaFault) err() error {
	switch f {
	case faultCondition:
		return &transform.Error{Code: "condition-unknown", Text: "the condition is neither true nor false, because it compares a column that is NULL; handle NULL with == nil or ??"}
	case faultFormulaNumber:
		return &transform.Error{Code: "not-a-number", Text: "a column of the rule's formula holds a value that is not a number"}
	}
	return &transform.Error{Code: "arithmetic", Text: "the rule's formula divides by zero, or its result is too large"}
}
