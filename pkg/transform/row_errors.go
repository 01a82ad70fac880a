package transform

// formulaFault is a runtime error of a condition or an expression as a constant.
type formulaFault int

const (
	faultCondition formulaFault = iota
	faultFormulaNumber
	faultFormulaDate
	faultArithmetic
)

func (f formulaFault) err() error {
	switch f {
	case faultCondition:
		return &Error{"condition-unknown", "the condition is neither true nor false, because a column it compares is NULL; say what holds then, with == nil or ??"}
	case faultFormulaNumber:
		return &Error{"not-a-number", "a column of the rule's formula holds NaN, an infinity, or what does not read as a number"}
	case faultFormulaDate:
		return &Error{"not-an-ordinary-date", "a column of the rule's formula holds a date before Christ or after the year 9999, whose text does not sort"}
	}
	return &Error{"arithmetic", "the rule's formula divides by zero, or its result is too large"}
}
