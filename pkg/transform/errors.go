package transform

// ParamError says what is wrong with a rule: the parameter (a Params key, "treat", "as", "subject", or a
// JSON path) and a sentence with the next step. It is about the rule and the schema, never about a value.
type ParamError struct {
	Param string
	Text  string
}

func (e *ParamError) Error() string { return e.Param + ": " + e.Text }

// Error is why a value could not be treated. It is a constant: it stops the refresh and never holds the value.
type Error struct {
	Code string // stable, kebab-case
	Text string
}

func (e *Error) Error() string { return e.Text }

// fault is a runtime error as a constant; err gives it its sentence.
type fault int

const (
	faultRange fault = iota
	faultNotInteger
	faultDate
	faultArray
	faultJSON
	faultJSONDepth
	faultJSONText
)

func (f fault) err() error {
	switch f {
	case faultRange:
		return &Error{"out-of-range", "the value lies outside the treatment's range; widen range, which changes every result of the domain"}
	case faultNotInteger:
		return &Error{"not-an-integer", "the value is not a whole number; token permutes whole numbers only, use another treatment"}
	case faultDate:
		return &Error{"not-a-date", "the value does not read as a date or timestamp in ISO form"}
	case faultArray:
		return &Error{"bad-array", "the value does not read as an array"}
	case faultJSON:
		return &Error{"bad-json", "the value does not read as JSON"}
	case faultJSONDepth:
		return &Error{"deep-json", "the document is nested too deeply"}
	case faultJSONText:
		return &Error{"bad-json-text", "a string of the document holds \\u0000, a lone surrogate or invalid UTF-8, which no text of PostgreSQL can hold; treat the whole column instead"}
	}
	return &Error{"unknown", "the value could not be treated"}
}
